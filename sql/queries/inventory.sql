-- name: StockLevelCreate :batchexec
INSERT INTO stock_levels (variant_id, on_hand, allow_backorder)
VALUES (@variant_id, @on_hand, @allow_backorder);

-- name: StockMovementCreate :batchexec
INSERT INTO stock_movements (id, variant_id, quantity, reason, order_id, note, actor, created_at)
VALUES (@id, @variant_id, @quantity, @reason, @order_id, nullif(@note::text, ''), nullif(@actor::text, ''), @now);

-- name: StockReserve :many
-- Takes each quantity from what is free where there is enough; answers the variants it took from. The levels are
-- locked in variant-id order and read as they are then, so two buyers cannot both take the last unit, nor wait for
-- each other. With back-orders there is always enough, down to a bound that keeps the numbers countable.
WITH held AS MATERIALIZED (
    SELECT s.variant_id, s.available, s.reserved, s.allow_backorder,
           (@quantities::integer[])[array_position(@variant_ids::uuid[], s.variant_id)] AS quantity
    FROM stock_levels s
    WHERE s.variant_id = ANY (@variant_ids::uuid[])
    ORDER BY s.variant_id
    FOR UPDATE
), level AS (
    UPDATE stock_levels AS s
    SET reserved = held.reserved + held.quantity
    FROM held
    WHERE s.variant_id = held.variant_id
      AND held.available - held.quantity >= CASE WHEN held.allow_backorder THEN -1000000000 ELSE 0 END
    RETURNING s.variant_id, held.quantity
)
INSERT INTO stock_reservations AS r (order_id, variant_id, quantity, state, held_by, created_at, updated_at)
SELECT @order_id, level.variant_id, level.quantity, 'OPEN', @held_by::bytea[], @now, @now
FROM level
ON CONFLICT (order_id, variant_id) DO UPDATE
    SET state = 'OPEN', held_by = excluded.held_by, updated_at = excluded.updated_at
RETURNING r.variant_id;

-- name: StockHeldBeyond :many
-- Of these variants, those of which an order or its networks hold more units unpaid than their shares in per cent of what
-- is not sold, and more than a number that is always allowed. The caller has just held units for the order, so it has the
-- levels locked, and every hold before is visible. What can be back-ordered is not scarce.
WITH scarce AS (
    SELECT s.variant_id, (s.on_hand - s.allocated)::bigint AS unsold
    FROM stock_levels s
    WHERE s.variant_id = ANY (@variant_ids::uuid[])
      AND NOT s.allow_backorder
), network AS (
    SELECT ordinality::integer AS n, share
    FROM unnest(@network_shares::integer[]) WITH ORDINALITY AS listed (share, ordinality)
), held AS (
    SELECT r.variant_id, sum(r.quantity) AS quantity, network.share
    FROM network
    JOIN stock_reservations r ON r.held_by[network.n] = (@held_by::bytea[])[network.n]
    WHERE r.held_by[1] = (@held_by::bytea[])[1]
      AND r.held_by IS NOT NULL
      AND r.variant_id = ANY (@variant_ids::uuid[])
    GROUP BY r.variant_id, network.n, network.share
    UNION ALL
    SELECT r.variant_id, r.quantity, @order_share::integer
    FROM stock_reservations r
    WHERE r.order_id = @order_id
      AND @order_share::integer > 0
)
SELECT DISTINCT held.variant_id
FROM held
JOIN scarce ON scarce.variant_id = held.variant_id
WHERE held.share < 100
  AND held.quantity > greatest(@always::bigint, scarce.unsold * held.share / 100);

-- name: StockHeldUnpaid :one
-- How much unpaid orders hold.
SELECT
    coalesce(sum(quantity), 0)::bigint AS units,
    count(DISTINCT order_id) AS orders
FROM stock_reservations
WHERE held_by IS NOT NULL;

-- name: ReservationListForUpdate :many
-- The order's reservations in one state, locked in variant-id order.
SELECT variant_id, quantity
FROM stock_reservations
WHERE order_id = @order_id
  AND state = @state
ORDER BY variant_id
FOR UPDATE;

-- name: StockLevelLockSold :many
-- The levels of what an order was sold of these variants, locked as a sale locks them. What is not counted has none.
SELECT s.variant_id, s.on_hand
FROM stock_reservations r
JOIN stock_levels s ON s.variant_id = r.variant_id
WHERE r.order_id = @order_id
  AND r.variant_id = ANY (@variant_ids::uuid[])
  AND r.state = 'COMMITTED'
ORDER BY s.variant_id
FOR NO KEY UPDATE OF s;

-- name: ReservationSetState :exec
UPDATE stock_reservations
SET state = @new_state, held_by = NULL, updated_at = @now
WHERE order_id = @order_id
  AND state = @old_state;

-- name: StockLevelShift :batchexec
-- Moves a level; the named CHECKs refuse what cannot be. Send these in variant-id order.
UPDATE stock_levels
SET on_hand = on_hand + @on_hand_delta,
    allocated = allocated + @allocated_delta,
    reserved = reserved + @reserved_delta
WHERE variant_id = @variant_id;

-- name: StockLevelList :many
-- The levels of a product's variants, the default one first.
SELECT sqlc.embed(s), v.sku, v.name AS variant_name, v.is_default
FROM product_variants v
JOIN stock_levels s ON s.variant_id = v.id
WHERE v.product_id = @product_id
ORDER BY v.is_default DESC, v.sort_order, v.id;

-- name: StockLevelLock :one
-- Locked as a sale locks it, to be read, judged and changed.
SELECT *
FROM stock_levels
WHERE variant_id = @variant_id
FOR NO KEY UPDATE;

