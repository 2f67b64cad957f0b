-- name: APIKeyCreate :exec
INSERT INTO api_keys (id, user_id, name, prefix, key_hash, scopes, created_at, expires_at)
VALUES (@id, @user_id, @name, @prefix, @key_hash, @scopes, @now, sqlc.narg('expires_at'));

-- name: APIKeyCount :one
-- How many of somebody's keys work.
SELECT count(*)
FROM api_keys
WHERE user_id = @user_id
  AND revoked_at IS NULL
  AND (expires_at IS NULL OR expires_at > @now::timestamptz);

-- name: APIKeyList :many
-- One page of all there are and were, the newest first, before the given position.
SELECT id, user_id, name, prefix, scopes, created_at, expires_at, last_used_at, revoked_at
FROM api_keys
WHERE (created_at, id) < (@before_time::timestamptz, @before_id::uuid)
ORDER BY created_at DESC, id DESC
LIMIT @page_limit;

-- name: APIKeyUser :one
-- In whose name a key asks, while it works and they work for the shop. What they may do is what is left of its scopes.
SELECT k.id, k.scopes, k.last_used_at, u.id AS user_id, u.role, u.permissions
FROM api_keys k
JOIN users u ON u.id = k.user_id
WHERE k.key_hash = @key_hash
  AND k.revoked_at IS NULL
  AND (k.expires_at IS NULL OR k.expires_at > @now::timestamptz)
  AND u.is_active
  AND u.role <> 'customer';

-- name: APIKeyUserByID :one
-- The same of a key that has shown itself before.
SELECT k.id, k.scopes, k.last_used_at, u.id AS user_id, u.role, u.permissions
FROM api_keys k
JOIN users u ON u.id = k.user_id
WHERE k.id = @id
  AND k.revoked_at IS NULL
  AND (k.expires_at IS NULL OR k.expires_at > @now::timestamptz)
  AND u.is_active
  AND u.role <> 'customer';

-- name: APIKeyTouch :exec
-- Of many at once, and within the time given, one alone writes.
UPDATE api_keys
SET last_used_at = @now::timestamptz
WHERE id = @id
  AND (last_used_at IS NULL OR last_used_at <= @before::timestamptz);

-- name: APIKeyRevoke :execrows
UPDATE api_keys
SET revoked_at = @now::timestamptz
WHERE id = @id
  AND revoked_at IS NULL;

-- name: APIKeyRevokeByUser :exec
UPDATE api_keys
SET revoked_at = @now::timestamptz
WHERE user_id = @user_id
  AND revoked_at IS NULL;
