-- name: UserCreate :one
-- An account whose address counts as proven. One that was registered with the address and never verified gives way.
-- Answers no row when the address has any other account.
INSERT INTO users (
    id, email, password_hash, role, permissions, first_name, last_name, email_verified, created_at, updated_at)
VALUES (@id, @email, @password_hash, @role, @permissions, '', '', true, @now, @now)
ON CONFLICT (email_key) DO UPDATE
    SET email = excluded.email,
        password_hash = excluded.password_hash,
        role = excluded.role,
        permissions = excluded.permissions,
        first_name = '',
        last_name = '',
        is_active = true,
        email_verified = true,
        created_at = excluded.created_at,
        updated_at = excluded.updated_at
    WHERE users.role = 'customer'
      AND NOT users.email_verified
RETURNING id;

-- name: UserGetByEmail :one
SELECT id, email, password_hash, role, is_active, email_verified
FROM users
WHERE email_key = @email_key;

-- name: UserGet :one
SELECT id, email, password_hash, role, is_active, email_verified
FROM users
WHERE id = @id;

-- name: UserGetForShare :one
-- Keeps the password as it was compared until a session stands on it.
SELECT id, role, password_hash, is_active
FROM users
WHERE id = @id
FOR SHARE;

-- name: UserRegister :one
-- The account of an address that has none, or none that was ever verified: such a one is taken over by whoever registers
-- last. Answers no row when the address has a verified account.
INSERT INTO users (
    id, email, password_hash, role, first_name, last_name, email_verified, created_at, updated_at)
VALUES (@id, @email, @password_hash, 'customer', @first_name, @last_name, false, @now, @now)
ON CONFLICT (email_key) DO UPDATE
    SET email = excluded.email,
        password_hash = excluded.password_hash,
        first_name = excluded.first_name,
        last_name = excluded.last_name,
        updated_at = excluded.updated_at
    WHERE users.role = 'customer'
      AND NOT users.email_verified
      AND users.is_active
RETURNING id;

-- name: UserVerify :execrows
-- Verifies the address of an account whose password is still the one that was compared.
UPDATE users
SET email_verified = true,
    updated_at = @now
WHERE id = @id
  AND password_hash = @password_hash
  AND is_active;

-- name: UserSetPassword :execrows
-- Changes the password that was compared, and no other.
UPDATE users
SET password_hash = @password_hash,
    updated_at = @now
WHERE id = @id
  AND password_hash = @old_hash
  AND is_active;

-- name: UserResetPassword :one
-- Whoever got the letter has the address, while it is still the account's.
UPDATE users
SET password_hash = @password_hash,
    email_verified = true,
    updated_at = @now
WHERE id = @id
  AND email_key = @email_key
  AND is_active
RETURNING email;

-- name: UserGetForUpdate :one
SELECT id, email, password_hash, is_active
FROM users
WHERE id = @id
FOR UPDATE;

-- name: UserSetEmail :exec
-- Fails on users_one_per_email when the address is taken.
UPDATE users
SET email = @email,
    email_verified = true,
    updated_at = @now
WHERE id = @id;

-- name: UserDelete :exec
-- Sessions, refresh tokens, letters and addresses go with it.
DELETE FROM users
WHERE id = @id;

-- name: UserDeleteUnverified :execrows
-- Forgets who registered and never verified their address.
DELETE FROM users
WHERE role = 'customer'
  AND NOT email_verified
  AND updated_at < @before;

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
  AND used_at IS NULL
  AND revoked_at IS NULL;

-- name: SessionCreate :exec
INSERT INTO sessions (id, user_id, device, network, created_at, last_used_at, expires_at)
VALUES (@id, @user_id, @device, @network, @now, @now, @expires_at);

-- name: SessionExtend :execrows
-- Waits for whoever is ending the session, and then does nothing. No session lasts beyond the end that counts from when
-- it was signed in.
UPDATE sessions
SET last_used_at = sqlc.arg('now')::timestamptz,
    expires_at = least(sqlc.arg('expires_at')::timestamptz, created_at + (sqlc.arg('now')::timestamptz - sqlc.arg('opened_after')::timestamptz))
WHERE id = sqlc.arg('id')
  AND ended_at IS NULL
  AND created_at > sqlc.arg('opened_after')::timestamptz;

-- name: SessionEnd :exec
UPDATE sessions
SET ended_at = @now::timestamptz
WHERE id = @id
  AND ended_at IS NULL;

-- name: SessionUser :one
-- Whose session it is, while it lasts and its user may sign in; without_factor is asked of those who work for the shop.
SELECT
    u.id, u.role, u.permissions,
    (u.role <> 'customer' AND NOT EXISTS (
        SELECT FROM second_factors f
        WHERE f.user_id = u.id
          AND f.confirmed_at IS NOT NULL
    ))::boolean AS without_factor
