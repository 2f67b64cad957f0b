-- +goose Up
-- What programs ask with, in the name of who made it and for no more than that person may. Of a key its SHA-256 is kept,
-- and its first letters, by which people know it again.
CREATE TABLE api_keys (
    id           uuid PRIMARY KEY,
    user_id      uuid        NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    name         text        NOT NULL,
    prefix       text        NOT NULL,
    key_hash     bytea       NOT NULL,
    scopes       text[]      NOT NULL,
    created_at   timestamptz NOT NULL,
    expires_at   timestamptz,
    last_used_at timestamptz,
    revoked_at   timestamptz,
    CONSTRAINT api_keys_hash_once UNIQUE (key_hash)
);

CREATE INDEX api_keys_by_age ON api_keys (created_at DESC, id DESC);
CREATE INDEX api_keys_by_creator ON api_keys (user_id);

-- +goose Down
DROP TABLE api_keys;
