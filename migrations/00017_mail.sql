-- +goose Up
-- What became of each mail. It names nobody: about is the id of what the mail tells of.
CREATE TABLE mails (
    message_id text PRIMARY KEY,
    template   text        NOT NULL,
    about      uuid        NOT NULL,
    outcome    text        NOT NULL,
    reason     text        NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL,
    CONSTRAINT mails_outcome_known CHECK (outcome IN ('SENT', 'REFUSED', 'GIVEN_UP', 'UNSENT'))
);

CREATE INDEX mails_by_age ON mails (created_at);

-- The mailbox of dev mode, where mails stay that would have been sent. Empty in production.
CREATE TABLE dev_mails (
    id         uuid PRIMARY KEY,
    message_id text        NOT NULL,
    sender     text        NOT NULL,
    recipient  text        NOT NULL,
    subject    text        NOT NULL,
    html       text        NOT NULL,
    text       text        NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT dev_mails_once UNIQUE (message_id)
);

-- +goose Down
DROP TABLE dev_mails;
DROP TABLE mails;
