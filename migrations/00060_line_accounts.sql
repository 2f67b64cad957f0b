-- +goose Up
-- One account of a line's units: ordered = cancelled + refunded before sending + to be sent + sent. What came back is of
-- what was sent. What is to be sent is what the others leave.
ALTER TABLE order_items
    ADD COLUMN cancelled_quantity integer NOT NULL DEFAULT 0,
    ADD COLUMN refunded_quantity  integer NOT NULL DEFAULT 0,
    ADD COLUMN returned_quantity  integer NOT NULL DEFAULT 0;

-- Units refunded with restock, or by a refund that is made or under way, are not to be sent. Of an order that ended,
-- nothing is.
WITH known AS (
    SELECT i.id, o.status,
        coalesce(f.quantity, 0) AS refunded,
        coalesce(t.received, 0) AS received,
        greatest(0, coalesce(r.restocked, 0) - coalesce(t.restocked, 0)) AS restocked
    FROM order_items i
    JOIN orders o ON o.id = i.order_id
    LEFT JOIN stock_reservations r ON r.order_id = i.order_id AND r.variant_id = i.variant_id AND r.state = 'COMMITTED'
    LEFT JOIN (
        SELECT l.order_item_id, sum(l.quantity) AS quantity
        FROM refund_items l
        JOIN refunds f ON f.id = l.refund_id
        LEFT JOIN returns t ON t.refund_id = f.id
        WHERE f.status IN ('PENDING', 'REQUIRES_ACTION', 'SUCCEEDED')
          AND t.id IS NULL
        GROUP BY l.order_item_id
    ) f ON f.order_item_id = i.id
    LEFT JOIN (
        SELECT order_item_id, sum(received) AS received, sum(restocked) AS restocked
        FROM return_items
        GROUP BY order_item_id
    ) t ON t.order_item_id = i.id
), unsent AS (
    SELECT k.*, CASE
        WHEN k.status = 'CANCELLED' THEN 0
        WHEN k.status = 'REFUNDED' THEN i.quantity - i.fulfilled_quantity
        ELSE least(i.quantity - i.fulfilled_quantity, greatest(k.refunded, k.restocked)) END AS taken_off
    FROM known k
    JOIN order_items i ON i.id = k.id
)
UPDATE order_items i
SET cancelled_quantity = CASE WHEN u.status = 'CANCELLED' THEN i.quantity - i.fulfilled_quantity ELSE 0 END,
    refunded_quantity = u.taken_off,
    returned_quantity = least(i.fulfilled_quantity, u.received + greatest(0, u.restocked - u.taken_off))
FROM unsent u
WHERE u.id = i.id
  AND (u.status = 'CANCELLED' OR u.taken_off > 0 OR u.received > 0 OR u.restocked > 0);

ALTER TABLE order_items
    DROP CONSTRAINT order_items_never_sent_beyond_ordered,
    ADD CONSTRAINT order_items_never_sent_beyond_ordered CHECK (
        fulfilled_quantity >= 0 AND cancelled_quantity >= 0 AND refunded_quantity >= 0
        AND cancelled_quantity + refunded_quantity + fulfilled_quantity <= quantity),
    ADD CONSTRAINT order_items_never_returned_beyond_sent CHECK (returned_quantity BETWEEN 0 AND fulfilled_quantity);

-- What was sent of these orders is all that is left of them.
WITH complete AS (
    SELECT o.id, CASE o.status WHEN 'PROCESSING' THEN 'SHIPPED' ELSE o.status END AS status, o.payment_status, o.review_status
    FROM orders o
    WHERE o.fulfillment_status = 'PARTIAL'
      AND NOT EXISTS (
        SELECT FROM order_items i
        WHERE i.order_id = o.id
          AND i.cancelled_quantity + i.refunded_quantity + i.fulfilled_quantity < i.quantity)
), told AS (
    INSERT INTO order_events (order_id, sequence, type, actor, reason, status, payment_status, fulfillment_status, review_status, created_at)
    SELECT c.id, (SELECT max(e.sequence) + 1 FROM order_events e WHERE e.order_id = c.id), 'items_settled', 'system',
        'nothing is left to send', c.status, c.payment_status, 'FULFILLED', c.review_status, now()
    FROM complete c
)
UPDATE orders o
SET status = c.status, fulfillment_status = 'FULFILLED'
FROM complete c
WHERE c.id = o.id;

-- A return for which nothing is to be refunded is closed.
ALTER TABLE returns
    DROP CONSTRAINT returns_status_known,
    ADD CONSTRAINT returns_status_known CHECK (status IN
        ('REQUESTED', 'APPROVED', 'REJECTED', 'CANCELLED', 'RECEIVED', 'REFUNDED', 'CLOSED'));

-- +goose Down
UPDATE returns
SET status = 'RECEIVED'
WHERE status = 'CLOSED';
ALTER TABLE returns
    DROP CONSTRAINT returns_status_known,
    ADD CONSTRAINT returns_status_known CHECK (status IN
        ('REQUESTED', 'APPROVED', 'REJECTED', 'CANCELLED', 'RECEIVED', 'REFUNDED'));
ALTER TABLE order_items
    DROP CONSTRAINT order_items_never_sent_beyond_ordered,
    ADD CONSTRAINT order_items_never_sent_beyond_ordered CHECK (fulfilled_quantity BETWEEN 0 AND quantity),
    DROP COLUMN returned_quantity,
    DROP COLUMN refunded_quantity,
    DROP COLUMN cancelled_quantity;
