-- +goose Up
COMMENT ON SEQUENCE order_numbers IS
    'Order numbers are unique and rise. Two things leave a gap, and it means nothing: a transaction that rolls back, and a crash of the server, after which up to 32 numbers are passed over. No order was ever behind a number that is missing, for no order is deleted.';

-- How much of a line was sent: of its fulfilments all that were not taken back.
ALTER TABLE order_items
    ADD COLUMN fulfilled_quantity integer NOT NULL DEFAULT 0,
    ADD CONSTRAINT order_items_never_sent_beyond_ordered CHECK (fulfilled_quantity BETWEEN 0 AND quantity);

-- What was sent of an order at once, and how to follow it.
CREATE TABLE fulfillments (
    id              uuid PRIMARY KEY,
    order_id        uuid        NOT NULL,
    status          text        NOT NULL,
    carrier         text,
    tracking_number text,
    tracking_url    text,
    sent_at         timestamptz NOT NULL,
    delivered_at    timestamptz,
    cancelled_at    timestamptz,
    CONSTRAINT fulfillments_order_known FOREIGN KEY (order_id) REFERENCES orders (id),
    CONSTRAINT fulfillments_status_known CHECK (status IN ('SENT', 'DELIVERED', 'CANCELLED')),
    CONSTRAINT fulfillments_delivered_at_a_time CHECK ((status = 'DELIVERED') = (delivered_at IS NOT NULL)),
    CONSTRAINT fulfillments_cancelled_at_a_time CHECK ((status = 'CANCELLED') = (cancelled_at IS NOT NULL)),
    CONSTRAINT fulfillments_tracked_on_the_web CHECK (tracking_url ~ '^https?://')
);

CREATE INDEX fulfillments_by_order ON fulfillments (order_id, sent_at, id);

CREATE TABLE fulfillment_items (
    fulfillment_id uuid    NOT NULL REFERENCES fulfillments (id),
    order_item_id  uuid    NOT NULL REFERENCES order_items (id),
    quantity       integer NOT NULL,
    PRIMARY KEY (fulfillment_id, order_item_id),
    CONSTRAINT fulfillment_items_quantity_positive CHECK (quantity > 0)
);

CREATE INDEX fulfillment_items_by_order_item ON fulfillment_items (order_item_id);

-- Which fulfilment an event is about; null where it is about the whole order.
ALTER TABLE order_events
    ADD COLUMN fulfillment_id uuid REFERENCES fulfillments (id);

-- What was sent before there were fulfilments was sent whole, and nobody noted how.
INSERT INTO fulfillments (id, order_id, status, sent_at, delivered_at)
SELECT uuid_v7(e.created_at), o.id, CASE WHEN d.created_at IS NULL THEN 'SENT' ELSE 'DELIVERED' END, e.created_at, d.created_at
FROM orders o
CROSS JOIN LATERAL (
    SELECT min(created_at) AS created_at FROM order_events WHERE order_id = o.id AND fulfillment_status = 'FULFILLED'
) e
CROSS JOIN LATERAL (
    SELECT min(created_at) AS created_at FROM order_events WHERE order_id = o.id AND status = 'DELIVERED'
) d
WHERE o.fulfillment_status = 'FULFILLED';

INSERT INTO fulfillment_items (fulfillment_id, order_item_id, quantity)
SELECT f.id, i.id, i.quantity
FROM fulfillments f
JOIN order_items i ON i.order_id = f.order_id;

UPDATE order_items i
SET fulfilled_quantity = i.quantity
FROM fulfillment_items f
WHERE f.order_item_id = i.id;

-- What staff tell each other of an order. Append-only: all that ever changes of a note is that its text goes, with
-- the customer whom it may speak of.
CREATE TABLE order_notes (
    id         uuid PRIMARY KEY,
    order_id   uuid        NOT NULL,
    author     text        NOT NULL,
    text       text,
    created_at timestamptz NOT NULL,
    CONSTRAINT order_notes_order_known FOREIGN KEY (order_id) REFERENCES orders (id)
);

CREATE INDEX order_notes_by_order ON order_notes (order_id, created_at DESC, id DESC);

CREATE TRIGGER order_notes_are_not_deleted
    BEFORE DELETE ON order_notes
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER order_notes_are_not_rewritten
    BEFORE UPDATE ON order_notes
    FOR EACH ROW
    WHEN (NEW.text IS NOT NULL
        OR (NEW.id, NEW.order_id, NEW.author, NEW.created_at) IS DISTINCT FROM (OLD.id, OLD.order_id, OLD.author, OLD.created_at))
    EXECUTE FUNCTION refuse_change();

CREATE TRIGGER order_items_are_audited AFTER UPDATE ON order_items
    FOR EACH ROW WHEN (current_setting('cartwright.audit', true) <> '') EXECUTE FUNCTION record_audit('id', 'product_snapshot');
CREATE TRIGGER fulfillments_are_audited AFTER INSERT OR UPDATE OR DELETE ON fulfillments
    FOR EACH ROW WHEN (current_setting('cartwright.audit', true) <> '')
    EXECUTE FUNCTION record_audit('id', 'carrier', 'tracking_number', 'tracking_url');
CREATE TRIGGER order_notes_are_audited AFTER INSERT OR UPDATE OR DELETE ON order_notes
    FOR EACH ROW WHEN (current_setting('cartwright.audit', true) <> '') EXECUTE FUNCTION record_audit('id', 'text');

-- +goose Down
DROP TRIGGER order_items_are_audited ON order_items;
DROP TABLE order_notes;
ALTER TABLE order_events DROP COLUMN fulfillment_id;
DROP TABLE fulfillment_items;
DROP TABLE fulfillments;
ALTER TABLE order_items DROP COLUMN fulfilled_quantity;
COMMENT ON SEQUENCE order_numbers IS NULL;