-- name: StockAdjust :exec
-- Moves a locked level by hand, and says so in the ledger.
WITH level AS (
    UPDATE stock_levels
    SET on_hand = on_hand + @delta::integer
    WHERE stock_levels.variant_id = @variant_id
    RETURNING variant_id
)
INSERT INTO stock_movements (id, variant_id, quantity, reason, note, actor, created_at)
SELECT @id, level.variant_id, @delta::integer, @reason, sqlc.narg('note')::text, @actor::text, @now::timestamptz
FROM level;

-- name: StockBackorderSet :execrows
-- Back-orders do not end while units are owed.
UPDATE stock_levels
SET allow_backorder = @allow_backorder
WHERE variant_id = @variant_id
  AND (@allow_backorder OR NOT allow_backorder OR available >= 0);

-- name: StockLevelExists :one
SELECT EXISTS (SELECT FROM stock_levels WHERE variant_id = @variant_id);

-- name: StockMovementList :many
-- A product's movements, newest first, before the given id: of each variant no more than the page
-- takes.
SELECT m.id, m.variant_id, v.sku, m.quantity, m.reason, m.note, m.order_id, m.actor, m.created_at
FROM product_variants v
CROSS JOIN LATERAL (
    SELECT *
    FROM stock_movements x
    WHERE x.variant_id = v.id
      AND x.id < @before_id
    ORDER BY x.id DESC
    LIMIT @page_limit
) m
WHERE v.product_id = @product_id
  AND (sqlc.narg('variant_id')::uuid IS NULL OR v.id = sqlc.narg('variant_id'))
ORDER BY m.id DESC
LIMIT @page_limit;

-- name: StockLowList :many
-- What is low, the latest first, before the given position.
SELECT
    l.since,
    sqlc.embed(s),
    v.sku,
    v.name AS variant_name,
    v.is_default,
    v.product_id,
    p.name AS product_name,
    p.status AS product_status
FROM (
    SELECT variant_id, since
    FROM stock_low
    WHERE (since, variant_id) < (@before_time::timestamptz, @before_id::uuid)
    ORDER BY since DESC, variant_id DESC
    LIMIT @page_limit
) l
JOIN stock_levels s ON s.variant_id = l.variant_id
JOIN product_variants v ON v.id = l.variant_id
JOIN products p ON p.id = v.product_id
ORDER BY l.since DESC, l.variant_id DESC;

-- name: StockEventList :many
-- What happened to stock, the latest first, before the given id.
SELECT sqlc.embed(e), v.sku, v.product_id
FROM stock_events e
JOIN product_variants v ON v.id = e.variant_id
WHERE e.id < @before_id
ORDER BY e.id DESC
LIMIT @page_limit;

-- name: StockDisagreements :many
-- Levels that do not follow from their ledger, their reservations and the lines that are to be sent. Empty, or something
-- is broken.
SELECT
    s.variant_id,
    s.on_hand,
    s.allocated,
    s.reserved,
    coalesce(m.quantity, 0)::bigint AS ledger,
    coalesce(r.reserved, 0)::bigint AS open_reservations,
    coalesce(r.unsent, 0)::bigint AS unsent
FROM stock_levels s
LEFT JOIN (
    SELECT variant_id, sum(quantity) AS quantity
    FROM stock_movements
    GROUP BY variant_id
) m ON m.variant_id = s.variant_id
LEFT JOIN (
    SELECT
        r.variant_id,
        sum(r.quantity) FILTER (WHERE r.state = 'OPEN') AS reserved,
        sum(i.quantity - i.cancelled_quantity - i.refunded_quantity - i.fulfilled_quantity)
            FILTER (WHERE r.state = 'COMMITTED') AS unsent
    FROM stock_reservations r
    LEFT JOIN order_items i ON i.order_id = r.order_id AND i.variant_id = r.variant_id
    GROUP BY r.variant_id
) r ON r.variant_id = s.variant_id
WHERE s.on_hand <> coalesce(m.quantity, 0)
   OR s.allocated <> coalesce(r.unsent, 0)
   OR s.reserved <> coalesce(r.reserved, 0)
ORDER BY s.variant_id;

-- name: StockBackordered :many
-- How many units that these orders are to be sent are not on hand, where what was bought first is served first.
WITH line AS (
    SELECT
        i.order_id,
        i.variant_id,
        i.quantity - i.cancelled_quantity - i.refunded_quantity - i.fulfilled_quantity AS unsent,
        r.updated_at,
        s.on_hand
    FROM order_items i
    JOIN stock_reservations r ON r.order_id = i.order_id AND r.variant_id = i.variant_id AND r.state = 'COMMITTED'
    JOIN stock_levels s ON s.variant_id = i.variant_id AND s.allocated > s.on_hand
    WHERE i.order_id = ANY(@order_ids::uuid[])
), place AS (
    SELECT line.order_id, line.variant_id, line.unsent, line.unsent - line.on_hand + coalesce((
        SELECT sum(e.quantity - e.cancelled_quantity - e.refunded_quantity - e.fulfilled_quantity)
        FROM order_items e
        JOIN stock_reservations r ON r.order_id = e.order_id AND r.variant_id = e.variant_id AND r.state = 'COMMITTED'
        WHERE e.variant_id = line.variant_id
          AND (r.updated_at, r.order_id) < (line.updated_at, line.order_id)
    ), 0) AS missing
    FROM line
)
SELECT order_id, variant_id, least(unsent, missing)::integer AS quantity
FROM place
WHERE least(unsent, missing) > 0;
