-- name: RefundCreate :one
-- Makes the refund only where so much is left to give back, and while no bank decides about the payment. The caller holds
-- the payment's lock, so that of several who ask at once each finds what the others have left.
INSERT INTO refunds (
    id, payment_id, source, actor, request_key, amount_minor, fee_minor, reason, note, restocked, status, created_at, updated_at)
SELECT @id, p.id, 'SHOP', @actor, sqlc.narg('request_key')::text, @amount_minor::bigint, @fee_minor, sqlc.narg('reason')::text,
    sqlc.narg('note')::text, @restocked, 'PENDING', @now, @now
FROM payments p
WHERE p.id = @payment_id
  AND p.status = 'SUCCEEDED'
  AND p.refunded_minor + p.refunding_minor + p.lost_minor + @amount_minor::bigint <= p.amount_minor
  AND NOT EXISTS (SELECT FROM disputes d WHERE d.payment_id = p.id AND d.closed_at IS NULL)
RETURNING *;

-- name: RefundGetByRequestKey :one
SELECT *
FROM refunds
WHERE payment_id = @payment_id
  AND actor = @actor
  AND request_key = @request_key::text;

-- name: RefundRecord :one
-- What was given back without the shop's doing.
INSERT INTO refunds (id, payment_id, refund_id, source, actor, amount_minor, reason, failure, status, created_at, updated_at)
VALUES (
    @id, @payment_id, @refund_id::text, 'DASHBOARD', @actor, @amount_minor, sqlc.narg('reason')::text, sqlc.narg('failure')::text,
    @status, @created_at, @now)
RETURNING *;

-- name: RefundSetResult :one
-- The provider's name for it is learnt once.
UPDATE refunds
SET refund_id = coalesce(refund_id, nullif(@refund_id::text, '')),
    status = @status,
    failure = sqlc.narg('failure')::text,
    updated_at = @now
WHERE id = @id
RETURNING *;

-- name: RefundForgetSum :execrows
-- Sums stand for refunds of which nothing else was known. They go once the refunds themselves are told.
DELETE FROM refunds
WHERE payment_id = @payment_id
  AND source = 'DASHBOARD'
  AND refund_id IS NULL;

-- name: RefundGet :one
SELECT *
FROM refunds
WHERE id = @id;

-- name: RefundGetOfOrder :one
SELECT sqlc.embed(r), sqlc.embed(p)
FROM refunds r
JOIN payments p ON p.id = r.payment_id
WHERE r.id = @id
  AND p.order_id = @order_id;

-- name: RefundListByPayment :many
SELECT *
FROM refunds
WHERE payment_id = @payment_id
ORDER BY id;

-- name: RefundListByOrder :many
-- One page of an order's refunds, oldest first, after the given position.
SELECT sqlc.embed(r), sqlc.embed(p)
FROM refunds r
JOIN payments p ON p.id = r.payment_id
WHERE p.order_id = @order_id
  AND (r.created_at, r.id) > (@after_time::timestamptz, @after_id::uuid)
ORDER BY r.created_at, r.id
LIMIT @page_limit;

-- name: RefundItemCreate :exec
INSERT INTO refund_items (refund_id, order_item_id, quantity, amount_minor)
SELECT @refund_id, unnest(@item_ids::uuid[]), unnest(@quantities::integer[]), unnest(@amounts::bigint[]);

-- name: RefundItemsByRefunds :many
SELECT *
FROM refund_items
WHERE refund_id = ANY(@refund_ids::uuid[])
ORDER BY refund_id, order_item_id;

-- name: RefundItemSums :many
-- How much of each line refunds of the payment are for, without those that came to nothing; and how many of the units
-- came with no return.
SELECT
    i.order_item_id,
    sum(i.quantity)::integer AS quantity,
    coalesce(sum(i.quantity) FILTER (WHERE t.id IS NULL), 0)::integer AS without_return,
    sum(i.amount_minor)::bigint AS amount_minor
FROM refund_items i
JOIN refunds r ON r.id = i.refund_id
LEFT JOIN returns t ON t.refund_id = r.id
WHERE r.payment_id = @payment_id
  AND r.status IN ('PENDING', 'REQUIRES_ACTION', 'SUCCEEDED')
GROUP BY i.order_item_id;

-- name: RefundEraseNotes :exec
-- Takes what staff had to say off the refunds of these orders.
UPDATE refunds r
SET note = NULL
FROM payments p
WHERE p.id = r.payment_id
  AND p.order_id = ANY(@order_ids::uuid[])
  AND r.note IS NOT NULL;
