-- What package scale fills the shop with. COPY, because it is an order of magnitude faster than statements.

-- name: ScaleProductCopy :copyfrom
INSERT INTO products (
    id, category_id, name, slug, description, short_description, status, track_inventory,
    low_stock_threshold, dimensions, is_featured, created_at, updated_at)
VALUES (
    @id, @category_id, @name, @slug, @description, @short_description, @status, @track_inventory,
    @low_stock_threshold, @dimensions, @is_featured, @created_at, @updated_at);

-- name: ScaleVariantCopy :copyfrom
INSERT INTO product_variants (
    id, product_id, is_default, name, sku, price_minor, compare_price_minor, cost_price_minor,
    currency, weight, options, sort_order, created_at, updated_at)
VALUES (
    @id, @product_id, @is_default, @name, @sku, @price_minor, @compare_price_minor, @cost_price_minor,
    @currency, @weight, @options, @sort_order, @created_at, @updated_at);

-- name: ScaleImageCopy :copyfrom
INSERT INTO product_images (id, product_id, url, alt_text, sort_order, created_at)
VALUES (@id, @product_id, @url, @alt_text, @sort_order, @created_at);

-- name: ScaleLevelCopy :copyfrom
INSERT INTO stock_levels (variant_id, on_hand)
VALUES (@variant_id, @on_hand);

-- name: ScaleMovementCopy :copyfrom
INSERT INTO stock_movements (id, variant_id, quantity, reason, created_at)
VALUES (@id, @variant_id, @quantity, @reason, @created_at);

-- name: ScaleProductIDs :many
-- Which of the products that have these ids, or any between them, are there.
SELECT id
FROM products
WHERE id BETWEEN @first_id AND @last_id;

-- name: ScaleCategoryFind :one
SELECT id
FROM categories
WHERE slug = @slug
   OR name = @name
ORDER BY slug = @slug DESC
LIMIT 1;
