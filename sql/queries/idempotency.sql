-- name: IdempotencyTryLock :one
-- One transaction at a time may work on a key; the lock goes with the transaction, also in a crash.
SELECT pg_try_advisory_xact_lock(hashtextextended(@scope::text || chr(31) || @key::text, 0)) AS acquired;

-- name: IdempotencyGet :one
SELECT *
FROM idempotency_keys
WHERE scope = @scope
  AND key = @key;

-- name: IdempotencySave :exec
-- Keeps the reply, its body sealed; takes the place of the lock of a staged command.
INSERT INTO idempotency_keys (scope, named, key, request_hash, status, content_type, headers, body, sealed, created_at)
VALUES (@scope, @named, @key, @request_hash, @status, @content_type, @headers, @body, true, @now)
ON CONFLICT (scope, key) DO UPDATE
    SET status = excluded.status,
        content_type = excluded.content_type,
        headers = excluded.headers,
        body = excluded.body,
        sealed = true,
        locked_until = NULL;

-- name: IdempotencyClaim :exec
-- Marks a staged command as running until then; after that a repetition may resume it.
INSERT INTO idempotency_keys (scope, named, key, request_hash, locked_until, created_at)
VALUES (@scope, @named, @key, @request_hash, @locked_until::timestamptz, @now)
ON CONFLICT (scope, key) DO UPDATE
    SET locked_until = excluded.locked_until;

-- name: IdempotencyRelease :exec
-- Forgets a staged command that has no reply worth keeping.
DELETE FROM idempotency_keys
WHERE scope = @scope
  AND key = @key
  AND status IS NULL;

-- name: IdempotencyDeleteOlder :execrows
DELETE FROM idempotency_keys
WHERE created_at < @before;

-- name: IdempotencyDeleteNaming :execrows
-- Forgets the replies to commands whose scope names one of these.
DELETE FROM idempotency_keys
WHERE named && @ids::uuid[];
