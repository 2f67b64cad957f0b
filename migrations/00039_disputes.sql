-- +goose Up
-- A customer's bank disputes what was paid: it takes the money, and gives it back when the shop is right. One that is lost
-- lessens what may still be given back, and never by more than is left.
ALTER TABLE payments
    ADD COLUMN lost_minor bigint NOT NULL DEFAULT 0,
    ADD CONSTRAINT payments_refunds_and_losses_within_amount
        CHECK (lost_minor >= 0 AND refunded_minor + lost_minor <= amount_minor);

CREATE TABLE disputes (
    id                  uuid PRIMARY KEY,
    payment_id          uuid        NOT NULL REFERENCES payments (id),
    dispute_id          text        NOT NULL,
    amount_minor        bigint      NOT NULL,
    currency            char(3)     NOT NULL,
    reason              text        NOT NULL,
    status              text        NOT NULL,
    evidence_due_by     timestamptz,
    funds_withdrawn_at  timestamptz,
    funds_reinstated_at timestamptz,
    opened_at           timestamptz NOT NULL,
    closed_at           timestamptz,
    updated_at          timestamptz NOT NULL,
    CONSTRAINT disputes_provider_dispute_once UNIQUE (dispute_id),
    CONSTRAINT disputes_status_known CHECK (status IN
        ('WARNING_NEEDS_RESPONSE', 'WARNING_UNDER_REVIEW', 'WARNING_CLOSED', 'NEEDS_RESPONSE', 'UNDER_REVIEW', 'WON', 'LOST')),
    CONSTRAINT disputes_closed_when_decided CHECK ((closed_at IS NOT NULL) = (status IN ('WARNING_CLOSED', 'WON', 'LOST'))),
    CONSTRAINT disputes_amount_never_negative CHECK (amount_minor >= 0)
);

CREATE INDEX disputes_by_payment ON disputes (payment_id, opened_at, id);
CREATE INDEX disputes_newest ON disputes (opened_at DESC, id DESC);
CREATE INDEX disputes_due ON disputes (coalesce(evidence_due_by, 'infinity'), id);

CREATE TRIGGER disputes_are_audited AFTER INSERT OR UPDATE OR DELETE ON disputes
    FOR EACH ROW WHEN (current_setting('cartwright.audit', true) <> '') EXECUTE FUNCTION record_audit('id');

-- Which dispute an event is about; null where it is about none.
ALTER TABLE order_events
    ADD COLUMN dispute_id uuid REFERENCES disputes (id);

-- +goose Down
ALTER TABLE order_events DROP COLUMN dispute_id;
DROP TABLE disputes;
ALTER TABLE payments DROP COLUMN lost_minor;
