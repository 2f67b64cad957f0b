-- name: UserCreate :exec
-- Fails on users_one_per_email when the address is taken in any letter case.
INSERT INTO users (
    id, email, password_hash, role, permissions, first_name, last_name, email_verified, created_at, updated_at)
VALUES (@id, @email, @password_hash, @role, @permissions, @first_name, @last_name, @email_verified, @now, @now);

-- name: UserGetByEmail :one
SELECT id, email, password_hash, role, is_active
FROM users
WHERE lower(email) = lower(@email);

-- name: UserGet :one
SELECT id, email, password_hash, role, is_active
FROM users
WHERE id = @id;

-- name: RefreshTokenCreate :exec
INSERT INTO refresh_tokens (id, user_id, family_id, token_hash, created_at, expires_at)
VALUES (@id, @user_id, @family_id, @token_hash, @now, @expires_at);

-- name: RefreshTokenGetForUpdate :one
-- Locks the token, so that of two uses at once one sees the other's.
SELECT id, user_id, family_id, expires_at, used_at, revoked_at
FROM refresh_tokens
WHERE token_hash = @token_hash
FOR UPDATE;

-- name: RefreshTokenMarkUsed :exec
UPDATE refresh_tokens
SET used_at = @now::timestamptz
WHERE id = @id;

-- name: RefreshFamilyRevoke :exec
UPDATE refresh_tokens
SET revoked_at = @now::timestamptz
WHERE family_id = @family_id
  AND revoked_at IS NULL;

-- name: SessionCreate :exec
INSERT INTO sessions (id, user_id, created_at, last_used_at, expires_at)
VALUES (@id, @user_id, @now, @now, @expires_at);

-- name: SessionExtend :exec
UPDATE sessions
SET last_used_at = @now,
    expires_at = @expires_at
WHERE id = @id;

-- name: SessionEnd :exec
UPDATE sessions
SET ended_at = @now::timestamptz
WHERE id = @id
  AND ended_at IS NULL;

-- name: SessionUser :one
-- Whose session it is, while it lasts and its user may sign in.
SELECT u.id, u.role, u.permissions
FROM sessions s
JOIN users u ON u.id = s.user_id
WHERE s.id = @id
  AND s.ended_at IS NULL
  AND s.expires_at > @now
  AND u.is_active;