FROM sessions s
JOIN users u ON u.id = s.user_id
WHERE s.id = @id
  AND s.ended_at IS NULL
  AND s.expires_at > @now
  AND u.is_active;

-- name: SessionOpenedAt :one
-- When somebody signed in.
SELECT created_at
FROM sessions
WHERE id = @id
  AND user_id = @user_id;

-- name: SessionListByUser :many
-- The sessions that last, those used last first.
SELECT id, device, network, created_at, last_used_at, expires_at
FROM sessions
WHERE user_id = @user_id
  AND ended_at IS NULL
  AND expires_at > @now
ORDER BY last_used_at DESC, id DESC
LIMIT @page_limit;

-- name: SessionEndOfUser :execrows
UPDATE sessions
SET ended_at = @now::timestamptz
WHERE id = @id
  AND user_id = @user_id
  AND ended_at IS NULL;

-- name: SessionEndAll :exec
-- All of a user's but one; the nil id spares none.
UPDATE sessions
SET ended_at = @now::timestamptz
WHERE user_id = @user_id
  AND id <> @spared
  AND ended_at IS NULL;

-- name: RefreshTokenRevokeAll :exec
-- All of a user's that could still be used, but those of one session.
UPDATE refresh_tokens
SET revoked_at = @now::timestamptz
WHERE user_id = @user_id
  AND family_id <> @spared
  AND used_at IS NULL
  AND revoked_at IS NULL;

-- name: SessionDeleteOlder :execrows
-- Forgets some sessions that have been over since then. Refresh tokens go with their session.
DELETE FROM sessions
WHERE id IN (
    SELECT s.id
    FROM sessions s
    WHERE s.expires_at < @before
       OR s.ended_at < @before
    LIMIT @at_once
);

-- name: RefreshTokenDeleteExpired :execrows
-- Forgets some tokens that are worth nothing any more, used or not.
DELETE FROM refresh_tokens
WHERE id IN (
    SELECT t.id
    FROM refresh_tokens t
    WHERE t.expires_at < @now
    LIMIT @at_once
);

-- name: RefreshTokenSession :one
-- Which session a token is of, whatever it is worth.
SELECT family_id
FROM refresh_tokens
WHERE token_hash = @token_hash;

-- name: KnownNetworkNote :exec
INSERT INTO known_networks (user_id, network_hash, seen_at)
VALUES (@user_id, @network_hash, @now)
ON CONFLICT (user_id, network_hash) DO UPDATE
    SET seen_at = excluded.seen_at;

-- name: KnownNetworkHas :one
-- Whether an account's owner was seen in a network since then. It has a hash for each key that is in use.
SELECT EXISTS (
    SELECT
    FROM users u
    JOIN known_networks n ON n.user_id = u.id
    WHERE u.email_key = @email_key
      AND n.network_hash = ANY(@hashes::bytea[])
      AND n.seen_at > @since
);

-- name: KnownNetworkDeleteOlder :execrows
DELETE FROM known_networks
WHERE (user_id, network_hash) IN (
    SELECT n.user_id, n.network_hash
    FROM known_networks n
    WHERE n.seen_at <= @before
    LIMIT @at_once
);

-- name: LetterCreate :exec
INSERT INTO letters (id, purpose, email, user_id, created_at, expires_at)
VALUES (@id, @purpose, @email, @user_id, @now, @expires_at);

-- name: LetterGetForUpdate :one
SELECT id, purpose, email, user_id, expires_at
FROM letters
WHERE id = @id
FOR UPDATE;

-- name: LetterSetToken :exec
UPDATE letters
SET token_hash = @token_hash,
    user_id = @user_id
WHERE id = @id;

-- name: LetterGetByToken :one
SELECT id, user_id, email
FROM letters
WHERE token_hash = @token_hash
  AND purpose = @purpose
  AND expires_at > @now;

-- name: LetterUse :one
-- A link is used by taking its letter away, which of many at once one alone can do.
DELETE FROM letters
WHERE token_hash = @token_hash
  AND purpose = @purpose
  AND expires_at > @now
RETURNING user_id, email;

-- name: LetterDelete :exec
DELETE FROM letters
WHERE id = @id;

-- name: LetterDeleteByUser :exec
-- Those of one purpose, or of all.
DELETE FROM letters
WHERE user_id = @user_id
  AND (sqlc.narg('purpose')::text IS NULL OR purpose = sqlc.narg('purpose')::text);

-- name: LetterDeleteExpired :execrows
DELETE FROM letters
WHERE expires_at <= @now;

-- name: LetterDeleteByEmail :exec
DELETE FROM letters
WHERE email_key = @email_key;
