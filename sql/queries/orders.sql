-- name: OrderCreate :one
-- The order with its items, in their order, and its first event.
WITH items AS (
    INSERT INTO order_items (
        id, order_id, position, product_id, variant_id, quantity, price_minor, product_snapshot, created_at)
    SELECT i.id, @id, i.position, i.product_id, i.variant_id, i.quantity, i.price_minor, i.product_snapshot, @now
    FROM jsonb_to_recordset(@items::jsonb) AS i(
        id uuid, position integer, product_id uuid, variant_id uuid, quantity integer, price_minor bigint,
        product_snapshot jsonb)
), event AS (
    INSERT INTO order_events (
        order_id, sequence, type, actor, reason, status, payment_status, fulfillment_status, review_status, created_at)
    VALUES (
        @id, 1, @event_type, @actor, @reason, @status, @payment_status, @fulfillment_status, @review_status, @now)
)
INSERT INTO orders (
    id, cart_id, user_id, email, status, payment_status, fulfillment_status, review_status, currency,
    subtotal_minor, discount_minor, shipping_minor, tax_minor, total_minor,
    shipping_address, billing_address, notes, token_hashes, expires_at, created_at, updated_at)
VALUES (
    @id, @cart_id, @user_id, @email, @status, @payment_status, @fulfillment_status, @review_status, @currency,
    @subtotal_minor, @discount_minor, @shipping_minor, @tax_minor, @total_minor,
    @shipping_address, @billing_address, @notes, @token_hashes, @expires_at, @now, @now)
RETURNING *;

-- name: OrderExtend :one
-- Gives a locked order more time to be paid, never less.
UPDATE orders
SET expires_at = greatest(expires_at, @expires_at::timestamptz)
WHERE id = @id
RETURNING expires_at;

-- name: OrderEventAppend :exec
-- The caller holds the order's lock, so the next number is free.
INSERT INTO order_events (
    order_id, sequence, type, actor, reason, status, payment_status, fulfillment_status, review_status, fulfillment_id, refund_id,
    dispute_id, return_id, return_status, created_at)
VALUES (
    @order_id,
    (SELECT coalesce(max(e.sequence), 0) + 1 FROM order_events e WHERE e.order_id = @order_id),
    @type, @actor, @reason, @status, @payment_status, @fulfillment_status, @review_status,
    sqlc.narg('fulfillment_id')::uuid, sqlc.narg('refund_id')::uuid, sqlc.narg('dispute_id')::uuid,
    sqlc.narg('return_id')::uuid, sqlc.narg('return_status')::text, @now);

-- name: OrderTimeline :many
-- One page of an order's history, oldest first, with the state before each event. Who is not staff is told what
-- changed for them, which a review does not; number counts what is told.
WITH history AS (
    SELECT e.*,
        coalesce(lag(e.status) OVER w, '')::text AS status_before,
        coalesce(lag(e.payment_status) OVER w, '')::text AS payment_status_before,
        coalesce(lag(e.fulfillment_status) OVER w, '')::text AS fulfillment_status_before,
        coalesce(lag(e.review_status) OVER w, '')::text AS review_status_before,
        coalesce(lag(e.return_status) OVER (PARTITION BY e.return_id ORDER BY e.sequence), '')::text AS return_status_before
    FROM order_events e
    WHERE e.order_id = @order_id
    WINDOW w AS (ORDER BY e.sequence)
), told AS (
    SELECT h.*, (row_number() OVER (ORDER BY h.sequence))::integer AS number
    FROM history h
    WHERE @staff::boolean
        OR h.fulfillment_id IS NOT NULL
        OR h.refund_id IS NOT NULL
        OR h.return_id IS NOT NULL
        OR h.status <> h.status_before
        OR h.payment_status <> h.payment_status_before
        OR h.fulfillment_status <> h.fulfillment_status_before
)
SELECT number, type, actor, reason, fulfillment_id, refund_id, dispute_id, return_id, return_status, return_status_before, created_at,
    status, payment_status, fulfillment_status, review_status,
    status_before, payment_status_before, fulfillment_status_before, review_status_before
FROM told
WHERE number > @after_number::integer
ORDER BY number
LIMIT @page_limit;

