-- name: PaymentListNamed :many
-- The payments that intents belong to: by their names, else by the payments that the provider remembers.
SELECT *
FROM payments
WHERE intent_id = ANY(@intent_ids::text[])
   OR id = ANY(@ids::uuid[]);

-- name: PaymentListMade :many
-- Payments with an intent, in the order in which they were made; their names begin with the time.
SELECT *
FROM payments
WHERE id > @after
  AND id < @before
  AND intent_id IS NOT NULL
ORDER BY id
LIMIT @at_once;

-- name: PaymentListUnsettled :many
-- Those of them that may still come to something.
SELECT *
FROM payments
WHERE status NOT IN ('SUCCEEDED', 'CANCELLED')
  AND id > @after
  AND id < @before
  AND intent_id IS NOT NULL
ORDER BY id
LIMIT @at_once;

-- name: FindingOpen :exec
-- Of an intent with an open finding, that one is brought up to date.
INSERT INTO payment_findings (id, kind, status, intent_id, payment_id, here, there, found_at, seen_at)
VALUES (@id, @kind, 'OPEN', @intent_id, sqlc.narg('payment_id'), sqlc.narg('here'), sqlc.narg('there'), @now, @now)
ON CONFLICT (intent_id) WHERE status = 'OPEN' DO UPDATE
SET kind = excluded.kind, payment_id = excluded.payment_id, here = excluded.here, there = excluded.there, seen_at = excluded.seen_at;

-- name: FindingCreateResolved :exec
INSERT INTO payment_findings (id, kind, status, intent_id, payment_id, here, there, found_at, seen_at, resolved_at)
VALUES (@id, @kind, 'RESOLVED', @intent_id, sqlc.narg('payment_id'), sqlc.narg('here'), sqlc.narg('there'), @now, @now, @now);

-- name: FindingResolve :execrows
UPDATE payment_findings
SET status = 'RESOLVED', seen_at = @now, resolved_at = @now
WHERE intent_id = @intent_id
  AND status = 'OPEN';

-- name: FindingDismiss :execrows
UPDATE payment_findings
SET status = 'DISMISSED', note = @note, resolved_at = @now
WHERE id = @id
  AND status = 'OPEN';

-- name: FindingGet :one
SELECT f.*, p.order_id
FROM payment_findings f
LEFT JOIN payments p ON p.id = f.payment_id
WHERE f.id = @id;

-- name: FindingDismissed :one
-- Whether staff have dismissed just this of the intent before.
SELECT EXISTS (
    SELECT
    FROM payment_findings
    WHERE intent_id = @intent_id
      AND status = 'DISMISSED'
      AND kind = @kind
      AND here IS NOT DISTINCT FROM sqlc.narg('here')::jsonb
      AND there IS NOT DISTINCT FROM sqlc.narg('there')::jsonb
);

-- name: FindingListOpen :many
-- Open findings, those that were looked at longest ago first.
SELECT intent_id, payment_id
FROM payment_findings
WHERE status = 'OPEN'
ORDER BY seen_at
LIMIT @at_once;

-- name: FindingCountOpen :one
SELECT count(*)
FROM payment_findings
WHERE status = 'OPEN';

-- name: FindingList :many
-- One page, newest first, before the given position.
SELECT f.*, p.order_id
FROM payment_findings f
LEFT JOIN payments p ON p.id = f.payment_id
WHERE (sqlc.narg('status')::text IS NULL OR f.status = sqlc.narg('status')::text)
  AND (sqlc.narg('kind')::text IS NULL OR f.kind = sqlc.narg('kind')::text)
  AND (f.found_at, f.id) < (@before_time::timestamptz, @before_id::uuid)
ORDER BY f.found_at DESC, f.id DESC
LIMIT @page_limit;
