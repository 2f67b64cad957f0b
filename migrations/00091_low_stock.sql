-- +goose Up
-- Stock is low of what is sold: a level of a product that is not ACTIVE, or of a variant that is not, is low at no
-- number, so that the list of what is low, and its events, follow by the triggers that compare the two.

-- stock_low_at returns at how many units a level is low; NULL is never.
-- +goose StatementBegin
CREATE FUNCTION stock_low_at(status text, is_active boolean, track_inventory boolean, threshold integer) RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN status = 'ACTIVE' AND is_active AND track_inventory THEN threshold END;

CREATE OR REPLACE FUNCTION stock_level_asks_product() RETURNS trigger
LANGUAGE plpgsql
SET search_path = public, pg_temp AS $$
BEGIN
    SELECT stock_low_at(p.status, v.is_active, p.track_inventory, p.low_stock_threshold) INTO NEW.low_stock_at
    FROM product_variants v
    JOIN products p ON p.id = v.product_id
    WHERE v.id = NEW.variant_id;
    RETURN NEW;
END;
$$;

-- stock_levels_follow makes levels low where their products say. They are locked in the order in which everybody
-- changes levels.
CREATE FUNCTION stock_levels_follow(variants uuid[]) RETURNS void
LANGUAGE plpgsql
SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM FROM stock_levels WHERE variant_id = ANY(variants) ORDER BY variant_id FOR NO KEY UPDATE;
    UPDATE stock_levels s
    SET low_stock_at = stock_low_at(p.status, v.is_active, p.track_inventory, p.low_stock_threshold)
    FROM product_variants v
    JOIN products p ON p.id = v.product_id
    WHERE v.id = s.variant_id
      AND s.variant_id = ANY(variants)
      AND s.low_stock_at IS DISTINCT FROM stock_low_at(p.status, v.is_active, p.track_inventory, p.low_stock_threshold);
END;
$$;

CREATE OR REPLACE FUNCTION stock_levels_follow_products() RETURNS trigger
LANGUAGE plpgsql
SET search_path = public, pg_temp AS $$
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
    WHERE (a.track_inventory, a.low_stock_threshold, a.status) <> (b.track_inventory, b.low_stock_threshold, b.status);
    IF changed IS NOT NULL THEN
        PERFORM stock_levels_follow(changed);
    END IF;
    RETURN NULL;
END;
$$;

CREATE FUNCTION stock_levels_follow_variants() RETURNS trigger
LANGUAGE plpgsql
SET search_path = public, pg_temp AS $$
DECLARE
    changed uuid[];
BEGIN
    IF current_setting('cartwright.levels_later', true) = 'on' THEN
        RETURN NULL;
    END IF;
    SELECT array_agg(a.id) INTO changed
    FROM after a
    JOIN before b ON b.id = a.id
    WHERE a.is_active <> b.is_active;
    IF changed IS NOT NULL THEN
        PERFORM stock_levels_follow(changed);
    END IF;
    RETURN NULL;
END;
$$;
-- +goose StatementEnd

CREATE TRIGGER stock_levels_follow_variants
    AFTER UPDATE ON product_variants
    REFERENCING OLD TABLE AS before NEW TABLE AS after
    FOR EACH STATEMENT
    EXECUTE FUNCTION stock_levels_follow_variants();

-- What was listed and is not sold leaves the list.
UPDATE stock_levels s
SET low_stock_at = NULL
FROM product_variants v
JOIN products p ON p.id = v.product_id
WHERE v.id = s.variant_id
  AND s.low_stock_at IS NOT NULL
  AND (p.status <> 'ACTIVE' OR NOT v.is_active);

-- +goose Down
DROP TRIGGER stock_levels_follow_variants ON product_variants;
DROP FUNCTION stock_levels_follow_variants();
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION stock_level_asks_product() RETURNS trigger
LANGUAGE plpgsql
SET search_path = public, pg_temp AS $$
BEGIN
    SELECT p.low_stock_threshold INTO NEW.low_stock_at
    FROM product_variants v
    JOIN products p ON p.id = v.product_id
    WHERE v.id = NEW.variant_id
      AND p.track_inventory;
    RETURN NEW;
END;
$$;

CREATE OR REPLACE FUNCTION stock_levels_follow_products() RETURNS trigger
LANGUAGE plpgsql
SET search_path = public, pg_temp AS $$
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
DROP FUNCTION stock_levels_follow(uuid[]);
UPDATE stock_levels s
SET low_stock_at = CASE WHEN p.track_inventory THEN p.low_stock_threshold END
FROM product_variants v
JOIN products p ON p.id = v.product_id
WHERE v.id = s.variant_id
  AND s.low_stock_at IS DISTINCT FROM CASE WHEN p.track_inventory THEN p.low_stock_threshold END;
DROP FUNCTION stock_low_at(text, boolean, boolean, integer);