-- name: OrderHoldStart :one
-- The event that put an order on hold the last time: the dispute it was for, if any, and the review before it.
WITH history AS (
    SELECT sequence, dispute_id, review_status, lag(review_status) OVER (ORDER BY sequence) AS review_before
    FROM order_events
    WHERE order_id = @order_id
)
SELECT dispute_id, coalesce(review_before, 'NONE')::text AS review_before
FROM history
WHERE review_status = 'HELD'
  AND review_before IS DISTINCT FROM 'HELD'
ORDER BY sequence DESC
LIMIT 1;

-- name: OrderGet :one
SELECT *
FROM orders
WHERE id = @id;

-- name: OrderOpen :one
-- The order for who may see it: its customer, whoever holds a token of a guest's order, staff.
SELECT *
FROM orders
WHERE id = @id
  AND (@staff::boolean
    OR user_id = sqlc.narg('customer_id')::uuid
    OR (user_id IS NULL AND sqlc.narg('token_hash')::bytea = ANY (token_hashes)));

-- name: OrderOpenForUpdate :one
-- The same, locked like by OrderGetForUpdate. What is another's is never locked.
SELECT *
FROM orders
WHERE id = @id
  AND (@staff::boolean
    OR user_id = sqlc.narg('customer_id')::uuid
    OR (user_id IS NULL AND sqlc.narg('token_hash')::bytea = ANY (token_hashes)))
FOR UPDATE;

-- name: OrderAddToken :one
-- Finds a guest's order by what a person knows of it and adds a token, keeping so many of the newest. One statement
-- for every answer, so that an unknown number and another's address take the same time.
UPDATE orders
SET token_hashes = (ARRAY[@token_hash::bytea] || token_hashes)[1:@kept::integer]
WHERE order_number = @order_number
  AND email_key = @email_key
  AND user_id IS NULL
RETURNING *;

-- name: OrderGetForUpdate :one
-- Every change of an order takes this lock before it looks.
SELECT *
FROM orders
WHERE id = @id
FOR UPDATE;

-- name: OrderSetStatuses :one
UPDATE orders
SET status = @status,
    payment_status = @payment_status,
    fulfillment_status = @fulfillment_status,
    review_status = @review_status,
    review_verdict = @review_verdict,
    review_reasons = @review_reasons,
    updated_at = @now
WHERE id = @id
RETURNING *;

-- name: OrderItemsByOrders :many
SELECT *
FROM order_items
WHERE order_id = ANY(@order_ids::uuid[])
ORDER BY order_id, position;

-- name: OrderListNewest :many
-- One page for staff, newest first, before the given position. Only what is planned for its own parameters finds
-- the index that fits them: see orders.Service.List.
SELECT *
FROM orders
WHERE (sqlc.narg('status')::text IS NULL OR status = sqlc.narg('status')::text)
  AND (sqlc.narg('payment_status')::text IS NULL OR payment_status = sqlc.narg('payment_status')::text)
  AND (sqlc.narg('fulfillment_status')::text IS NULL OR fulfillment_status = sqlc.narg('fulfillment_status')::text)
  AND (sqlc.narg('review_status')::text IS NULL OR review_status = sqlc.narg('review_status')::text)
  AND (sqlc.narg('created_from')::timestamptz IS NULL OR created_at >= sqlc.narg('created_from')::timestamptz)
  AND (sqlc.narg('created_before')::timestamptz IS NULL OR created_at < sqlc.narg('created_before')::timestamptz)
  AND (sqlc.narg('customer_id')::uuid IS NULL OR user_id = sqlc.narg('customer_id')::uuid)
  AND (sqlc.narg('email_key')::text IS NULL OR email_key = sqlc.narg('email_key')::text)
  AND (sqlc.narg('words')::text IS NULL
    OR order_words(order_number, email, shipping_address, billing_address) @@ order_query(sqlc.narg('words')::text))
  AND (sqlc.narg('currency')::text IS NULL OR currency = sqlc.narg('currency')::text)
  AND (sqlc.narg('min_total')::bigint IS NULL OR total_minor >= sqlc.narg('min_total')::bigint)
  AND (sqlc.narg('max_total')::bigint IS NULL OR total_minor <= sqlc.narg('max_total')::bigint)
  AND (created_at, id) < (@before_time::timestamptz, @before_id::uuid)
ORDER BY created_at DESC, id DESC
LIMIT @page_limit;

