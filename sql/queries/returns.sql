-- name: ReturnCreate :one
-- The caller holds the order's lock, so the next number is free.
INSERT INTO returns (id, order_id, return_number, status, actor, created_at, updated_at)
SELECT @id, o.id, o.order_number || '-R' || (SELECT count(*) + 1 FROM returns r WHERE r.order_id = o.id), @status, @actor, @now, @now
FROM orders o
WHERE o.id = @order_id
RETURNING *;

-- name: ReturnItemCreate :exec
-- A note that says nothing is none.
INSERT INTO return_items (return_id, order_item_id, quantity, reason, note)
SELECT @return_id, unnest(@item_ids::uuid[]), unnest(@quantities::integer[]), unnest(@reasons::text[]), nullif(unnest(@notes::text[]), '');

-- name: ReturnGet :one
SELECT *
FROM returns
WHERE id = @id;

-- name: ReturnGetByRefund :one
-- The caller holds the order's lock, without which no return changes.
SELECT *
FROM returns
WHERE refund_id = @refund_id::uuid;

-- name: ReturnSetStatus :one
UPDATE returns
SET status = @status,
    reply = sqlc.narg('reply')::text,
    refund_id = sqlc.narg('refund_id')::uuid,
    updated_at = @now
WHERE id = @id
RETURNING *;

-- name: ReturnItemReceive :execrows
-- Counts what came, and what of it is on the shelf again.
UPDATE return_items i
SET received = w.received, restocked = w.restocked
FROM (
    SELECT unnest(@item_ids::uuid[]) AS order_item_id, unnest(@received::integer[]) AS received,
        unnest(@restocked::integer[]) AS restocked
) w
WHERE i.return_id = @return_id
  AND i.order_item_id = w.order_item_id;

-- name: ReturnList :many
-- One page for staff, newest first, before the given position.
SELECT *
FROM returns
WHERE (sqlc.narg('status')::text IS NULL OR status = sqlc.narg('status')::text)
  AND (created_at, id) < (@before_time::timestamptz, @before_id::uuid)
ORDER BY created_at DESC, id DESC
LIMIT @page_limit;

-- name: ReturnListByOrder :many
-- One page of an order's, in the order they were asked for, after the given position.
SELECT *
FROM returns
WHERE order_id = @order_id
  AND (created_at, id) > (@after_time::timestamptz, @after_id::uuid)
ORDER BY created_at, id
LIMIT @page_limit;

-- name: ReturnItemsByReturns :many
SELECT r.*
FROM return_items r
JOIN order_items i ON i.id = r.order_item_id
WHERE r.return_id = ANY(@return_ids::uuid[])
ORDER BY r.return_id, i.position;

-- name: ReturnItemSums :many
-- How many of each of an order's lines are to come back: what came is in the account of the line.
SELECT i.order_item_id, sum(i.quantity)::integer AS quantity
FROM return_items i
JOIN returns r ON r.id = i.return_id
WHERE r.order_id = @order_id
  AND r.status IN ('REQUESTED', 'APPROVED')
GROUP BY i.order_item_id;

-- name: ReturnEraseCustomer :exec
-- What was written to and by a customer goes with them.
WITH theirs AS (
    SELECT r.id
    FROM returns r
    JOIN orders o ON o.id = r.order_id
    WHERE o.user_id = @customer_id::uuid
), replies AS (
    UPDATE returns r
    SET reply = NULL
    FROM theirs
    WHERE r.id = theirs.id
      AND r.reply IS NOT NULL
)
UPDATE return_items i
SET note = NULL
FROM theirs
WHERE i.return_id = theirs.id
  AND i.note IS NOT NULL;
