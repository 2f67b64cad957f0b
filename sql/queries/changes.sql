-- name: ChangesSince :one
-- The products that changed since a snapshot, the nil id for a change of everything, and the snapshot
-- that they were read in. A row counts when its transaction had not committed in the old snapshot, however early
-- it began, so none is missed and none waits for a transaction that is still running. The mark is that of ChangesMark,
-- the nil id when it is gone.
SELECT
    pg_current_snapshot()::text AS snapshot,
    coalesce((SELECT m.product_id FROM catalogue_changes m WHERE m.xid = '0'), '00000000-0000-0000-0000-000000000000')::uuid AS mark,
    ARRAY(
        SELECT coalesce(c.product_id, '00000000-0000-0000-0000-000000000000')
        FROM catalogue_changes c
        WHERE c.xid >= pg_snapshot_xmin(CAST(sqlc.arg('since')::text AS pg_snapshot))
          AND NOT pg_visible_in_snapshot(c.xid, CAST(sqlc.arg('since')::text AS pg_snapshot))
        LIMIT @at_most
    )::uuid[] AS changed;

-- name: ChangesMark :exec
-- Marks the table as one whose changes are all there from now on, unless it is.
INSERT INTO catalogue_changes (xid, product_id, changed_at)
VALUES ('0', @mark::uuid, 'infinity')
ON CONFLICT (xid) WHERE xid = '0' DO NOTHING;

-- name: ChangesNow :one
SELECT
    pg_current_snapshot()::text AS snapshot,
    coalesce((SELECT m.product_id FROM catalogue_changes m WHERE m.xid = '0'), '00000000-0000-0000-0000-000000000000')::uuid AS mark;

-- name: ChangesPrune :exec
-- Forgets what was committed before a snapshot, but for the mark.
DELETE FROM catalogue_changes
WHERE xid < pg_snapshot_xmin(CAST(@before::text AS pg_snapshot))
  AND xid > '0';
