-- name: PaymentCreate :one
INSERT INTO payments (id, order_id, status, amount_minor, currency, customer_id, capture_method, created_at, updated_at)
VALUES (@id, @order_id, 'CREATED', @amount_minor, @currency, sqlc.narg('customer_id'), @capture_method, @now, @now)
RETURNING *;

-- name: PaymentGet :one
SELECT *
FROM payments
WHERE id = @id;

-- name: PaymentGetForUpdate :one
-- Taken after the order's lock, never before it.
SELECT *
FROM payments
WHERE id = @id
FOR UPDATE;

-- name: PaymentGetByIntent :one
SELECT *
FROM payments
WHERE intent_id = @intent_id::text;

-- name: PaymentLatestByOrders :many
-- Per order the payment that counts: the live one, else the last.
SELECT DISTINCT ON (order_id) *
FROM payments
WHERE order_id = ANY(@order_ids::uuid[])
ORDER BY order_id, (status = 'CANCELLED'), created_at DESC, id DESC;

-- name: PaymentSetIntent :execrows
-- Writes the provider's id once; a second, other id changes nothing.
UPDATE payments
SET intent_id = @intent_id::text, updated_at = @now
WHERE id = @id
  AND (intent_id IS NULL OR intent_id = @intent_id::text);

-- name: PaymentSetStatus :exec
UPDATE payments
SET status = @status, updated_at = @now
WHERE id = @id;

-- name: PaymentCountRefunds :one
-- What was given back and what is on its way, as the payment's refunds say, and what banks took for good of what is left.
-- A refund that failed is neither, and what a bank took beyond the payment is not the payment's.
UPDATE payments p
SET refunded_minor = r.succeeded, refunding_minor = r.pending,
    lost_minor = least(d.lost, greatest(p.amount_minor - r.succeeded, 0)), updated_at = @now
FROM (
    SELECT coalesce(sum(amount_minor), 0)::bigint AS lost
    FROM disputes
    WHERE payment_id = @id
      AND status = 'LOST'
) d, (
    SELECT coalesce(sum(amount_minor) FILTER (WHERE status = 'SUCCEEDED'), 0)::bigint AS succeeded,
        coalesce(sum(amount_minor) FILTER (WHERE status IN ('PENDING', 'REQUIRES_ACTION')), 0)::bigint AS pending
    FROM refunds
    WHERE payment_id = @id
) r
WHERE p.id = @id
RETURNING p.*;

-- name: AttemptCreate :one
INSERT INTO payment_attempts (id, payment_id, payment_method_id, request_key, status, lease_until, created_at, updated_at)
VALUES (@id, @payment_id, @payment_method_id, @request_key, 'OPEN', @lease_until, @now, @now)
RETURNING *;

-- name: PaymentGetByRequestKey :one
-- The order's payment that an attempt under this key brought home.
SELECT sqlc.embed(p)
FROM payments p
JOIN payment_attempts a ON a.payment_id = p.id
WHERE p.order_id = @order_id
  AND a.request_key = @request_key::text
  AND a.status = 'SUCCEEDED'
LIMIT 1;

-- name: AttemptGetOpen :one
SELECT *
FROM payment_attempts
WHERE payment_id = @payment_id
  AND status = 'OPEN';

-- name: AttemptSetStatus :exec
UPDATE payment_attempts
SET status = @status, decline_code = @decline_code, updated_at = @now
WHERE id = @id
  AND status NOT IN ('SUCCEEDED', 'FAILED');

-- name: AttemptReleaseLease :exec
UPDATE payment_attempts
SET lease_until = @now, updated_at = @now
WHERE id = @id
  AND status = 'OPEN';

-- name: AttemptSettleWaiting :many
-- Closes what the provider's news decides: attempts waiting for the shopper or a bank, and those
-- whose request is gone. One still in a request's hands is left to that request.
UPDATE payment_attempts
SET status = @status, decline_code = @decline_code, updated_at = @now
WHERE payment_id = @payment_id
  AND (status IN ('REQUIRES_ACTION', 'PROCESSING') OR (status = 'OPEN' AND lease_until <= @now))
RETURNING id;

-- name: WebhookEventCreate :execrows
-- Zero rows when the event was here before: its effect already took place, in that transaction.
INSERT INTO webhook_events (id, type, api_version, payload, source, intent_id, outcome, received_at)
VALUES (@id, @type, @api_version, @payload, @source, sqlc.narg('intent_id'), 'IGNORED', @now)
ON CONFLICT (id) DO NOTHING;

-- name: WebhookEventSetOutcome :exec
UPDATE webhook_events
SET outcome = @outcome, reason = @reason
WHERE id = @id;

-- name: WebhookEventReplay :exec
-- Counts another decision of an event, and has the next one wait for this.
UPDATE webhook_events
SET intent_id = coalesce(sqlc.narg('intent_id'), intent_id), replays = replays + 1, replayed_at = @now
WHERE id = @id;

-- name: WebhookEventBlank :execrows
-- Forgets what some old events said that nobody has to look at, and keeps the rows, by which their repetitions are known.
UPDATE webhook_events
SET payload = ''
WHERE id IN (
    SELECT e.id
    FROM webhook_events e
    WHERE e.outcome <> 'SET_ASIDE'
      AND e.payload <> ''
      AND e.received_at < @before
    LIMIT @at_once
);

-- name: WebhookEventGet :one
SELECT *
FROM webhook_events
WHERE id = @id;

-- name: WebhookEventSetAsideCount :one
SELECT count(*)
FROM webhook_events
WHERE outcome = 'SET_ASIDE';

-- name: WebhookEventList :many
-- One page, newest first, before the given position. What the events said is left out.
SELECT id, type, api_version, outcome, reason, received_at, intent_id, source, replays, replayed_at
FROM webhook_events
WHERE (sqlc.narg('type')::text IS NULL OR type = sqlc.narg('type')::text)
  AND (sqlc.narg('outcome')::text IS NULL OR outcome = sqlc.narg('outcome')::text)
  AND (sqlc.narg('intent_id')::text IS NULL OR intent_id = sqlc.narg('intent_id')::text)
  AND (sqlc.narg('received_from')::timestamptz IS NULL OR received_at >= sqlc.narg('received_from')::timestamptz)
  AND (received_at, id) < (@before_time::timestamptz, @before_id::text)
ORDER BY received_at DESC, id DESC
LIMIT @page_limit;

-- name: WebhookEventKnown :many
-- Which of these are in the inbox.
SELECT id
FROM webhook_events
WHERE id = ANY(@ids::text[]);

-- name: SweepGet :one
SELECT swept_until
FROM sweeps
WHERE name = @name;

-- name: SweepAdvance :exec
-- A sweep never goes back, so two at once do no harm.
INSERT INTO sweeps (name, swept_until)
VALUES (@name, @swept_until)
ON CONFLICT (name) DO UPDATE
SET swept_until = greatest(sweeps.swept_until, excluded.swept_until);

-- name: PaymentFirst :one
-- When something was asked of the provider for the first time.
SELECT created_at
FROM (
    (SELECT created_at FROM payments ORDER BY created_at LIMIT 1)
    UNION ALL
    (SELECT created_at FROM payment_customers ORDER BY created_at LIMIT 1)
) asked
ORDER BY created_at
LIMIT 1;

-- name: PaymentListUnclear :many
-- Payments of which a try is open that no request holds any more: what came of it nobody knows.
SELECT p.*
FROM payments p
JOIN payment_attempts a ON a.payment_id = p.id
WHERE a.status = 'OPEN'
  AND a.lease_until <= @now
ORDER BY a.lease_until
LIMIT @at_once;
