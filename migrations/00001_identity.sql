-- +goose Up
CREATE TABLE users (
    id             uuid PRIMARY KEY,
    email          text        NOT NULL,
    password_hash  text        NOT NULL,
    role           text        NOT NULL,
    first_name     text        NOT NULL DEFAULT '',
    last_name      text        NOT NULL DEFAULT '',
    phone          text,
    date_of_birth  date,
    is_active      boolean     NOT NULL DEFAULT true,
    email_verified boolean     NOT NULL DEFAULT false,
    created_at     timestamptz NOT NULL,
    updated_at     timestamptz NOT NULL,
    CONSTRAINT users_role_known CHECK (role IN ('customer', 'staff', 'admin'))
);

-- One account per address, whatever the letter case it was typed in.
CREATE UNIQUE INDEX users_one_per_email ON users (lower(email));

-- A refresh token is stored as its SHA-256 only. Tokens made from one another share a family:
-- when one that was used already comes back, the whole family ends.
CREATE TABLE refresh_tokens (
    id         uuid PRIMARY KEY,
    user_id    uuid        NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    family_id  uuid        NOT NULL,
    token_hash bytea       NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at    timestamptz,
    revoked_at timestamptz,
    CONSTRAINT refresh_tokens_hash_once UNIQUE (token_hash)
);

CREATE INDEX refresh_tokens_by_family ON refresh_tokens (family_id);
CREATE INDEX refresh_tokens_by_user ON refresh_tokens (user_id);

-- +goose Down
DROP TABLE refresh_tokens;
DROP TABLE users;
