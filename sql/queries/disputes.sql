-- name: DisputeCreate :one
INSERT INTO disputes (
    id, payment_id, dispute_id, amount_minor, currency, reason, status, evidence_due_by, funds_withdrawn_at, funds_reinstated_at,
    opened_at, closed_at, updated_at)
VALUES (
    @id, @payment_id, @dispute_id, @amount_minor, @currency, @reason, @status, sqlc.narg('evidence_due_by'),
    sqlc.narg('funds_withdrawn_at'), sqlc.narg('funds_reinstated_at'), @opened_at, sqlc.narg('closed_at'), @now)
RETURNING *;

-- name: DisputeUpdate :one
-- What money moved is known for good.
UPDATE disputes
SET amount_minor = @amount_minor,
    reason = @reason,
    status = @status,
    evidence_due_by = sqlc.narg('evidence_due_by'),
    funds_withdrawn_at = coalesce(funds_withdrawn_at, sqlc.narg('funds_withdrawn_at')),
    funds_reinstated_at = coalesce(funds_reinstated_at, sqlc.narg('funds_reinstated_at')),
    closed_at = sqlc.narg('closed_at'),
    updated_at = @now
WHERE id = @id
RETURNING *;

-- name: DisputeListByPayment :many
-- All disputes of a payment, oldest first.
SELECT *
FROM disputes
WHERE payment_id = @payment_id
ORDER BY opened_at, id;

-- name: DisputeListByOrders :many
-- All disputes of some orders, oldest first.
SELECT sqlc.embed(d), sqlc.embed(p)
FROM disputes d
JOIN payments p ON p.id = d.payment_id
WHERE p.order_id = ANY(@order_ids::uuid[])
ORDER BY d.opened_at, d.id;

-- name: DisputeListNewest :many
-- One page, newest first, before the given position.
SELECT sqlc.embed(d), sqlc.embed(p)
FROM disputes d
JOIN payments p ON p.id = d.payment_id
WHERE (sqlc.narg('status')::text IS NULL OR d.status = sqlc.narg('status')::text)
  AND (d.opened_at, d.id) < (@before_time::timestamptz, @before_id::uuid)
ORDER BY d.opened_at DESC, d.id DESC
LIMIT @page_limit;

-- name: DisputeListDue :many
-- One page, those due soonest first and those that are never due last, after the given position.
SELECT sqlc.embed(d), sqlc.embed(p)
FROM disputes d
JOIN payments p ON p.id = d.payment_id
WHERE (sqlc.narg('status')::text IS NULL OR d.status = sqlc.narg('status')::text)
  AND (coalesce(d.evidence_due_by, 'infinity'), d.id) > (coalesce(sqlc.narg('after_time')::timestamptz, 'infinity'), @after_id::uuid)
ORDER BY coalesce(d.evidence_due_by, 'infinity'), d.id
LIMIT @page_limit;
