-- +goose Up
-- Whether a variant can be deleted is asked of reservations of every state. Without the state in it, an index does
-- not stand in the way of changing the state where a row is.
DROP INDEX stock_reservations_open_by_variant;
CREATE INDEX stock_reservations_by_variant ON stock_reservations (variant_id);

-- A category that is written as it was has not changed.
DROP TRIGGER categories_updates_are_recorded ON categories;
CREATE TRIGGER categories_updates_are_recorded AFTER UPDATE ON categories
    FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*)
    EXECUTE FUNCTION record_category_changes();

-- The unlogged table of changes is empty after a crash, and on a server that takes another's place. This row, which no
-- reader takes for a change, is gone then, too: a reader that does not find the one it knows forgets everything.
-- cartwright writes it when it is missing.
CREATE UNIQUE INDEX catalogue_changes_one_mark ON catalogue_changes (xid) WHERE xid = '0';

-- Whoever changes many products in one transaction makes the levels follow at its end, so that no buyer waits for the rest.
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION stock_levels_follow_products() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    changed uuid[];
BEGIN
    IF current_setting('cartwright.levels_later', true) = 'on' THEN
        RETURN NULL;
    END IF;
    SELECT array_agg(v.id) INTO changed
    FROM after a
    JOIN before b ON b.id = a.id
    JOIN product_variants v ON v.product_id = a.id
    WHERE (a.track_inventory, a.low_stock_threshold) <> (b.track_inventory, b.low_stock_threshold);
    IF changed IS NULL THEN
        RETURN NULL;
    END IF;
    PERFORM FROM stock_levels WHERE variant_id = ANY(changed) ORDER BY variant_id FOR NO KEY UPDATE;
    UPDATE stock_levels s
    SET low_stock_at = CASE WHEN p.track_inventory THEN p.low_stock_threshold END
    FROM product_variants v
    JOIN products p ON p.id = v.product_id
    WHERE v.id = s.variant_id
      AND s.variant_id = ANY(changed);
    RETURN NULL;
END;
$$;
-- +goose StatementEnd

-- +goose Down
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION stock_levels_follow_products() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    changed uuid[];
BEGIN
    SELECT array_agg(v.id) INTO changed
    FROM after a
    JOIN before b ON b.id = a.id
    JOIN product_variants v ON v.product_id = a.id
    WHERE (a.track_inventory, a.low_stock_threshold) <> (b.track_inventory, b.low_stock_threshold);
    IF changed IS NULL THEN
        RETURN NULL;
    END IF;
    PERFORM FROM stock_levels WHERE variant_id = ANY(changed) ORDER BY variant_id FOR NO KEY UPDATE;
    UPDATE stock_levels s
    SET low_stock_at = CASE WHEN p.track_inventory THEN p.low_stock_threshold END
    FROM product_variants v
    JOIN products p ON p.id = v.product_id
    WHERE v.id = s.variant_id
      AND s.variant_id = ANY(changed);
    RETURN NULL;
END;
$$;
-- +goose StatementEnd
DROP INDEX catalogue_changes_one_mark;
DELETE FROM catalogue_changes WHERE xid = '0';
DROP TRIGGER categories_updates_are_recorded ON categories;
CREATE TRIGGER categories_updates_are_recorded AFTER UPDATE ON categories
    FOR EACH STATEMENT EXECUTE FUNCTION record_category_changes();
DROP INDEX stock_reservations_by_variant;
CREATE INDEX stock_reservations_open_by_variant ON stock_reservations (variant_id) WHERE state = 'OPEN';
