-- +goose Up
-- A variant that takes back-orders is sold beyond what there is: its on_hand below zero is what the
-- shop owes. low_stock_at is the product's threshold, kept beside the numbers it is compared with;
-- NULL where stock is not counted, so that such a level is never low.
ALTER TABLE stock_levels
    ADD COLUMN allow_backorder boolean NOT NULL DEFAULT false,
    ADD COLUMN low_stock_at integer,
    DROP CONSTRAINT stock_never_negative,
    DROP CONSTRAINT stock_reserved_is_on_hand,
    ADD CONSTRAINT stock_never_negative CHECK (reserved >= 0 AND (allow_backorder OR on_hand >= 0)),
    ADD CONSTRAINT stock_reserved_is_on_hand CHECK (allow_backorder OR reserved <= on_hand);

UPDATE stock_levels s
SET low_stock_at = p.low_stock_threshold
FROM product_variants v
JOIN products p ON p.id = v.product_id
WHERE v.id = s.variant_id
  AND p.track_inventory;

-- Who moved stock by hand, and what they had to say. One index does for both: a variant's movements
-- in the order of their ids, which is that of time.
ALTER TABLE stock_movements
    ADD COLUMN note text,
    ADD COLUMN actor text,
    DROP CONSTRAINT stock_movements_reason_known,
    DROP CONSTRAINT stock_movements_order_when_sold,
    DROP CONSTRAINT stock_movements_pkey,
    ADD CONSTRAINT stock_movements_reason_known CHECK (reason IN
        ('INITIAL', 'SALE', 'RETURN', 'RECEIVED', 'RETURNED', 'COUNTED', 'CORRECTION', 'DAMAGED', 'LOST', 'OTHER')),
    ADD CONSTRAINT stock_movements_order_when_sold CHECK ((order_id IS NOT NULL) = (reason IN ('SALE', 'RETURN'))),
    ADD CONSTRAINT stock_movements_note_short CHECK (char_length(note) <= 500);
DROP INDEX stock_movements_by_variant;
ALTER TABLE stock_movements ADD CONSTRAINT stock_movements_pkey PRIMARY KEY (variant_id, id);

-- Which levels are low, and since when: kept apart, so that a sale writes it only where it crosses the
-- threshold and the levels themselves need no index.
CREATE TABLE stock_low (
    variant_id uuid PRIMARY KEY REFERENCES stock_levels (variant_id) ON DELETE CASCADE,
    since      timestamptz NOT NULL
);

CREATE INDEX stock_low_newest ON stock_low (since DESC, variant_id DESC);

-- What happened to stock that somebody wants to be told of.
CREATE TABLE stock_events (
    id         uuid PRIMARY KEY,
    variant_id uuid        NOT NULL REFERENCES stock_levels (variant_id) ON DELETE CASCADE,
    type       text        NOT NULL,
    available  integer     NOT NULL,
    threshold  integer     NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT stock_events_type_known CHECK (type IN ('LOW_STOCK'))
);

CREATE INDEX stock_events_by_variant ON stock_events (variant_id);

INSERT INTO stock_low (variant_id, since)
SELECT variant_id, now()
FROM stock_levels
WHERE on_hand - reserved <= low_stock_at;

-- A UUIDv7 (RFC 9562, section 5.7), where the row is made by the database.
-- +goose StatementBegin
CREATE FUNCTION uuid_v7(at timestamptz) RETURNS uuid
LANGUAGE sql VOLATILE AS $$
    SELECT encode(set_bit(set_bit(overlay(
        uuid_send(gen_random_uuid()) PLACING substring(int8send((extract(epoch FROM at) * 1000)::bigint) FROM 3) FROM 1 FOR 6
    ), 52, 1), 53, 1), 'hex')::uuid
$$;
-- +goose StatementEnd

-- A new level asks its product from when on it is low, unless whoever opens it says so.
-- +goose StatementBegin
CREATE FUNCTION stock_level_asks_product() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    SELECT p.low_stock_threshold INTO NEW.low_stock_at
    FROM product_variants v
    JOIN products p ON p.id = v.product_id
    WHERE v.id = NEW.variant_id
      AND p.track_inventory;
    RETURN NEW;
