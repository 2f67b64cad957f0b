-- name: ChangesSince :one
-- The products that changed since a snapshot, the nil id for a change of everything, and the snapshot
-- that they were read in. A row counts when its transaction had not committed in the old snapshot, however early
-- it began, so none is missed and none waits for a transaction that is still running.
SELECT
    pg_current_snapshot()::text AS snapshot,
    ARRAY(
        SELECT coalesce(c.product_id, '00000000-0000-0000-0000-000000000000')
        FROM catalogue_changes c
        WHERE c.xid >= pg_snapshot_xmin(CAST(sqlc.arg('since')::text AS pg_snapshot))
          AND NOT pg_visible_in_snapshot(c.xid, CAST(sqlc.arg('since')::text AS pg_snapshot))
        LIMIT @at_most
    )::uuid[] AS changed;

-- name: ChangesNow :one
SELECT pg_current_snapshot()::text;

-- name: ChangesPrune :exec
-- Forgets what every reader has seen: one that lags further behind has forgotten everything by then.
DELETE FROM catalogue_changes
WHERE changed_at < @before;
