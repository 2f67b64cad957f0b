-- name: StaffLock :exec
-- Who changes the staff waits for whoever else does, until the transaction ends. So nobody acts on a right that
-- another is just taking away: two admins cannot remove each other.
SELECT pg_advisory_xact_lock(hashtextextended('staff', 0));

-- name: StaffList :many
-- One page of those who work for the shop or did, who joined last first, before the given position.
SELECT id, email, first_name, last_name, role, permissions, is_active, created_at, updated_at
FROM users
WHERE role <> 'customer'
  AND (created_at, id) < (@before_time::timestamptz, @before_id::uuid)
ORDER BY created_at DESC, id DESC
LIMIT @page_limit;

-- name: StaffGet :one
SELECT id, email, first_name, last_name, role, permissions, is_active, created_at, updated_at
FROM users
WHERE id = @id
  AND role <> 'customer';

-- name: StaffGetForUpdate :one
-- Also keeps sessions from being opened until what is changed stands.
SELECT id, email, first_name, last_name, role, permissions, is_active, created_at, updated_at
FROM users
WHERE id = @id
  AND role <> 'customer'
FOR UPDATE;

-- name: StaffUpdate :exec
UPDATE users
SET role = @role,
    permissions = @permissions,
    is_active = @is_active,
    updated_at = @now
WHERE id = @id;

-- name: UserEmploy :one
-- Whoever proved to have the address works for the shop: with a new account, or with the one they have as a customer.
-- One that was registered and never verified is not theirs and gives way. Answers no row when the address is that of
-- staff or of somebody deactivated.
INSERT INTO users (
    id, email, password_hash, role, permissions, first_name, last_name, email_verified, created_at, updated_at)
VALUES (@id, @email, @password_hash, @role, @permissions, @first_name, @last_name, true, @now, @now)
ON CONFLICT (email_key) DO UPDATE
    SET password_hash = excluded.password_hash,
        role = excluded.role,
        permissions = excluded.permissions,
        first_name = excluded.first_name,
        last_name = excluded.last_name,
        email_verified = true,
        updated_at = excluded.updated_at
    WHERE users.role = 'customer'
      AND users.is_active
RETURNING id;

-- name: UserDeleteUnverifiedByEmail :exec
-- Who registered with an address and never proved to have it does not hold it against who has.
DELETE FROM users
WHERE email_key = @email_key
  AND role = 'customer'
  AND NOT email_verified;

-- name: InvitationCreate :exec
INSERT INTO invitations (id, email, role, permissions, invited_by, created_at, expires_at)
VALUES (@id, @email, @role, @permissions, @invited_by, @now, @expires_at);

-- name: InvitationLetterCreate :exec
INSERT INTO letters (id, purpose, email, invitation_id, created_at, expires_at)
VALUES (@id, @purpose, @email, @invitation_id::uuid, @now, @expires_at);

-- name: InvitationCount :one
SELECT count(*)
FROM invitations
WHERE expires_at > @now;

-- name: InvitationList :many
-- Those that can still be accepted, the newest first.
SELECT id, email, role, permissions, invited_by, created_at, expires_at
FROM invitations
WHERE expires_at > @now
ORDER BY created_at DESC, id DESC
LIMIT @page_limit;

-- name: InvitationGetByToken :one
SELECT i.email
FROM invitations i
JOIN letters l ON l.invitation_id = i.id
WHERE l.token_hash = @token_hash
  AND i.expires_at > @now;

-- name: InvitationUse :one
-- An invitation is used by taking it away, which of many at once one alone can do, and only while who sent it may
-- still invite.
DELETE FROM invitations i
USING letters l, users u
WHERE l.invitation_id = i.id
  AND l.token_hash = @token_hash
  AND i.expires_at > @now
  AND u.id = i.invited_by
  AND u.role = 'admin'
  AND u.is_active
RETURNING i.email, i.role, i.permissions;

-- name: InvitationDelete :execrows
DELETE FROM invitations
WHERE id = @id
  AND expires_at > @now;

-- name: InvitationDeleteByEmail :exec
DELETE FROM invitations
WHERE email_key = @email_key;

-- name: InvitationDeleteByInviter :exec
DELETE FROM invitations
WHERE invited_by = @invited_by;

-- name: InvitationDeleteExpired :execrows
DELETE FROM invitations
WHERE expires_at <= @now;
