-- +goose Up
-- The second factor of a sign-in: the secret that an account shares with an app, sealed so that the database alone
-- does not tell it. It is active once a code has shown that the app has it. A code works once: last_step is the step
-- of time of the one used last. Tries are counted as the moment at which all of them are given back, so that the
-- count outlives every challenge and every process.
CREATE TABLE second_factors (
    user_id      uuid PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    secret       bytea       NOT NULL,
    last_step    bigint      NOT NULL DEFAULT 0,
    tries_until  timestamptz NOT NULL,
    created_at   timestamptz NOT NULL,
    confirmed_at timestamptz
);

-- What stands in for an app that was lost: each works once, and is then gone.
CREATE TABLE recovery_codes (
    user_id   uuid  NOT NULL REFERENCES second_factors (user_id) ON DELETE CASCADE,
    code_hash bytea NOT NULL,
    PRIMARY KEY (user_id, code_hash)
);

-- A sign-in whose password was right and whose second factor is awaited. It is worth nothing once the password is
-- another, which password_mark, a hash of the password's hash, tells.
CREATE TABLE sign_in_challenges (
    token_hash    bytea PRIMARY KEY,
    user_id       uuid        NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    password_mark bytea       NOT NULL,
    expires_at    timestamptz NOT NULL
);

CREATE INDEX sign_in_challenges_by_user ON sign_in_challenges (user_id);
CREATE INDEX sign_in_challenges_by_expiry ON sign_in_challenges (expires_at);

ALTER TABLE letters
    DROP CONSTRAINT letters_purpose_known,
    ADD CONSTRAINT letters_purpose_known CHECK (purpose IN
        ('VERIFY_EMAIL', 'ACCOUNT_EXISTS', 'RESET_PASSWORD', 'CHANGE_EMAIL', 'EMAIL_CHANGED', 'STAFF_INVITATION',
        'SECOND_FACTOR_ADDED', 'SECOND_FACTOR_REMOVED', 'RECOVERY_CODE_USED'));

-- +goose Down
DELETE FROM letters WHERE purpose IN ('SECOND_FACTOR_ADDED', 'SECOND_FACTOR_REMOVED', 'RECOVERY_CODE_USED');
ALTER TABLE letters
    DROP CONSTRAINT letters_purpose_known,
    ADD CONSTRAINT letters_purpose_known CHECK (purpose IN
        ('VERIFY_EMAIL', 'ACCOUNT_EXISTS', 'RESET_PASSWORD', 'CHANGE_EMAIL', 'EMAIL_CHANGED', 'STAFF_INVITATION'));
DROP TABLE sign_in_challenges;
DROP TABLE recovery_codes;
DROP TABLE second_factors;
