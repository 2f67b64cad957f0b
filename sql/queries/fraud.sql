-- name: TryLock :exec
-- Takes turns with whoever tries by the same address, e-mail address, session or payment method, until the
-- transaction ends. The keys come sorted, so that no two wait for each other.
SELECT pg_advisory_xact_lock(key)
FROM unnest(@keys::bigint[]) AS key;

-- name: TryCount :one
-- What others than this try count for it. Of an address, what succeeded does not count, nor do a session's cards that
-- did. A card is known by its fingerprint once the provider told it, until then by the method's name; whether the try's
-- own counts is asked for.
WITH card AS (
    SELECT coalesce(
        sqlc.narg('fingerprint_hash')::bytea,
        (SELECT k.fingerprint_hash
        FROM payment_tries k
        WHERE k.method_id = sqlc.narg('method_id')::text
          AND k.fingerprint_hash IS NOT NULL
        LIMIT 1)) AS fingerprint_hash
), near AS (
    SELECT
        t.outcome,
        t.email_hash,
        coalesce(encode(t.fingerprint_hash, 'hex'), t.method_id) AS card,
        t.outcome = 'DECLINED' OR (t.outcome = 'OPEN' AND @open_counts::boolean) AS failed,
        t.address_hash = sqlc.narg('address_hash')::bytea AND t.outcome <> 'SUCCEEDED' AS by_address,
        t.email_hash = @email_hash::bytea AS by_email,
        t.session_id = @session_id::uuid AS by_session,
        t.fingerprint_hash = (SELECT fingerprint_hash FROM card)
            OR t.method_id = sqlc.narg('method_id')::text AS by_card
    FROM payment_tries t
    WHERE t.created_at > @since
      AND t.id <> @id
      AND ((t.address_hash = sqlc.narg('address_hash')::bytea AND t.outcome <> 'SUCCEEDED')
        OR t.email_hash = @email_hash::bytea
        OR t.session_id = @session_id::uuid
        OR t.fingerprint_hash = (SELECT fingerprint_hash FROM card)
        OR t.method_id = sqlc.narg('method_id')::text)
), own AS (
    SELECT CASE
        WHEN @own_counts::boolean THEN ''
        ELSE coalesce(encode(fingerprint_hash, 'hex'), sqlc.narg('method_id')::text, '')
    END AS card
    FROM card
)
SELECT
    count(*) FILTER (WHERE by_address AND failed) AS declines_per_address,
    count(*) FILTER (WHERE by_email AND failed) AS declines_per_email,
    count(*) FILTER (WHERE by_session AND failed) AS declines_per_session,
    count(*) FILTER (WHERE by_card AND failed) AS declines_per_card,
    count(DISTINCT card) FILTER (WHERE by_address AND card <> (SELECT card FROM own)) AS cards_per_address,
    count(DISTINCT card) FILTER (WHERE by_email AND card <> (SELECT card FROM own)) AS cards_per_email,
    count(DISTINCT card) FILTER (WHERE by_session AND outcome <> 'SUCCEEDED' AND card <> (SELECT card FROM own)) AS cards_per_session,
    count(DISTINCT email_hash) FILTER (WHERE by_card AND email_hash <> @email_hash::bytea) AS emails_per_card,
    count(*) FILTER (WHERE by_address AND outcome = 'ASKED') AS intents_per_address
FROM near;

-- name: TryCreate :exec
-- Whoever asks for the same client secret again tries once.
INSERT INTO payment_tries (id, payment_id, session_id, address_hash, email_hash, method_id, outcome, created_at)
VALUES (@id, @payment_id, @session_id, @address_hash, @email_hash, @method_id, @outcome, @now)
ON CONFLICT (id) DO UPDATE
SET address_hash = excluded.address_hash, email_hash = excluded.email_hash, created_at = excluded.created_at;

-- name: TryListByPayment :many
SELECT *
FROM payment_tries
WHERE payment_id = @payment_id
ORDER BY created_at, id;

-- name: TrySettle :exec
UPDATE payment_tries
SET outcome = @outcome,
    charge_id = coalesce(sqlc.narg('charge_id')::text, charge_id),
    fingerprint_hash = coalesce(sqlc.narg('fingerprint_hash')::bytea, fingerprint_hash)
WHERE id = @id;

-- name: TryAdd :exec
-- A try that was made past the shop, told of by the provider.
INSERT INTO payment_tries (
    id, payment_id, session_id, address_hash, email_hash, method_id, fingerprint_hash, charge_id, outcome, created_at)
VALUES (
    @id, @payment_id, @session_id, @address_hash, @email_hash, @method_id, @fingerprint_hash, @charge_id, @outcome, @now)
ON CONFLICT (payment_id, charge_id) DO NOTHING;

-- name: TrySucceedAsked :exec
UPDATE payment_tries
SET outcome = 'SUCCEEDED'
WHERE payment_id = @payment_id
  AND outcome = 'ASKED';

-- name: TryDeleteUnended :exec
-- Nothing came of them.
DELETE FROM payment_tries
WHERE id = ANY(@ids::uuid[])
  AND outcome IN ('ASKED', 'OPEN');

-- name: TryDeleteOlder :execrows
DELETE FROM payment_tries
WHERE created_at < @before;

-- name: TryShare :one
-- How many tries of the whole shop came to an end, and how many of them were declined.
SELECT
    count(*) AS ended,
    count(*) FILTER (WHERE outcome = 'DECLINED') AS declined
FROM payment_tries
WHERE created_at > @since
  AND outcome IN ('DECLINED', 'SUCCEEDED');
