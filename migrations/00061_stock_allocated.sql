-- +goose Up
-- on_hand is what is there, allocated what is sold of it and not sent, reserved what unpaid orders hold. What is left is
-- available; below zero, it is owed.
ALTER TABLE stock_levels ADD COLUMN allocated integer NOT NULL DEFAULT 0;
ALTER TABLE stock_levels ADD COLUMN available integer NOT NULL GENERATED ALWAYS AS (on_hand - allocated - reserved) STORED;

ALTER TABLE stock_movements
    DROP CONSTRAINT stock_movements_reason_known,
    DROP CONSTRAINT stock_movements_order_when_sold,
    ADD CONSTRAINT stock_movements_reason_known CHECK (reason IN
        ('INITIAL', 'SALE', 'RETURN', 'WRITE_OFF', 'RECEIVED', 'RETURNED', 'COUNTED', 'CORRECTION', 'DAMAGED', 'LOST', 'OTHER')),
    ADD CONSTRAINT stock_movements_order_when_sold CHECK ((order_id IS NOT NULL) = (reason IN ('SALE', 'RETURN', 'WRITE_OFF')));

DROP TRIGGER stock_level_opens_low ON stock_levels;
CREATE TRIGGER stock_level_opens_low
    AFTER INSERT ON stock_levels
    FOR EACH ROW WHEN (NEW.available <= NEW.low_stock_at)
    EXECUTE FUNCTION stock_level_opens_low();

-- +goose StatementBegin
CREATE OR REPLACE FUNCTION stock_level_crosses() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    at timestamptz := clock_timestamp();
BEGIN
    IF NEW.available <= NEW.low_stock_at THEN
        INSERT INTO stock_low (variant_id, since) VALUES (NEW.variant_id, at) ON CONFLICT DO NOTHING;
        INSERT INTO stock_events (id, variant_id, type, available, threshold, created_at)
        VALUES (uuid_v7(at), NEW.variant_id, 'LOW_STOCK', NEW.available, NEW.low_stock_at, at);
    ELSE
        DELETE FROM stock_low WHERE variant_id = NEW.variant_id;
    END IF;
    RETURN NULL;
END;
$$;
-- +goose StatementEnd
DROP TRIGGER stock_level_crosses ON stock_levels;
CREATE TRIGGER stock_level_crosses
    AFTER UPDATE ON stock_levels
    FOR EACH ROW WHEN (
        coalesce(OLD.available <= OLD.low_stock_at, false) <> coalesce(NEW.available <= NEW.low_stock_at, false))
    EXECUTE FUNCTION stock_level_crosses();

DROP TRIGGER search_stock_turned ON stock_levels;
CREATE TRIGGER search_stock_turned AFTER UPDATE ON stock_levels
    FOR EACH ROW WHEN ((OLD.available > 0 OR OLD.allow_backorder) <> (NEW.available > 0 OR NEW.allow_backorder))
    EXECUTE FUNCTION search_stock_turned();

-- The search goes by what is available, whatever else it reads.
-- +goose StatementBegin
DO $$
DECLARE
    body text := pg_get_functiondef('search_refresh(uuid[])'::regprocedure);
BEGIN
    EXECUTE replace(body, 's.on_hand > s.reserved', 's.available > 0');
END;
$$;
-- +goose StatementEnd

