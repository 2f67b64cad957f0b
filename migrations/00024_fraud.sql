-- +goose Up
-- What was found of an order's payment, and whether the order waits for staff because of it.
ALTER TABLE orders
    ADD COLUMN review_status  text   NOT NULL DEFAULT 'NONE',
    ADD COLUMN review_verdict text,
    ADD COLUMN review_reasons text[] NOT NULL DEFAULT '{}',
    ADD CONSTRAINT orders_review_status_known CHECK (review_status IN ('NONE', 'HELD', 'RELEASED', 'REJECTED')),
    ADD CONSTRAINT orders_review_verdict_known CHECK (review_verdict IN ('ALLOW', 'HOLD', 'BLOCK'));

CREATE INDEX orders_held ON orders (created_at DESC, id DESC) WHERE review_status = 'HELD';

ALTER TABLE order_events
    ADD COLUMN review_status text NOT NULL DEFAULT 'NONE';

-- Every try to pay, for as long as it is counted. Who tried is kept as keyed hashes. No foreign key: a try is
-- forgotten long before its payment.
CREATE TABLE payment_tries (
    id               uuid PRIMARY KEY,
    payment_id       uuid        NOT NULL,
    session_id       uuid        NOT NULL,
    address_hash     bytea,
    email_hash       bytea       NOT NULL,
    -- The payment method; null where the shopper was given the means to name it to the provider.
    method_id        text,
    fingerprint_hash bytea,
    -- What the provider calls the charge that came of it.
    charge_id        text,
    outcome          text        NOT NULL,
    created_at       timestamptz NOT NULL,
    CONSTRAINT payment_tries_outcome_known CHECK (outcome IN ('ASKED', 'OPEN', 'DECLINED', 'SUCCEEDED'))
);

-- A charge is counted once, however often its news comes.
CREATE UNIQUE INDEX payment_tries_charge_once ON payment_tries (payment_id, charge_id);
CREATE INDEX payment_tries_by_session ON payment_tries (session_id, created_at);
CREATE INDEX payment_tries_by_email ON payment_tries (email_hash, created_at);
-- Behind one address may be thousands who pay: of those it holds nothing.
CREATE INDEX payment_tries_by_address ON payment_tries (address_hash, created_at) WHERE outcome <> 'SUCCEEDED';
CREATE INDEX payment_tries_by_card ON payment_tries (fingerprint_hash, created_at) WHERE fingerprint_hash IS NOT NULL;
CREATE INDEX payment_tries_by_method ON payment_tries (method_id, created_at) WHERE method_id IS NOT NULL;
CREATE INDEX payment_tries_by_time ON payment_tries (created_at);

-- +goose Down
DROP TABLE payment_tries;
ALTER TABLE order_events DROP COLUMN review_status;
DROP INDEX orders_held;
ALTER TABLE orders
    DROP COLUMN review_reasons,
    DROP COLUMN review_verdict,
    DROP COLUMN review_status;