-- name: OrderListOldest :many
-- The same, oldest first, after the given position.
SELECT *
FROM orders
WHERE (sqlc.narg('status')::text IS NULL OR status = sqlc.narg('status')::text)
  AND (sqlc.narg('payment_status')::text IS NULL OR payment_status = sqlc.narg('payment_status')::text)
  AND (sqlc.narg('fulfillment_status')::text IS NULL OR fulfillment_status = sqlc.narg('fulfillment_status')::text)
  AND (sqlc.narg('review_status')::text IS NULL OR review_status = sqlc.narg('review_status')::text)
  AND (sqlc.narg('created_from')::timestamptz IS NULL OR created_at >= sqlc.narg('created_from')::timestamptz)
  AND (sqlc.narg('created_before')::timestamptz IS NULL OR created_at < sqlc.narg('created_before')::timestamptz)
  AND (sqlc.narg('customer_id')::uuid IS NULL OR user_id = sqlc.narg('customer_id')::uuid)
  AND (sqlc.narg('email_key')::text IS NULL OR email_key = sqlc.narg('email_key')::text)
  AND (sqlc.narg('words')::text IS NULL
    OR order_words(order_number, email, shipping_address, billing_address) @@ order_query(sqlc.narg('words')::text))
  AND (sqlc.narg('currency')::text IS NULL OR currency = sqlc.narg('currency')::text)
  AND (sqlc.narg('min_total')::bigint IS NULL OR total_minor >= sqlc.narg('min_total')::bigint)
  AND (sqlc.narg('max_total')::bigint IS NULL OR total_minor <= sqlc.narg('max_total')::bigint)
  AND (created_at, id) > (@after_time::timestamptz, @after_id::uuid)
ORDER BY created_at, id
LIMIT @page_limit;

-- name: OrderListByCustomer :many
-- One page of a customer's own, newest first, before the given position.
SELECT *
FROM orders
WHERE user_id = @customer_id::uuid
  AND (created_at, id) < (@before_time::timestamptz, @before_id::uuid)
ORDER BY created_at DESC, id DESC
LIMIT @page_limit;

-- name: OrderJoinCustomer :exec
-- Locks in one order, so that two who join the same orders take turns.
WITH theirs AS (
    SELECT g.id
    FROM orders g
    WHERE g.email_key = @email_key
      AND g.user_id IS NULL
    ORDER BY g.id
    FOR UPDATE
)
UPDATE orders o
SET user_id = @customer_id::uuid, token_hashes = '{}'
FROM theirs
WHERE o.id = theirs.id;

-- name: OrderEraseCustomer :exec
-- Of an address the country stays: it decided the tax.
WITH theirs AS (
    SELECT id
    FROM orders
    WHERE user_id = @customer_id::uuid
    ORDER BY id
    FOR UPDATE
)
UPDATE orders o
SET email = @email,
    shipping_address = @blank_address::jsonb || jsonb_build_object('country', o.shipping_address -> 'country'),
    billing_address = @blank_address::jsonb || jsonb_build_object('country', o.billing_address -> 'country'),
    notes = NULL,
    token_hashes = '{}'
FROM theirs
WHERE o.id = theirs.id;

-- name: OrderForgetUnpaid :execrows
-- Takes what is personal off orders that ended unpaid long ago. Of an address the country stays.
UPDATE orders o
SET email = @erased,
    shipping_address = @blank_address::jsonb || jsonb_build_object('country', o.shipping_address -> 'country'),
    billing_address = @blank_address::jsonb || jsonb_build_object('country', o.billing_address -> 'country'),
    notes = NULL,
    token_hashes = '{}'
WHERE o.id IN (
    SELECT d.id
    FROM orders d
    WHERE d.status = 'CANCELLED'
      AND d.payment_status IN ('PENDING', 'FAILED')
      AND d.email <> 'erased@erased.invalid'
      AND d.updated_at < @before
    ORDER BY d.updated_at
    LIMIT @at_once
    FOR UPDATE SKIP LOCKED
);

-- name: OrderListToErase :many
-- Locks in one order, as those do who join or erase.
SELECT id, cart_id, status
FROM orders
WHERE user_id = @customer_id::uuid
ORDER BY id
FOR UPDATE;

-- name: OrderDueList :many
-- Unpaid orders whose time to pay is over, from the one due longest.
SELECT id, expires_at
FROM orders
WHERE status = 'PENDING'
  AND expires_at <= @now
  AND (expires_at, id) > (@after_time::timestamptz, @after_id::uuid)
ORDER BY expires_at, id
LIMIT @page_limit;