-- Units that are sold and not sent were taken off at payment: they are there. So are those of an order that was refunded
-- whole before it was sent, which are free. Units that were refunded before they were sent, and not restocked, are
-- written off.
-- +goose StatementBegin
DO $$
BEGIN
    CREATE TEMPORARY TABLE stock_unsent ON COMMIT DROP AS
    SELECT r.order_id, r.variant_id,
        i.quantity - i.fulfilled_quantity - least(i.refunded_quantity, x.restocked) AS unsold,
        CASE o.status WHEN 'REFUNDED' THEN 0 ELSE greatest(0, i.refunded_quantity - x.restocked) END AS lost,
        i.quantity - i.cancelled_quantity - i.refunded_quantity - i.fulfilled_quantity AS allocated
    FROM stock_reservations r
    JOIN orders o ON o.id = r.order_id
    JOIN order_items i ON i.order_id = r.order_id AND i.variant_id = r.variant_id
    CROSS JOIN LATERAL (
        SELECT greatest(0, r.restocked - coalesce(sum(t.restocked), 0))::integer AS restocked
        FROM return_items t
        WHERE t.order_item_id = i.id
    ) x
    WHERE r.state = 'COMMITTED';

    INSERT INTO stock_movements (id, variant_id, quantity, reason, order_id, note, created_at)
    SELECT uuid_v7(clock_timestamp()), variant_id, unsold, 'SALE', order_id, 'Counted as sold once it is sent', clock_timestamp()
    FROM stock_unsent
    WHERE unsold <> 0;
    INSERT INTO stock_movements (id, variant_id, quantity, reason, order_id, note, created_at)
    SELECT uuid_v7(clock_timestamp()), variant_id, -lost, 'WRITE_OFF', order_id, 'Refunded before it was sent', clock_timestamp()
    FROM stock_unsent
    WHERE lost <> 0;

    -- A shop that sent what it had not received had less than nothing.
    INSERT INTO stock_movements (id, variant_id, quantity, reason, note, actor, created_at)
    SELECT uuid_v7(clock_timestamp()), s.variant_id, -(s.on_hand + coalesce(u.back, 0)), 'CORRECTION',
        'Sent before it was received', 'system', clock_timestamp()
    FROM stock_levels s
    LEFT JOIN (
        SELECT variant_id, sum(unsold - lost)::integer AS back FROM stock_unsent GROUP BY variant_id
    ) u ON u.variant_id = s.variant_id
    WHERE s.on_hand + coalesce(u.back, 0) < 0;

    UPDATE stock_levels s
    SET on_hand = greatest(0, s.on_hand + coalesce(u.back, 0)), allocated = coalesce(u.allocated, 0)
    FROM stock_levels l
    LEFT JOIN (
        SELECT variant_id, sum(unsold - lost)::integer AS back, sum(allocated)::integer AS allocated
        FROM stock_unsent
        GROUP BY variant_id
    ) u ON u.variant_id = l.variant_id
    WHERE l.variant_id = s.variant_id
      AND (u.variant_id IS NOT NULL OR s.on_hand < 0);
END;
$$;
-- +goose StatementEnd

-- What is sold is sent although unpaid orders hold units that a count did not find.
ALTER TABLE stock_levels
    DROP CONSTRAINT stock_reserved_is_on_hand,
    DROP CONSTRAINT stock_never_negative,
    ADD CONSTRAINT stock_never_negative CHECK (on_hand >= 0 AND allocated >= 0 AND reserved >= 0);

-- What is back on the shelf of an order is in the ledger, and what may come back in the account of its line.
UPDATE stock_reservations
SET state = 'RELEASED'
WHERE state = 'RETURNED';
ALTER TABLE stock_reservations
    DROP COLUMN restocked,
    DROP CONSTRAINT stock_reservations_state_known,
    ADD CONSTRAINT stock_reservations_state_known CHECK (state IN ('OPEN', 'COMMITTED', 'RELEASED'));

-- +goose Down
ALTER TABLE stock_reservations
    ADD COLUMN restocked integer NOT NULL DEFAULT 0,
    DROP CONSTRAINT stock_reservations_state_known,
    ADD CONSTRAINT stock_reservations_state_known CHECK (state IN ('OPEN', 'COMMITTED', 'RELEASED', 'RETURNED'));
ALTER TABLE stock_levels
    DROP CONSTRAINT stock_never_negative;

-- What is sold is taken off at payment.
INSERT INTO stock_movements (id, variant_id, quantity, reason, order_id, note, created_at)
SELECT uuid_v7(clock_timestamp()), r.variant_id,
    -(i.quantity - i.cancelled_quantity - i.refunded_quantity - i.fulfilled_quantity), 'SALE', r.order_id,
    'Counted as sold once it is paid', clock_timestamp()
FROM stock_reservations r
JOIN order_items i ON i.order_id = r.order_id AND i.variant_id = r.variant_id
WHERE r.state = 'COMMITTED'
  AND i.quantity > i.cancelled_quantity + i.refunded_quantity + i.fulfilled_quantity;
