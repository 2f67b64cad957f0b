-- name: TryLock :exec
-- Takes turns with whoever tries by the same address, e-mail address, session or payment method, until the
-- transaction ends. The keys come sorted, so that no two wait for each other.
SELECT pg_advisory_xact_lock(key)
FROM unnest(@keys::bigint[]) AS key;

-- name: TryCount :one
-- What others than this try count for it, whatever the address. Of a session's cards those that succeeded do not count. A
-- card is known by its fingerprint once the provider told it, until then by the method's name; whether the try's own counts
-- is asked for.
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
        t.email_hash = @email_hash::bytea AS by_email,
        t.session_id = @session_id::uuid AS by_session,
        t.fingerprint_hash = (SELECT fingerprint_hash FROM card)
            OR t.method_id = sqlc.narg('method_id')::text AS by_card
    FROM payment_tries t
    WHERE t.created_at > @since
      AND t.id <> @id
      AND (t.email_hash = @email_hash::bytea
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
    (SELECT card FROM own)::text AS own_card,
    count(*) FILTER (WHERE by_email AND failed) AS declines_per_email,
    count(*) FILTER (WHERE by_session AND failed) AS declines_per_session,
    count(*) FILTER (WHERE by_card AND failed) AS declines_per_card,
    count(DISTINCT card) FILTER (WHERE by_email AND card <> (SELECT card FROM own)) AS cards_per_email,
    count(DISTINCT card) FILTER (WHERE by_session AND outcome <> 'SUCCEEDED' AND card <> (SELECT card FROM own)) AS cards_per_session,
    count(DISTINCT email_hash) FILTER (WHERE by_card AND email_hash <> @email_hash::bytea) AS emails_per_card
FROM near;

-- name: TryCountByNetwork :many
-- What others than this try count for it by where it comes from: by the address or /64, level 1, and of IPv6 by the /56
-- and the /48 around it, 2 and 3. Those that succeeded do not count. What is under way is counted apart.
WITH near AS (
    SELECT
        t.outcome,
        nullif(coalesce(encode(t.fingerprint_hash, 'hex'), t.method_id), @own_card::text) AS card,
        CASE
            WHEN t.address_hash = @address_hash::bytea THEN 1
            WHEN t.site_hash = sqlc.narg('site_hash')::bytea THEN 2
            ELSE 3
        END AS distance
    FROM payment_tries t
    WHERE t.created_at > @since
      AND t.id <> @id
      AND t.outcome <> 'SUCCEEDED'
      AND (t.address_hash = @address_hash::bytea
        OR t.block_hash = sqlc.narg('block_hash')::bytea)
)
SELECT
    level.n::integer AS level,
    count(*) FILTER (WHERE outcome = 'DECLINED') AS declined,
    count(*) FILTER (WHERE outcome = 'OPEN') AS under_way,
    count(DISTINCT card) FILTER (WHERE outcome = 'DECLINED') AS cards_declined,
    count(DISTINCT card) AS cards,
    count(*) FILTER (WHERE outcome = 'ASKED') AS asked
FROM generate_series(1, 3) AS level (n)
JOIN near ON near.distance <= level.n
GROUP BY level.n
ORDER BY level.n;

-- name: TryCreate :exec
-- Whoever asks for the same client secret again tries once.
INSERT INTO payment_tries (
    id, payment_id, session_id, address_hash, site_hash, block_hash, email_hash, method_id, outcome, created_at)
VALUES (@id, @payment_id, @session_id, @address_hash, @site_hash, @block_hash, @email_hash, @method_id, @outcome, @now)
ON CONFLICT (id) DO UPDATE
SET address_hash = excluded.address_hash, site_hash = excluded.site_hash, block_hash = excluded.block_hash,
    email_hash = excluded.email_hash, created_at = excluded.created_at;

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
    id, payment_id, session_id, address_hash, site_hash, block_hash, email_hash, method_id, fingerprint_hash, charge_id,
    outcome, created_at)
VALUES (
    @id, @payment_id, @session_id, @address_hash, @site_hash, @block_hash, @email_hash, @method_id, @fingerprint_hash, @charge_id, @outcome, @now)
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
