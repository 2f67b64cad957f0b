-- +goose Up
-- What is to be forgotten is found by an index.

-- The ids that a reply's scope names: whoever asked, and the carts, orders and other things that were asked about.
ALTER TABLE idempotency_keys
    ADD COLUMN named uuid[] NOT NULL DEFAULT '{}',
    -- Whether the body is sealed, so that the database alone does not tell what it says, such as an order's token.
    ADD COLUMN sealed boolean NOT NULL DEFAULT false;

UPDATE idempotency_keys
SET named = ARRAY(
    SELECT DISTINCT found[1]::uuid
    FROM regexp_matches(scope, '[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}', 'g') found
);

CREATE INDEX idempotency_keys_by_named ON idempotency_keys USING gin (named);

-- Tokens and sessions that are over.
CREATE INDEX refresh_tokens_by_expiry ON refresh_tokens (expires_at);
CREATE INDEX sessions_by_expiry ON sessions (expires_at);
CREATE INDEX sessions_by_end ON sessions (ended_at) WHERE ended_at IS NOT NULL;

-- Events that still say what they said.
CREATE INDEX webhook_events_to_forget ON webhook_events (received_at) WHERE payload <> '' AND outcome <> 'SET_ASIDE';

-- +goose Down
DROP INDEX webhook_events_to_forget;
DROP INDEX sessions_by_end;
DROP INDEX sessions_by_expiry;
DROP INDEX refresh_tokens_by_expiry;
-- Nobody could read what is sealed.
DELETE FROM idempotency_keys WHERE sealed;
ALTER TABLE idempotency_keys
    DROP COLUMN sealed,
    DROP COLUMN named;
