-- name: StockLevelCreate :batchexec
INSERT INTO stock_levels (variant_id, on_hand)
VALUES (@variant_id, @on_hand);

-- name: StockMovementCreate :batchexec
INSERT INTO stock_movements (id, variant_id, quantity, reason, order_id, created_at)
VALUES (@id, @variant_id, @quantity, @reason, @order_id, @now);

-- name: StockReserve :batchone
-- Takes the quantity from what is free or changes nothing; answers how many levels it took from.
-- A blocked UPDATE looks at the new row before it decides, so two buyers cannot both take the last
-- unit. Send these in variant-id order.
WITH level AS (
    UPDATE stock_levels AS s
    SET reserved = s.reserved + @quantity::integer
    WHERE s.variant_id = @variant_id
      AND s.on_hand - s.reserved >= @quantity::integer
    RETURNING s.variant_id AS taken_from
), reservation AS (
    INSERT INTO stock_reservations AS r (order_id, variant_id, quantity, state, created_at, updated_at)
    SELECT @order_id, level.taken_from, @quantity::integer, 'OPEN', @now, @now
    FROM level
    ON CONFLICT (order_id, variant_id) DO UPDATE
        SET state = 'OPEN', updated_at = excluded.updated_at
    RETURNING r.order_id
)
SELECT count(*)::integer AS taken
FROM reservation;

-- name: ReservationListForUpdate :many
-- The order's reservations in one state, locked in variant-id order.
SELECT variant_id, quantity
FROM stock_reservations
WHERE order_id = @order_id
  AND state = @state
ORDER BY variant_id
FOR UPDATE;

-- name: ReservationSetState :exec
UPDATE stock_reservations
SET state = @new_state, updated_at = @now
WHERE order_id = @order_id
  AND state = @old_state;

-- name: StockLevelShift :batchexec
-- Moves a level; the named CHECKs refuse what cannot be. Send these in variant-id order.
UPDATE stock_levels
SET on_hand = on_hand + @on_hand_delta, reserved = reserved + @reserved_delta
WHERE variant_id = @variant_id;

-- name: StockLevelGet :one
SELECT on_hand, reserved
FROM stock_levels
WHERE variant_id = @variant_id;

-- name: StockDisagreements :many
-- Levels that do not follow from their ledger and reservations. Empty, or something is broken.
SELECT
    s.variant_id,
    s.on_hand,
    s.reserved,
    coalesce(m.quantity, 0)::bigint AS ledger,
    coalesce(r.quantity, 0)::bigint AS open_reservations
FROM stock_levels s
LEFT JOIN (
    SELECT variant_id, sum(quantity) AS quantity
    FROM stock_movements
    GROUP BY variant_id
) m ON m.variant_id = s.variant_id
LEFT JOIN (
    SELECT variant_id, sum(quantity) AS quantity
    FROM stock_reservations
    WHERE state = 'OPEN'
    GROUP BY variant_id
) r ON r.variant_id = s.variant_id
WHERE s.on_hand <> coalesce(m.quantity, 0)
   OR s.reserved <> coalesce(r.quantity, 0)
ORDER BY s.variant_id;