ALTER TABLE stock_movements DISABLE TRIGGER USER;
UPDATE stock_movements
SET reason = 'SALE'
WHERE reason = 'WRITE_OFF';
ALTER TABLE stock_movements ENABLE TRIGGER USER;
ALTER TABLE stock_movements
    DROP CONSTRAINT stock_movements_reason_known,
    DROP CONSTRAINT stock_movements_order_when_sold,
    ADD CONSTRAINT stock_movements_reason_known CHECK (reason IN
        ('INITIAL', 'SALE', 'RETURN', 'RECEIVED', 'RETURNED', 'COUNTED', 'CORRECTION', 'DAMAGED', 'LOST', 'OTHER')),
    ADD CONSTRAINT stock_movements_order_when_sold CHECK ((order_id IS NOT NULL) = (reason IN ('SALE', 'RETURN')));
UPDATE stock_reservations r
SET restocked = least(r.quantity, greatest(0, r.quantity + m.quantity))
FROM (
    SELECT order_id, variant_id, sum(quantity)::integer AS quantity FROM stock_movements GROUP BY order_id, variant_id
) m
WHERE m.order_id = r.order_id
  AND m.variant_id = r.variant_id
  AND r.state = 'COMMITTED';
ALTER TABLE stock_reservations
    ADD CONSTRAINT stock_restocked_was_sold CHECK (restocked BETWEEN 0 AND quantity);
UPDATE stock_levels
SET allow_backorder = true
WHERE NOT allow_backorder
  AND available < 0;
UPDATE stock_levels
SET on_hand = on_hand - allocated, allocated = 0
WHERE allocated > 0;
-- +goose StatementBegin
DO $$
DECLARE
    body text := pg_get_functiondef('search_refresh(uuid[])'::regprocedure);
BEGIN
    EXECUTE replace(body, 's.available > 0', 's.on_hand > s.reserved');
END;
$$;
-- +goose StatementEnd
DROP TRIGGER search_stock_turned ON stock_levels;
DROP TRIGGER stock_level_crosses ON stock_levels;
DROP TRIGGER stock_level_opens_low ON stock_levels;
ALTER TABLE stock_levels
    DROP COLUMN available,
    DROP COLUMN allocated,
    ADD CONSTRAINT stock_never_negative CHECK (reserved >= 0 AND (allow_backorder OR on_hand >= 0)),
    ADD CONSTRAINT stock_reserved_is_on_hand CHECK (allow_backorder OR reserved <= on_hand);
CREATE TRIGGER search_stock_turned AFTER UPDATE ON stock_levels
    FOR EACH ROW WHEN ((OLD.on_hand > OLD.reserved OR OLD.allow_backorder) <> (NEW.on_hand > NEW.reserved OR NEW.allow_backorder))
    EXECUTE FUNCTION search_stock_turned();
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION stock_level_crosses() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    at timestamptz := clock_timestamp();
BEGIN
    IF NEW.on_hand - NEW.reserved <= NEW.low_stock_at THEN
        INSERT INTO stock_low (variant_id, since) VALUES (NEW.variant_id, at) ON CONFLICT DO NOTHING;
        INSERT INTO stock_events (id, variant_id, type, available, threshold, created_at)
        VALUES (uuid_v7(at), NEW.variant_id, 'LOW_STOCK', NEW.on_hand - NEW.reserved, NEW.low_stock_at, at);
    ELSE
        DELETE FROM stock_low WHERE variant_id = NEW.variant_id;
    END IF;
    RETURN NULL;
END;
$$;
-- +goose StatementEnd
CREATE TRIGGER stock_level_crosses
    AFTER UPDATE ON stock_levels
    FOR EACH ROW WHEN (
        coalesce(OLD.on_hand - OLD.reserved <= OLD.low_stock_at, false)
        <> coalesce(NEW.on_hand - NEW.reserved <= NEW.low_stock_at, false))
    EXECUTE FUNCTION stock_level_crosses();
CREATE TRIGGER stock_level_opens_low
    AFTER INSERT ON stock_levels
    FOR EACH ROW WHEN (NEW.on_hand - NEW.reserved <= NEW.low_stock_at)
    EXECUTE FUNCTION stock_level_opens_low();