END;
$$;
-- +goose StatementEnd

CREATE TRIGGER stock_level_asks_product
    BEFORE INSERT ON stock_levels
    FOR EACH ROW WHEN (NEW.low_stock_at IS NULL)
    EXECUTE FUNCTION stock_level_asks_product();

-- What opens low is on the list, but nothing happened to it.
-- +goose StatementBegin
CREATE FUNCTION stock_level_opens_low() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO stock_low (variant_id, since) VALUES (NEW.variant_id, clock_timestamp());
    RETURN NULL;
END;
$$;
-- +goose StatementEnd

CREATE TRIGGER stock_level_opens_low
    AFTER INSERT ON stock_levels
    FOR EACH ROW WHEN (NEW.on_hand - NEW.reserved <= NEW.low_stock_at)
    EXECUTE FUNCTION stock_level_opens_low();

-- Runs only where a threshold is crossed, whoever moved the level, under the lock of its row: one
-- crossing, one event.
-- +goose StatementBegin
CREATE FUNCTION stock_level_crosses() RETURNS trigger
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

-- A product's new threshold is its levels'. They are locked in the order in which everybody changes
-- levels, whatever the number of products.
-- +goose StatementBegin
CREATE FUNCTION stock_levels_follow_products() RETURNS trigger
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

CREATE TRIGGER stock_levels_follow_products
    AFTER UPDATE ON products
    REFERENCING OLD TABLE AS before NEW TABLE AS after
    FOR EACH STATEMENT
    EXECUTE FUNCTION stock_levels_follow_products();

-- +goose Down
-- What is owed cannot be said any more: the ledger is made to agree with what can. Manual movements
-- keep their quantities and lose their reasons.
DROP TRIGGER stock_levels_follow_products ON products;
DROP FUNCTION stock_levels_follow_products();
DROP TRIGGER stock_level_crosses ON stock_levels;
DROP FUNCTION stock_level_crosses();
DROP TRIGGER stock_level_opens_low ON stock_levels;
DROP FUNCTION stock_level_opens_low();
DROP TRIGGER stock_level_asks_product ON stock_levels;
DROP FUNCTION stock_level_asks_product();
DROP TABLE stock_events;
DROP TABLE stock_low;
ALTER TABLE stock_movements
    DISABLE TRIGGER USER,
    DROP CONSTRAINT stock_movements_order_when_sold,
    DROP CONSTRAINT stock_movements_reason_known,
    DROP CONSTRAINT stock_movements_note_short,
    DROP CONSTRAINT stock_movements_pkey;
UPDATE stock_movements SET reason = 'INITIAL' WHERE order_id IS NULL;
INSERT INTO stock_movements (id, variant_id, quantity, reason, created_at)
SELECT uuid_v7(now()), variant_id, greatest(reserved, 0) - on_hand, 'INITIAL', now()
FROM stock_levels
WHERE on_hand < reserved;
UPDATE stock_levels SET on_hand = reserved WHERE on_hand < reserved;
ALTER TABLE stock_movements
    ENABLE TRIGGER USER,
    DROP COLUMN note,
    DROP COLUMN actor,
    ADD CONSTRAINT stock_movements_pkey PRIMARY KEY (id),
    ADD CONSTRAINT stock_movements_reason_known CHECK (reason IN ('INITIAL', 'SALE', 'RETURN')),
    ADD CONSTRAINT stock_movements_order_when_sold CHECK ((order_id IS NULL) = (reason = 'INITIAL'));
CREATE INDEX stock_movements_by_variant ON stock_movements (variant_id, created_at, id);
DROP FUNCTION uuid_v7(timestamptz);
ALTER TABLE stock_levels
    DROP CONSTRAINT stock_never_negative,
    DROP CONSTRAINT stock_reserved_is_on_hand,
    DROP COLUMN allow_backorder,
    DROP COLUMN low_stock_at,
    ADD CONSTRAINT stock_never_negative CHECK (on_hand >= 0 AND reserved >= 0),
    ADD CONSTRAINT stock_reserved_is_on_hand CHECK (reserved <= on_hand);
