-- +goose Up
-- A line of a cart outlives its variant: it stays as unavailable, described by what the shopper saw, until the shopper
-- removes it. seen_price_minor is the price of one unit when the line was added or last changed.
ALTER TABLE cart_items
    ADD COLUMN seen_price_minor bigint,
    ADD COLUMN deleted jsonb,
    ALTER COLUMN variant_id DROP NOT NULL,
    DROP CONSTRAINT cart_items_variant_id_fkey,
    ADD CONSTRAINT cart_items_variant_id_fkey FOREIGN KEY (variant_id) REFERENCES product_variants (id),
    ADD CONSTRAINT cart_items_deleted_are_described CHECK ((variant_id IS NULL) = (deleted IS NOT NULL));

-- Runs under the lock of the deleted variant, so that no line of it can be added meanwhile.
-- +goose StatementBegin
CREATE FUNCTION cart_items_outlive_variant() RETURNS trigger
LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    UPDATE cart_items i
    SET variant_id = NULL,
        deleted = jsonb_build_object(
            'productId', OLD.product_id, 'variantId', OLD.id, 'name', p.name, 'variantName', OLD.name, 'sku', OLD.sku,
            'options', OLD.options, 'priceMinor', OLD.price_minor, 'currency', OLD.currency)
    FROM products p
    WHERE i.variant_id = OLD.id
      AND p.id = OLD.product_id;
    RETURN OLD;
END;
$$;
-- +goose StatementEnd

CREATE TRIGGER cart_items_outlive_variant
    BEFORE DELETE ON product_variants
    FOR EACH ROW EXECUTE FUNCTION cart_items_outlive_variant();

-- A cascade would delete the variants when the product's name can no longer be read.
-- +goose StatementBegin
CREATE FUNCTION product_deletes_variants() RETURNS trigger
LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    DELETE FROM product_variants WHERE product_id = OLD.id;
    RETURN OLD;
END;
$$;
-- +goose StatementEnd

CREATE TRIGGER product_deletes_variants
    BEFORE DELETE ON products
    FOR EACH ROW EXECUTE FUNCTION product_deletes_variants();

-- +goose Down
DROP TRIGGER product_deletes_variants ON products;
DROP FUNCTION product_deletes_variants();
DROP TRIGGER cart_items_outlive_variant ON product_variants;
DROP FUNCTION cart_items_outlive_variant();
DELETE FROM cart_items WHERE variant_id IS NULL;
ALTER TABLE cart_items
    DROP CONSTRAINT cart_items_deleted_are_described,
    DROP CONSTRAINT cart_items_variant_id_fkey,
    ADD CONSTRAINT cart_items_variant_id_fkey FOREIGN KEY (variant_id) REFERENCES product_variants (id) ON DELETE CASCADE,
    ALTER COLUMN variant_id SET NOT NULL,
    DROP COLUMN deleted,
    DROP COLUMN seen_price_minor;
