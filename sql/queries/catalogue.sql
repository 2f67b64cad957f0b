-- name: CategoryCreate :one
INSERT INTO categories (id, name, slug, description, image, parent_id, sort_order, is_active, created_at)
VALUES (@id, @name, @slug, @description, @image, @parent_id, @sort_order, @is_active, @now)
RETURNING *;

-- name: CategoryList :many
-- One page by sort order and name, after the given position; hidden ones for staff only.
SELECT *
FROM categories
WHERE (is_active OR @include_inactive::boolean)
  AND (sort_order, name) > (@after_sort_order::integer, @after_name::text)
ORDER BY sort_order, name
LIMIT @page_limit;

-- name: CategoryGet :one
SELECT *
FROM categories
WHERE id = @id
  AND (is_active OR @include_inactive::boolean);

-- name: CategoryGetBySlug :one
SELECT *
FROM categories
WHERE slug = @slug
  AND (is_active OR @include_inactive::boolean);

-- name: ProductCreate :exec
INSERT INTO products (
    id, category_id, name, slug, description, short_description, status, track_inventory,
    low_stock_threshold, dimensions, is_featured, seo_title, seo_description, created_at, updated_at)
VALUES (
    @id, @category_id, @name, @slug, @description, @short_description, @status, @track_inventory,
    @low_stock_threshold, @dimensions, @is_featured, @seo_title, @seo_description, @now, @now);

-- name: VariantCreate :batchexec
INSERT INTO product_variants (
    id, product_id, is_default, name, sku, price_minor, compare_price_minor, cost_price_minor,
    currency, weight, options, sort_order, created_at, updated_at)
VALUES (
    @id, @product_id, @is_default, @name, @sku, @price_minor, @compare_price_minor, @cost_price_minor,
    @currency, @weight, @options, @sort_order, @now, @now);

-- name: ImageCreate :batchexec
INSERT INTO product_images (id, product_id, url, alt_text, sort_order, created_at)
VALUES (@id, @product_id, @url, @alt_text, @sort_order, @now);

-- name: ProductIDBySlug :one
SELECT id
FROM products
WHERE slug = @slug;

-- name: ProductsByIDs :many
-- Products with their category, in no particular order.
SELECT sqlc.embed(p), sqlc.embed(c)
FROM products p
JOIN categories c ON c.id = p.category_id
WHERE p.id = ANY(@ids::uuid[]);

-- name: VariantsByProducts :many
-- Every variant of these products, the default one first, with what can be sold now.
SELECT sqlc.embed(v), coalesce(s.on_hand - s.reserved, 0)::integer AS available
FROM product_variants v
LEFT JOIN stock_levels s ON s.variant_id = v.id
WHERE v.product_id = ANY(@product_ids::uuid[])
ORDER BY v.product_id, v.is_default DESC, v.sort_order, v.id;

-- name: ImagesByProducts :many
SELECT *
FROM product_images
WHERE product_id = ANY(@product_ids::uuid[])
ORDER BY product_id, sort_order, id;

-- name: ProductListNewest :many
-- Ids of one page, newest first, before the given position.
SELECT id, created_at
FROM products
WHERE status = @status
  AND (created_at, id) < (@before_time::timestamptz, @before_id::uuid)
ORDER BY created_at DESC, id DESC
LIMIT @page_limit;

-- name: ProductListFeatured :many
SELECT id, created_at
FROM products
WHERE is_featured
  AND status = 'ACTIVE'
  AND (created_at, id) < (@before_time::timestamptz, @before_id::uuid)
ORDER BY created_at DESC, id DESC
LIMIT @page_limit;

-- name: VariantCurrency :one
-- The currency the shop's prices are in; all are in one.
SELECT currency
FROM product_variants
ORDER BY id
LIMIT 1;

-- name: ProductCount :one
SELECT count(*)
FROM products;
