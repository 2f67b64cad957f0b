-- +goose Up
-- What only a person can end, each once and with the time since when it waits. A refund that came to nothing is no more in
-- it once as much was given back after it, or nothing is left to give back.
CREATE INDEX refunds_failed ON refunds (updated_at, id) WHERE status IN ('FAILED', 'CANCELLED');
CREATE INDEX disputes_unanswered ON disputes (opened_at, id) WHERE status IN ('NEEDS_RESPONSE', 'WARNING_NEEDS_RESPONSE');

CREATE VIEW attention AS
SELECT 'DISPUTE_TO_ANSWER'::text AS kind, d.id::text AS id, p.order_id, d.opened_at AS since, d.evidence_due_by AS due_by,
    d.amount_minor, d.currency::text AS currency, d.reason
FROM disputes d
JOIN payments p ON p.id = d.payment_id
WHERE d.status IN ('NEEDS_RESPONSE', 'WARNING_NEEDS_RESPONSE')
UNION ALL
SELECT 'REFUND_FAILED', r.id::text, p.order_id, r.updated_at, NULL, r.amount_minor, p.currency::text, r.failure
FROM refunds r
JOIN payments p ON p.id = r.payment_id
WHERE r.status IN ('FAILED', 'CANCELLED')
  AND p.refunded_minor + p.refunding_minor + p.lost_minor < p.amount_minor
  AND r.amount_minor > (
    SELECT coalesce(sum(later.amount_minor), 0)
    FROM refunds later
    WHERE later.payment_id = r.payment_id
      AND later.created_at >= r.updated_at
      AND later.status NOT IN ('FAILED', 'CANCELLED'))
UNION ALL
SELECT 'ORDER_ON_HOLD', o.id::text, o.id, coalesce(
        (SELECT max(e.created_at) FROM order_events e WHERE e.order_id = o.id AND e.type = 'held'), o.created_at),
    NULL, o.total_minor, o.currency::text, array_to_string(o.review_reasons, ', ')
FROM orders o
WHERE o.review_status = 'HELD'
UNION ALL
SELECT 'PAYMENT_FINDING', f.id::text, p.order_id, f.found_at, NULL, NULL, NULL, f.kind
FROM payment_findings f
LEFT JOIN payments p ON p.id = f.payment_id
WHERE f.status = 'OPEN'
UNION ALL
SELECT 'RETURN_REQUESTED', r.id::text, r.order_id, r.created_at, NULL, NULL, NULL, NULL
FROM returns r
WHERE r.status = 'REQUESTED'
UNION ALL
SELECT 'STRIPE_EVENT_SET_ASIDE', w.id, NULL, w.received_at, NULL, NULL, NULL, w.reason
FROM webhook_events w
WHERE w.outcome = 'SET_ASIDE';

-- +goose Down
DROP VIEW attention;
DROP INDEX disputes_unanswered;
DROP INDEX refunds_failed;
