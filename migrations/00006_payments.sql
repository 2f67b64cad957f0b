-- +goose Up
-- What we ask the payment provider for, one live row per order. Its id is the root of the
-- provider's idempotency key, so asking again after a crash cannot charge again.
CREATE TABLE payments (
    id             uuid PRIMARY KEY,
    order_id       uuid        NOT NULL REFERENCES orders (id),
    intent_id      text,
    status         text        NOT NULL,
    amount_minor   bigint      NOT NULL,
    refunded_minor bigint      NOT NULL DEFAULT 0,
    currency       char(3)     NOT NULL,
    created_at     timestamptz NOT NULL,
    updated_at     timestamptz NOT NULL,
    CONSTRAINT payments_intent_once UNIQUE (intent_id),
    CONSTRAINT payments_status_known CHECK (status IN
        ('CREATED', 'REQUIRES_ACTION', 'PROCESSING', 'FAILED', 'SUCCEEDED', 'CANCELLED')),
    CONSTRAINT payments_amount_positive CHECK (amount_minor > 0),
    CONSTRAINT payments_refunds_within_amount CHECK (refunded_minor BETWEEN 0 AND amount_minor)
);

CREATE UNIQUE INDEX payments_one_live_per_order ON payments (order_id) WHERE status <> 'CANCELLED';
CREATE INDEX payments_by_order ON payments (order_id);

-- One try of a shopper to pay with one payment method.
CREATE TABLE payment_attempts (
    id                uuid PRIMARY KEY,
    payment_id        uuid        NOT NULL REFERENCES payments (id),
    payment_method_id text        NOT NULL,
    -- The Idempotency-Key it was asked for with, so that its repetition is told what came of it.
    request_key       text,
    status            text        NOT NULL,
    decline_code      text,
    -- Until then an OPEN attempt belongs to the request that made it; afterwards another may take over.
    lease_until       timestamptz NOT NULL,
    created_at        timestamptz NOT NULL,
    updated_at        timestamptz NOT NULL,
    CONSTRAINT payment_attempts_status_known CHECK (status IN
        ('OPEN', 'REQUIRES_ACTION', 'PROCESSING', 'FAILED', 'SUCCEEDED'))
);

CREATE INDEX payment_attempts_by_payment ON payment_attempts (payment_id, created_at DESC);
-- Two confirmations of one intent are never on their way at once.
CREATE UNIQUE INDEX payment_attempts_one_open ON payment_attempts (payment_id) WHERE status = 'OPEN';

CREATE TABLE refunds (
    id           uuid PRIMARY KEY,
    payment_id   uuid        NOT NULL REFERENCES payments (id),
    refund_id    text,
    amount_minor bigint      NOT NULL,
    reason       text        NOT NULL,
    status       text        NOT NULL,
    created_at   timestamptz NOT NULL,
    updated_at   timestamptz NOT NULL,
    CONSTRAINT refunds_provider_refund_once UNIQUE (refund_id),
    CONSTRAINT refunds_status_known CHECK (status IN
        ('PENDING', 'REQUIRES_ACTION', 'SUCCEEDED', 'FAILED', 'CANCELLED')),
    CONSTRAINT refunds_amount_positive CHECK (amount_minor > 0)
);

-- A whole payment is given back once.
CREATE UNIQUE INDEX refunds_one_live_per_payment ON refunds (payment_id) WHERE status IN ('PENDING', 'SUCCEEDED');

-- The inbox: an event is recorded in the transaction that applies it, so it takes effect once.
CREATE TABLE webhook_events (
    id          text PRIMARY KEY,
    type        text        NOT NULL,
    api_version text        NOT NULL,
    payload     bytea       NOT NULL,
    outcome     text        NOT NULL,
    reason      text        NOT NULL DEFAULT '',
    received_at timestamptz NOT NULL,
    CONSTRAINT webhook_events_outcome_known CHECK (outcome IN ('APPLIED', 'IGNORED', 'SET_ASIDE'))
);

CREATE INDEX webhook_events_set_aside ON webhook_events (received_at) WHERE outcome = 'SET_ASIDE';

-- +goose Down
DROP TABLE webhook_events;
DROP TABLE refunds;
DROP TABLE payment_attempts;
DROP TABLE payments;
