-- +goose Up
-- What a session says of the program it was opened with, so that its owner knows it again.
ALTER TABLE sessions ADD COLUMN device text NOT NULL DEFAULT '';

-- A letter is a mail that is owed to an address. Most carry a link; what it proves is kept as a hash of its token,
-- from when the letter is written until the link is used or too old. Nothing is kept of a letter after that.
CREATE TABLE letters (
    id         uuid PRIMARY KEY,
    purpose    text        NOT NULL,
    email      text        NOT NULL,
    user_id    uuid REFERENCES users (id) ON DELETE CASCADE,
    token_hash bytea,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    CONSTRAINT letters_token_once UNIQUE (token_hash),
    CONSTRAINT letters_purpose_known CHECK (purpose IN
        ('VERIFY_EMAIL', 'ACCOUNT_EXISTS', 'RESET_PASSWORD', 'CHANGE_EMAIL', 'EMAIL_CHANGED'))
);

CREATE INDEX letters_by_user ON letters (user_id) WHERE user_id IS NOT NULL;
CREATE INDEX letters_by_expiry ON letters (expires_at);

-- Where a customer has goods and bills sent, and at most one default of each.
CREATE TABLE customer_addresses (
    id          uuid PRIMARY KEY,
    user_id     uuid        NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    type        text        NOT NULL,
    is_default  boolean     NOT NULL,
    first_name  text        NOT NULL,
    last_name   text        NOT NULL,
    company     text,
    street1     text        NOT NULL,
    street2     text,
    city        text        NOT NULL,
    state       text        NOT NULL,
    postal_code text        NOT NULL,
    country     char(2)     NOT NULL,
    created_at  timestamptz NOT NULL,
    updated_at  timestamptz NOT NULL,
    CONSTRAINT customer_addresses_type_known CHECK (type IN ('SHIPPING', 'BILLING'))
);

CREATE UNIQUE INDEX customer_addresses_one_default ON customer_addresses (user_id, type) WHERE is_default;
CREATE INDEX customer_addresses_by_user ON customer_addresses (user_id, created_at, id);

-- +goose Down
DROP TABLE customer_addresses;
DROP TABLE letters;
ALTER TABLE sessions DROP COLUMN device;
