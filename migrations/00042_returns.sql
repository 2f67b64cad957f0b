-- +goose Up
-- What a customer sends back of an order. The number is the order's with a place of its own; the reply is what the
-- customer is told where it was rejected; the refund is the one under way, or the one that was made.
CREATE TABLE returns (
    id            uuid PRIMARY KEY,
    order_id      uuid        NOT NULL REFERENCES orders (id),
    return_number text        NOT NULL,
    status        text        NOT NULL,
    actor         text        NOT NULL,
    reply         text,
    refund_id     uuid REFERENCES refunds (id),
    created_at    timestamptz NOT NULL,
    updated_at    timestamptz NOT NULL,
    CONSTRAINT returns_number_once UNIQUE (return_number),
    CONSTRAINT returns_status_known CHECK (status IN ('REQUESTED', 'APPROVED', 'REJECTED', 'CANCELLED', 'RECEIVED', 'REFUNDED')),
    CONSTRAINT returns_reply_short CHECK (char_length(reply) <= 500),
    CONSTRAINT returns_refund_what_came CHECK (
        CASE status WHEN 'REFUNDED' THEN refund_id IS NOT NULL WHEN 'RECEIVED' THEN true ELSE refund_id IS NULL END)
);

CREATE INDEX returns_by_order ON returns (order_id, created_at, id);
CREATE INDEX returns_newest ON returns (created_at DESC, id DESC);
CREATE INDEX returns_by_status ON returns (status, created_at DESC, id DESC);
CREATE UNIQUE INDEX returns_one_per_refund ON returns (refund_id);

CREATE TRIGGER returns_are_audited AFTER INSERT OR UPDATE OR DELETE ON returns
    FOR EACH ROW WHEN (current_setting('cartwright.audit', true) <> '') EXECUTE FUNCTION record_audit('id', 'reply');

-- How many of a line are sent back, how many came, and how many of those are on the shelf again; the rest is written off.
CREATE TABLE return_items (
    return_id     uuid    NOT NULL REFERENCES returns (id),
    order_item_id uuid    NOT NULL REFERENCES order_items (id),
    quantity      integer NOT NULL,
    reason        text    NOT NULL,
    note          text,
    received      integer NOT NULL DEFAULT 0,
    restocked     integer NOT NULL DEFAULT 0,
    PRIMARY KEY (return_id, order_item_id),
    CONSTRAINT return_items_quantity_positive CHECK (quantity > 0),
    CONSTRAINT return_items_reason_known CHECK (reason IN ('DAMAGED', 'WRONG_ITEM', 'NOT_AS_DESCRIBED', 'NO_LONGER_WANTED', 'OTHER')),
    CONSTRAINT return_items_note_short CHECK (char_length(note) <= 500),
    CONSTRAINT return_items_received_was_returned CHECK (received BETWEEN 0 AND quantity),
    CONSTRAINT return_items_restocked_was_received CHECK (restocked BETWEEN 0 AND received)
);

CREATE INDEX return_items_by_order_item ON return_items (order_item_id);

-- Which return an event is about, and where that stands after it; null where it is about none.
ALTER TABLE order_events
    ADD COLUMN return_id     uuid REFERENCES returns (id),
    ADD COLUMN return_status text,
    ADD CONSTRAINT order_events_return_stands_somewhere CHECK ((return_id IS NULL) = (return_status IS NULL));

-- What was kept of the value of what a refund is for.
ALTER TABLE refunds
    ADD COLUMN fee_minor bigint NOT NULL DEFAULT 0,
    ADD CONSTRAINT refunds_fee_never_negative CHECK (fee_minor >= 0);

-- +goose Down
ALTER TABLE refunds DROP COLUMN fee_minor;
ALTER TABLE order_events
    DROP COLUMN return_status,
    DROP COLUMN return_id;
DROP TABLE return_items;
DROP TABLE returns;
