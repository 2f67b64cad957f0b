-- +goose Up
-- What caches have to forget. A row says that something a reader sees of the product may have changed;
-- without a product, anything may have. The transaction's number lets a reader find every row that was
-- not visible the last time it looked, also those of transactions that began long before and committed late.
-- Unlogged: after a crash nothing is in a cache that trusts it, because a reader that loses its
-- connection forgets everything.
CREATE UNLOGGED TABLE catalogue_changes (
    xid        xid8        NOT NULL DEFAULT pg_current_xact_id(),
    product_id uuid,
    changed_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE INDEX catalogue_changes_by_xid ON catalogue_changes (xid);

-- Tells the process that makes a change, in the answer to its own statement, so that it looks for
-- changes before its next read and sees what it wrote. Others look by themselves.
-- +goose StatementBegin
CREATE FUNCTION announce_catalogue_change() RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    RAISE NOTICE 'catalogue changed' USING ERRCODE = '01C01';
END;
$$;
-- +goose StatementEnd

-- The triggers below share these functions; each names its rows "changed". A bulk load switches them
-- off with SET LOCAL cartwright.bulk = 'on' and writes one row without a product instead.
-- +goose StatementBegin
CREATE FUNCTION record_product_changes() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('cartwright.bulk', true) IS DISTINCT FROM 'on' THEN
        INSERT INTO catalogue_changes (product_id) SELECT DISTINCT c.id FROM changed c;
        PERFORM announce_catalogue_change();
    END IF;
    RETURN NULL;
END;
$$;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE FUNCTION record_product_part_changes() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('cartwright.bulk', true) IS DISTINCT FROM 'on' THEN
        INSERT INTO catalogue_changes (product_id) SELECT DISTINCT c.product_id FROM changed c;
        PERFORM announce_catalogue_change();
    END IF;
    RETURN NULL;
END;
$$;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE FUNCTION record_stock_changes() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('cartwright.bulk', true) IS DISTINCT FROM 'on' THEN
        INSERT INTO catalogue_changes (product_id)
        SELECT DISTINCT v.product_id
        FROM changed c
        JOIN product_variants v ON v.id = c.variant_id;
        PERFORM announce_catalogue_change();
    END IF;
    RETURN NULL;
END;
$$;
-- +goose StatementEnd

-- A category stands in every product of it.
-- +goose StatementBegin
CREATE FUNCTION record_category_changes() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO catalogue_changes (product_id) VALUES (NULL);
    PERFORM announce_catalogue_change();
    RETURN NULL;
END;
$$;
-- +goose StatementEnd

-- A product that is new is in no cache; its parts may be new while it is not.
CREATE TRIGGER products_updates_are_recorded AFTER UPDATE ON products
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION record_product_changes();
CREATE TRIGGER products_deletions_are_recorded AFTER DELETE ON products
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION record_product_changes();
CREATE TRIGGER product_variants_additions_are_recorded AFTER INSERT ON product_variants
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION record_product_part_changes();
CREATE TRIGGER product_variants_updates_are_recorded AFTER UPDATE ON product_variants
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION record_product_part_changes();
CREATE TRIGGER product_variants_deletions_are_recorded AFTER DELETE ON product_variants
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION record_product_part_changes();
CREATE TRIGGER product_images_additions_are_recorded AFTER INSERT ON product_images
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION record_product_part_changes();
CREATE TRIGGER product_images_updates_are_recorded AFTER UPDATE ON product_images
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION record_product_part_changes();
CREATE TRIGGER product_images_deletions_are_recorded AFTER DELETE ON product_images
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION record_product_part_changes();
CREATE TRIGGER stock_levels_additions_are_recorded AFTER INSERT ON stock_levels
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION record_stock_changes();
CREATE TRIGGER stock_levels_updates_are_recorded AFTER UPDATE ON stock_levels
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION record_stock_changes();
CREATE TRIGGER categories_updates_are_recorded AFTER UPDATE ON categories
    FOR EACH STATEMENT EXECUTE FUNCTION record_category_changes();

-- +goose Down
DROP TRIGGER categories_updates_are_recorded ON categories;
DROP TRIGGER stock_levels_updates_are_recorded ON stock_levels;
DROP TRIGGER stock_levels_additions_are_recorded ON stock_levels;
DROP TRIGGER product_images_deletions_are_recorded ON product_images;
DROP TRIGGER product_images_updates_are_recorded ON product_images;
DROP TRIGGER product_images_additions_are_recorded ON product_images;
DROP TRIGGER product_variants_deletions_are_recorded ON product_variants;
DROP TRIGGER product_variants_updates_are_recorded ON product_variants;
DROP TRIGGER product_variants_additions_are_recorded ON product_variants;
DROP TRIGGER products_deletions_are_recorded ON products;
DROP TRIGGER products_updates_are_recorded ON products;
DROP FUNCTION record_category_changes();
DROP FUNCTION record_stock_changes();
DROP FUNCTION record_product_part_changes();
DROP FUNCTION record_product_changes();
DROP FUNCTION announce_catalogue_change();
DROP TABLE catalogue_changes;
