-- name: OrderItemMove :execrows
-- Moves the account of an order's lines. Fewer rows than ids mean that one of them had not enough, and nothing of it may
-- stay.
UPDATE order_items i
SET cancelled_quantity = i.cancelled_quantity + w.cancelled,
    refunded_quantity = i.refunded_quantity + w.refunded,
    fulfilled_quantity = i.fulfilled_quantity + w.fulfilled,
    returned_quantity = i.returned_quantity + w.returned
FROM (
    SELECT
        unnest(@item_ids::uuid[]) AS id,
        unnest(@cancelled::integer[]) AS cancelled,
        unnest(@refunded::integer[]) AS refunded,
        unnest(@fulfilled::integer[]) AS fulfilled,
        unnest(@returned::integer[]) AS returned
) w
WHERE i.id = w.id
  AND i.order_id = @order_id
  AND i.cancelled_quantity + w.cancelled + i.refunded_quantity + w.refunded + i.fulfilled_quantity + w.fulfilled <= i.quantity
  AND i.returned_quantity + w.returned <= i.fulfilled_quantity + w.fulfilled;

-- name: FulfillmentCreate :one
INSERT INTO fulfillments (id, order_id, status, carrier, tracking_number, tracking_url, sent_at)
VALUES (@id, @order_id, @status, @carrier, @tracking_number, @tracking_url, @now)
RETURNING *;

-- name: FulfillmentItemCreate :exec
INSERT INTO fulfillment_items (fulfillment_id, order_item_id, quantity)
SELECT @fulfillment_id, sent.id, (@quantities::integer[])[sent.place]
FROM unnest(@item_ids::uuid[]) WITH ORDINALITY AS sent (id, place);

-- name: FulfillmentGet :one
-- The caller holds the order's lock, without which no fulfilment changes.
SELECT *
FROM fulfillments
WHERE id = @id
  AND order_id = @order_id;

-- name: FulfillmentSetStatus :one
UPDATE fulfillments
SET status = @status,
    delivered_at = CASE WHEN @status = 'DELIVERED' THEN @now::timestamptz END,
    cancelled_at = CASE WHEN @status = 'CANCELLED' THEN @now::timestamptz END
WHERE id = @id
RETURNING *;

-- name: FulfillmentDeliverAll :exec
-- All that is on its way of an order.
UPDATE fulfillments
SET status = 'DELIVERED', delivered_at = @now::timestamptz
WHERE order_id = @order_id
  AND status = 'SENT';

-- name: FulfillmentIsOnItsWay :one
SELECT EXISTS (
    SELECT FROM fulfillments WHERE order_id = @order_id AND status = 'SENT'
);

-- name: FulfillmentList :many
-- One page of an order's, in the order they were sent, after the given position.
SELECT *
FROM fulfillments
WHERE order_id = @order_id
  AND (sent_at, id) > (@after_time::timestamptz, @after_id::uuid)
ORDER BY sent_at, id
LIMIT @page_limit;

-- name: FulfillmentItemsByFulfillments :many
SELECT f.*
FROM fulfillment_items f
JOIN order_items i ON i.id = f.order_item_id
WHERE f.fulfillment_id = ANY(@fulfillment_ids::uuid[])
ORDER BY f.fulfillment_id, i.position;

-- name: FulfillmentEraseCustomer :exec
-- A tracking number leads to where a parcel went.
UPDATE fulfillments f
SET tracking_number = NULL, tracking_url = NULL
FROM orders o
WHERE o.user_id = @customer_id::uuid
  AND f.order_id = o.id;
