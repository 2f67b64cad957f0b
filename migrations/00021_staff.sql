-- +goose Up
-- Who was asked to work for the shop, and as what, until they answer. An invitation that was accepted, revoked or
-- replaced is gone, and its letter with it.
CREATE TABLE invitations (
    id          uuid PRIMARY KEY,
    email       text        NOT NULL,
    role        text        NOT NULL,
    permissions text[]      NOT NULL,
    invited_by  uuid        NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created_at  timestamptz NOT NULL,
    expires_at  timestamptz NOT NULL,
    CONSTRAINT invitations_role_known CHECK (role IN ('staff', 'admin'))
);

CREATE UNIQUE INDEX invitations_one_per_email ON invitations (lower(email));
CREATE INDEX invitations_by_inviter ON invitations (invited_by);

-- The letter of an invitation is to an address which may have no account yet.
ALTER TABLE letters
    ADD COLUMN invitation_id uuid REFERENCES invitations (id) ON DELETE CASCADE,
    DROP CONSTRAINT letters_purpose_known,
    ADD CONSTRAINT letters_purpose_known CHECK (purpose IN
        ('VERIFY_EMAIL', 'ACCOUNT_EXISTS', 'RESET_PASSWORD', 'CHANGE_EMAIL', 'EMAIL_CHANGED', 'STAFF_INVITATION')),
    ADD CONSTRAINT letters_invite_by_invitation CHECK ((purpose = 'STAFF_INVITATION') = (invitation_id IS NOT NULL));

CREATE INDEX letters_by_invitation ON letters (invitation_id) WHERE invitation_id IS NOT NULL;
CREATE INDEX users_of_staff ON users (created_at DESC, id DESC) WHERE role <> 'customer';

-- Cancelling a paid order gives its money back, which is a permission of its own now. Nobody loses what they could do.
UPDATE users
SET permissions = array_append(permissions, 'refunds:write')
WHERE 'orders:write' = ANY (permissions)
  AND NOT 'refunds:write' = ANY (permissions);

-- +goose Down
UPDATE users
SET permissions = array_remove(permissions, 'refunds:write')
WHERE 'refunds:write' = ANY (permissions);
DROP INDEX users_of_staff;
DELETE FROM invitations;
ALTER TABLE letters
    DROP CONSTRAINT letters_invite_by_invitation,
    DROP CONSTRAINT letters_purpose_known,
    ADD CONSTRAINT letters_purpose_known CHECK (purpose IN
        ('VERIFY_EMAIL', 'ACCOUNT_EXISTS', 'RESET_PASSWORD', 'CHANGE_EMAIL', 'EMAIL_CHANGED')),
    DROP COLUMN invitation_id;
DROP TABLE invitations;
