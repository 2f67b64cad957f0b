-- +goose Up
-- How often a thing was changed. Whoever changes it names the version they saw, so that of two who
-- saw the same one only one succeeds. A product's counts its variants and pictures too.
ALTER TABLE products ADD COLUMN version bigint NOT NULL DEFAULT 1;
ALTER TABLE categories ADD COLUMN version bigint NOT NULL DEFAULT 1;

-- A variant without a price of its own costs what the product costs. Its price is stored all the
-- same, so that nothing which sells has to look in two places.
ALTER TABLE product_variants ADD COLUMN follows_price boolean NOT NULL DEFAULT false;

-- One variant per choice. A shop that has two of the same keeps both, told apart by their SKUs.
UPDATE product_variants v
SET options = v.options || jsonb_build_object('sku', v.sku)
WHERE v.options <> '{}'
  AND EXISTS (
      SELECT
      FROM product_variants other
      WHERE other.product_id = v.product_id
        AND other.options = v.options
        AND (other.sort_order, other.id) < (v.sort_order, v.id)
  );

-- The digest, because the options themselves may be longer than an index row. The text of a jsonb
-- does not depend on the order in which its members were written.
CREATE UNIQUE INDEX product_variants_options_once ON product_variants (product_id, md5(options::text))
    WHERE options <> '{}';

-- What stands in the same category, and what the latest buyers of a product bought, by index alone.
CREATE INDEX products_related ON products (category_id, is_featured DESC, created_at DESC, id DESC)
    WHERE status = 'ACTIVE';
CREATE INDEX order_items_by_product_newest ON order_items (product_id, order_id DESC);
DROP INDEX order_items_by_product;

-- What was never ordered can be deleted, and its ledger goes with it: by the cascade from a variant
-- that is gone, and in no other way.
ALTER TABLE stock_movements
    DROP CONSTRAINT stock_movements_variant_id_fkey,
    ADD CONSTRAINT stock_movements_variant_id_fkey
        FOREIGN KEY (variant_id) REFERENCES stock_levels (variant_id) ON DELETE CASCADE;

-- +goose StatementBegin
CREATE FUNCTION refuse_change_of_a_ledger() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    -- A movement outlives its variant only within the statement that deletes the variant.
    IF TG_OP = 'DELETE' AND NOT EXISTS (SELECT FROM product_variants WHERE id = OLD.variant_id) THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END;
$$;
-- +goose StatementEnd

DROP TRIGGER stock_movements_are_append_only ON stock_movements;
CREATE TRIGGER stock_movements_are_append_only
    BEFORE UPDATE OR DELETE ON stock_movements
    FOR EACH ROW EXECUTE FUNCTION refuse_change_of_a_ledger();

-- +goose Down
DROP TRIGGER stock_movements_are_append_only ON stock_movements;
CREATE TRIGGER stock_movements_are_append_only
    BEFORE UPDATE OR DELETE ON stock_movements
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
DROP FUNCTION refuse_change_of_a_ledger();
ALTER TABLE stock_movements
    DROP CONSTRAINT stock_movements_variant_id_fkey,
    ADD CONSTRAINT stock_movements_variant_id_fkey
        FOREIGN KEY (variant_id) REFERENCES stock_levels (variant_id);
CREATE INDEX order_items_by_product ON order_items (product_id);
DROP INDEX order_items_by_product_newest;
DROP INDEX products_related;
DROP INDEX product_variants_options_once;
ALTER TABLE product_variants DROP COLUMN follows_price;
ALTER TABLE categories DROP COLUMN version;
ALTER TABLE products DROP COLUMN version;
