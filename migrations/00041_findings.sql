-- +goose Up
-- In what a payment here and the payment provider do not agree. Of one intent one finding is open; when both agree
-- again it is resolved, and what disagrees later is another.
CREATE TABLE payment_findings (
    id          uuid PRIMARY KEY,
    kind        text        NOT NULL,
    status      text        NOT NULL,
    intent_id   text        NOT NULL,
    payment_id  uuid REFERENCES payments (id),
    here        jsonb,
    there       jsonb,
    note        text,
    found_at    timestamptz NOT NULL,
    seen_at     timestamptz NOT NULL,
    resolved_at timestamptz,
    CONSTRAINT payment_findings_kind_known CHECK (kind IN
        ('UNKNOWN_PAYMENT', 'UNKNOWN_INTENT', 'DUPLICATE_INTENT', 'AMOUNT', 'STATUS', 'REFUNDED')),
    CONSTRAINT payment_findings_status_known CHECK (status IN ('OPEN', 'RESOLVED', 'DISMISSED')),
    CONSTRAINT payment_findings_resolved_once CHECK ((status = 'OPEN') = (resolved_at IS NULL)),
    CONSTRAINT payment_findings_note_short CHECK (char_length(note) <= 500)
);

CREATE UNIQUE INDEX payment_findings_one_open ON payment_findings (intent_id) WHERE status = 'OPEN';
CREATE INDEX payment_findings_by_intent ON payment_findings (intent_id, found_at DESC);
CREATE INDEX payment_findings_newest ON payment_findings (found_at DESC, id DESC);

CREATE TRIGGER payment_findings_are_audited AFTER INSERT OR UPDATE OR DELETE ON payment_findings
    FOR EACH ROW WHEN (current_setting('cartwright.audit', true) <> '') EXECUTE FUNCTION record_audit('id', 'note');

-- Payments that may still come to something, which are few at any time.
CREATE INDEX payments_unsettled ON payments (id) WHERE status NOT IN ('SUCCEEDED', 'CANCELLED');

-- +goose Down
DROP INDEX payments_unsettled;
DROP TABLE payment_findings;
