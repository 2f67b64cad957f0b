-- +goose Up
-- A payment is given back in as many parts as it takes. What has been given back, and what is on its way back, follow
-- from its refunds; how much more may be asked for follows from both.
ALTER TABLE payments
    ADD COLUMN refunding_minor bigint NOT NULL DEFAULT 0,
    ADD CONSTRAINT payments_refunding_never_negative CHECK (refunding_minor >= 0);

DROP INDEX refunds_one_live_per_payment;
CREATE INDEX refunds_by_payment ON refunds (payment_id, id);

-- The reason is the provider's word, the note is the shop's own. The key is the Idempotency-Key it was asked for with, so
-- that its repetition finds it, also after a crash.
ALTER TABLE refunds
    ADD COLUMN request_key text,
    ADD COLUMN source    text    NOT NULL DEFAULT 'SHOP',
    ADD COLUMN actor     text    NOT NULL DEFAULT 'system',
    ADD COLUMN note      text,
    ADD COLUMN failure   text,
    ADD COLUMN restocked boolean NOT NULL DEFAULT false,
    ALTER COLUMN reason DROP NOT NULL;
UPDATE refunds
SET note = nullif(reason, ''), reason = NULL;
ALTER TABLE refunds
    ALTER COLUMN source DROP DEFAULT,
    ALTER COLUMN actor DROP DEFAULT,
    ADD CONSTRAINT refunds_source_known CHECK (source IN ('SHOP', 'DASHBOARD')),
    ADD CONSTRAINT refunds_reason_known CHECK (reason IN ('duplicate', 'fraudulent', 'requested_by_customer')),
    ADD CONSTRAINT refunds_note_short CHECK (char_length(note) <= 500);

CREATE UNIQUE INDEX refunds_one_per_request ON refunds (payment_id, actor, request_key);

DROP TRIGGER refunds_are_audited ON refunds;
CREATE TRIGGER refunds_are_audited AFTER INSERT OR UPDATE OR DELETE ON refunds
    FOR EACH ROW WHEN (current_setting('cartwright.audit', true) <> '') EXECUTE FUNCTION record_audit('id', 'note', 'request_key');

-- What of an order a refund is for, where it is for lines.
CREATE TABLE refund_items (
    refund_id     uuid    NOT NULL REFERENCES refunds (id),
    order_item_id uuid    NOT NULL REFERENCES order_items (id),
    quantity      integer NOT NULL,
    amount_minor  bigint  NOT NULL,
    PRIMARY KEY (refund_id, order_item_id),
    CONSTRAINT refund_items_quantity_positive CHECK (quantity > 0),
    CONSTRAINT refund_items_amount_never_negative CHECK (amount_minor >= 0)
);

CREATE INDEX refund_items_by_order_item ON refund_items (order_item_id);

-- Which refund an event is about; null where it is about none.
ALTER TABLE order_events
    ADD COLUMN refund_id uuid REFERENCES refunds (id);

-- How many of what was sold are on the shelf again.
ALTER TABLE stock_reservations
    ADD COLUMN restocked integer NOT NULL DEFAULT 0,
    ADD CONSTRAINT stock_restocked_was_sold CHECK (restocked BETWEEN 0 AND quantity);

-- A refund of ours that came to nothing because the money had been given back by others was no refund. What those gave
-- back had no rows, only a sum: the rest of it becomes one, until the provider says what it was.
UPDATE refunds
SET status = 'CANCELLED'
WHERE status = 'SUCCEEDED'
  AND refund_id IS NULL;

INSERT INTO refunds (id, payment_id, source, actor, amount_minor, status, created_at, updated_at)
SELECT uuid_v7(p.updated_at), p.id, 'DASHBOARD', 'stripe', p.refunded_minor - r.live, 'SUCCEEDED', p.updated_at, p.updated_at
FROM payments p
CROSS JOIN LATERAL (
    SELECT coalesce(sum(amount_minor), 0)::bigint AS live
    FROM refunds
    WHERE payment_id = p.id
      AND status IN ('PENDING', 'REQUIRES_ACTION', 'SUCCEEDED')
) r
WHERE p.refunded_minor > r.live;

UPDATE payments p
SET refunded_minor = r.succeeded, refunding_minor = r.pending
FROM (
    SELECT payment_id,
        coalesce(sum(amount_minor) FILTER (WHERE status = 'SUCCEEDED'), 0)::bigint AS succeeded,
        coalesce(sum(amount_minor) FILTER (WHERE status IN ('PENDING', 'REQUIRES_ACTION')), 0)::bigint AS pending
    FROM refunds
    GROUP BY payment_id
) r
WHERE r.payment_id = p.id;

-- +goose Down
ALTER TABLE stock_reservations DROP COLUMN restocked;
ALTER TABLE order_events DROP COLUMN refund_id;
DROP TABLE refund_items;
-- Of several refunds of a payment, one row is left: before there was but one, and the sum is the payment's.
DELETE FROM refunds
WHERE source = 'DASHBOARD';
DELETE FROM refunds r
USING refunds later
WHERE r.payment_id = later.payment_id
  AND r.status IN ('PENDING', 'SUCCEEDED')
  AND later.status IN ('PENDING', 'SUCCEEDED')
  AND r.id < later.id;
DROP TRIGGER refunds_are_audited ON refunds;
CREATE TRIGGER refunds_are_audited AFTER INSERT OR UPDATE OR DELETE ON refunds
    FOR EACH ROW WHEN (current_setting('cartwright.audit', true) <> '') EXECUTE FUNCTION record_audit('id');
ALTER TABLE refunds DROP CONSTRAINT refunds_reason_known;
UPDATE refunds
SET reason = coalesce(note, reason, '');
ALTER TABLE refunds
    ALTER COLUMN reason SET NOT NULL,
    DROP COLUMN restocked,
    DROP COLUMN failure,
    DROP COLUMN note,
    DROP COLUMN actor,
    DROP COLUMN source,
    DROP COLUMN request_key;
DROP INDEX refunds_by_payment;
CREATE UNIQUE INDEX refunds_one_live_per_payment ON refunds (payment_id) WHERE status IN ('PENDING', 'SUCCEEDED');
ALTER TABLE payments DROP COLUMN refunding_minor;
