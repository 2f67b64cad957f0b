-- name: AttentionList :many
-- One page of what waits for a person, what has waited longest first, after the given position.
SELECT a.kind::text AS kind, a.id::text AS id, coalesce(a.order_id, '00000000-0000-0000-0000-000000000000')::uuid AS order_id,
    coalesce(o.order_number, '')::text AS order_number,
    a.since::timestamptz AS since, a.due_by, coalesce(a.amount_minor, 0)::bigint AS amount_minor,
    coalesce(a.currency, '')::text AS currency, coalesce(a.reason, '')::text AS reason
FROM attention a
LEFT JOIN orders o ON o.id = a.order_id
WHERE (sqlc.narg('kind')::text IS NULL OR a.kind = sqlc.narg('kind')::text)
  AND (a.since, a.id) > (@after_time::timestamptz, @after_id::text)
ORDER BY a.since, a.id
LIMIT @page_limit;

-- name: AttentionCount :many
-- How much waits, kind by kind. A kind of which nothing does is left out.
SELECT kind::text AS kind, count(*) AS items
FROM attention
GROUP BY kind;
