-- name: AuditBegin :exec
-- Names the action that the changes of this transaction belong to, until it ends.
SELECT set_config('cartwright.audit', @action::text, true);

-- name: AuditEnter :exec
-- Writes an action's entry, whatever it changes.
SELECT enter_audit(@action::jsonb);

-- name: AuditListSettings :exec
-- Has the lists below be planned for the filters they are asked with.
SELECT set_config('plan_cache_mode', 'force_custom_plan', true);

-- name: AuditEntryList :many
-- One page, newest first, before the given position.
SELECT id, operation, target, actor, user_id, address, request_id, created_at
FROM audit_entries
WHERE (sqlc.narg('user_id')::uuid IS NULL OR user_id = sqlc.narg('user_id')::uuid)
  AND (sqlc.narg('operation')::text IS NULL OR operation = sqlc.narg('operation')::text)
  AND (sqlc.narg('address')::text IS NULL OR address = sqlc.narg('address')::text)
  AND (sqlc.narg('request_id')::uuid IS NULL OR request_id = sqlc.narg('request_id')::uuid)
  AND created_at >= @since
  AND (created_at, id) < (@before_time::timestamptz, @before_id::uuid)
ORDER BY created_at DESC, id DESC
LIMIT @page_limit;

-- name: AuditEntryListOfThing :many
-- One page of those that changed a thing, newest first, before the given position.
SELECT id, operation, target, actor, user_id, address, request_id, created_at
FROM audit_entries
WHERE id IN (SELECT c.entry_id FROM audit_changes c WHERE c.thing_id = @thing_id)
  AND (sqlc.narg('user_id')::uuid IS NULL OR user_id = sqlc.narg('user_id')::uuid)
  AND (sqlc.narg('operation')::text IS NULL OR operation = sqlc.narg('operation')::text)
  AND (sqlc.narg('address')::text IS NULL OR address = sqlc.narg('address')::text)
  AND (sqlc.narg('request_id')::uuid IS NULL OR request_id = sqlc.narg('request_id')::uuid)
  AND created_at >= @since
  AND (created_at, id) < (@before_time::timestamptz, @before_id::uuid)
ORDER BY created_at DESC, id DESC
LIMIT @page_limit;

-- name: AuditChangeCount :many
-- How many changes each of the entries has; none of an entry without.
SELECT entry_id, count(*) AS changes
FROM audit_changes
WHERE entry_id = ANY (@entries::uuid[])
GROUP BY entry_id;

-- name: AuditChangeList :many
-- The first changes of each of the entries, as they were made.
SELECT c.entry_id, c.thing, c.thing_id, c.was, c.became
FROM audit_entries e
CROSS JOIN LATERAL (
    SELECT a.id, a.entry_id, a.thing, a.thing_id, a.was, a.became
    FROM audit_changes a
    WHERE a.entry_id = e.id
    ORDER BY a.id
    LIMIT @at_most
) c
WHERE e.id = ANY (@entries::uuid[])
ORDER BY c.id;
