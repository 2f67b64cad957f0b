-- +goose Up
-- Where somebody is signed in. An access token is worth what its session is, so ending one is effective at once.
CREATE TABLE sessions (
    id           uuid PRIMARY KEY,
    user_id      uuid        NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created_at   timestamptz NOT NULL,
    last_used_at timestamptz NOT NULL,
    expires_at   timestamptz NOT NULL,
    ended_at     timestamptz
);

CREATE INDEX sessions_by_user ON sessions (user_id, created_at DESC);

-- A family of refresh tokens is a session's.
INSERT INTO sessions (id, user_id, created_at, last_used_at, expires_at, ended_at)
SELECT
    family_id, user_id, min(created_at), max(created_at), max(expires_at),
    CASE WHEN bool_or(revoked_at IS NOT NULL) THEN max(revoked_at) END
FROM refresh_tokens
GROUP BY family_id, user_id;

ALTER TABLE refresh_tokens
    ADD CONSTRAINT refresh_tokens_of_a_session FOREIGN KEY (family_id) REFERENCES sessions (id) ON DELETE CASCADE;

-- What a member of staff may do; an admin may do everything, and a customer nothing of it.
ALTER TABLE users ADD COLUMN permissions text[] NOT NULL DEFAULT '{}';
UPDATE users
SET permissions = '{catalogue:read,inventory:read,inventory:write,orders:read,orders:write}'
WHERE role = 'staff';

-- +goose Down
ALTER TABLE users DROP COLUMN permissions;
ALTER TABLE refresh_tokens DROP CONSTRAINT refresh_tokens_of_a_session;
DROP TABLE sessions;
