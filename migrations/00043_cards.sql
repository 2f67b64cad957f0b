-- +goose Up
-- What the payment provider calls a customer, who has none before they save a card. It is asked under an id that is
-- stored before, so that a lost answer and two requests at once make one; null until it answered. Whatever changes a
-- customer's cards locks this row.
CREATE TABLE payment_customers (
    user_id     uuid PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    request_id  uuid        NOT NULL,
    customer_id text,
    created_at  timestamptz NOT NULL,
    updated_at  timestamptz NOT NULL,
    CONSTRAINT payment_customers_once UNIQUE (customer_id)
);

CREATE TRIGGER payment_customers_are_audited AFTER INSERT OR UPDATE OR DELETE ON payment_customers
    FOR EACH ROW WHEN (current_setting('cartwright.audit', true) <> '')
    EXECUTE FUNCTION record_audit('user_id', 'customer_id');

-- A card that the provider keeps for a customer. One that is removed stays for a while, without what it was, so that
-- news that are older than its removal do not bring it back; nobody's are those whose removal was told before themselves.
CREATE TABLE cards (
    id         uuid PRIMARY KEY,
    user_id    uuid REFERENCES payment_customers (user_id) ON DELETE CASCADE,
    method_id  text        NOT NULL,
    brand      text        NOT NULL,
    last4      text        NOT NULL,
    exp_month  integer     NOT NULL,
    exp_year   integer     NOT NULL,
    is_default boolean     NOT NULL,
    created_at timestamptz NOT NULL,
    removed_at timestamptz,
    CONSTRAINT cards_provider_method_once UNIQUE (method_id),
    CONSTRAINT cards_are_somebodys CHECK (user_id IS NOT NULL OR removed_at IS NOT NULL),
    CONSTRAINT cards_removed_tell_nothing CHECK (removed_at IS NULL OR (last4 = '' AND NOT is_default))
);

CREATE UNIQUE INDEX cards_one_default ON cards (user_id) WHERE is_default;
CREATE INDEX cards_by_customer ON cards (user_id, created_at, id);
CREATE INDEX cards_removed ON cards (removed_at) WHERE removed_at IS NOT NULL;

CREATE TRIGGER cards_are_audited AFTER INSERT OR UPDATE OR DELETE ON cards
    FOR EACH ROW WHEN (current_setting('cartwright.audit', true) <> '')
    EXECUTE FUNCTION record_audit('id', 'method_id', 'brand', 'last4', 'exp_month', 'exp_year');

-- A try to save a card without paying with it. Its id is the root of the provider's idempotency key; the intent is the
-- provider's side of it, null until it answered, and the status is in the provider's words.
CREATE TABLE card_setups (
    id          uuid PRIMARY KEY,
    user_id     uuid        NOT NULL REFERENCES payment_customers (user_id) ON DELETE CASCADE,
    intent_id   text,
    method_id   text,
    request_key text,
    status      text        NOT NULL,
    card_id     uuid REFERENCES cards (id) ON DELETE SET NULL,
    created_at  timestamptz NOT NULL,
    updated_at  timestamptz NOT NULL,
    CONSTRAINT card_setups_intent_once UNIQUE (intent_id),
    CONSTRAINT card_setups_status_known CHECK (status IN
        ('requires_payment_method', 'requires_confirmation', 'requires_action', 'processing', 'succeeded', 'canceled'))
);

CREATE INDEX card_setups_by_customer ON card_setups (user_id, created_at DESC);
CREATE INDEX card_setups_by_age ON card_setups (created_at);
CREATE INDEX card_setups_waiting ON card_setups (created_at) WHERE status NOT IN ('succeeded', 'canceled');
CREATE INDEX card_setups_by_card ON card_setups (card_id) WHERE card_id IS NOT NULL;

-- The provider's name of the customer whose cards can pay, or be saved by paying; null where there is none.
ALTER TABLE payments
    ADD COLUMN customer_id text;

DROP TRIGGER payments_are_audited ON payments;
CREATE TRIGGER payments_are_audited AFTER INSERT OR UPDATE OR DELETE ON payments
    FOR EACH ROW WHEN (current_setting('cartwright.audit', true) <> '') EXECUTE FUNCTION record_audit('id', 'customer_id');

-- +goose Down
DROP TRIGGER payments_are_audited ON payments;
CREATE TRIGGER payments_are_audited AFTER INSERT OR UPDATE OR DELETE ON payments
    FOR EACH ROW WHEN (current_setting('cartwright.audit', true) <> '') EXECUTE FUNCTION record_audit('id');
ALTER TABLE payments DROP COLUMN customer_id;
DROP TABLE card_setups;
DROP TABLE cards;
DROP TABLE payment_customers;
