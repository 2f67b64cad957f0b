-- name: CategoryCreate :one
INSERT INTO categories (id, name, slug, description, image, parent_id, sort_order, is_active, created_at)
VALUES (@id, @name, @slug, @description, @image, @parent_id, @sort_order, @is_active, @now)
RETURNING *;

-- name: CategoryList :many
-- One page by sort order and name, after the given position; hidden ones, and those below them, for staff only.
WITH RECURSIVE hidden AS (
    SELECT c.id
    FROM categories c
    WHERE NOT c.is_active
    UNION
    SELECT c.id
    FROM hidden
    JOIN categories c ON c.parent_id = hidden.id
)
SELECT g.*
FROM categories g
WHERE (@include_hidden::boolean OR g.id NOT IN (SELECT h.id FROM hidden h))
  AND (g.sort_order, g.name) > (@after_sort_order::integer, @after_name::text)
ORDER BY g.sort_order, g.name
LIMIT @page_limit;

-- name: CategoryGet :one
-- By id or slug; hidden ones, and those below one, for staff only.
WITH RECURSIVE above AS (
    SELECT c.parent_id, c.is_active
    FROM categories c
    WHERE c.id = @id
       OR c.slug = @slug
    UNION
    SELECT c.parent_id, c.is_active
    FROM above
    JOIN categories c ON c.id = above.parent_id
)
SELECT g.*
FROM categories g
WHERE (g.id = @id OR g.slug = @slug)
  AND (@include_hidden::boolean OR NOT EXISTS (SELECT FROM above WHERE NOT above.is_active));

-- name: ProductCreate :exec
INSERT INTO products (
    id, category_id, name, slug, description, short_description, status, track_inventory,
    low_stock_threshold, dimensions, is_featured, seo_title, seo_description, created_at, updated_at)
VALUES (
    @id, @category_id, @name, @slug, @description, @short_description, @status, @track_inventory,
    @low_stock_threshold, @dimensions, @is_featured, @seo_title, @seo_description, @now, @now);

-- name: VariantCreate :batchexec
INSERT INTO product_variants (
    id, product_id, is_default, name, sku, price_minor, follows_price, compare_price_minor, cost_price_minor,
    currency, weight, options, is_active, sort_order, created_at, updated_at)
VALUES (
    @id, @product_id, @is_default, @name, @sku, @price_minor, @follows_price, @compare_price_minor, @cost_price_minor,
    @currency, @weight, @options, @is_active, @sort_order, @now, @now);

-- name: ImageCreate :batchexec
-- An address whose key is that of an upload is the upload.
INSERT INTO product_images (id, product_id, url, media_key, alt_text, sort_order, created_at)
SELECT
    @id, @product_id, CASE WHEN f.key IS NULL THEN @url::text END, f.key, @alt_text, @sort_order::integer, @now
FROM (VALUES (@key_in_url::text)) AS known (key)
LEFT JOIN media_files f ON f.key = known.key;

-- name: ProductIDBySlug :one
SELECT id
FROM products
WHERE slug = @slug;

-- name: ProductsByIDs :many
-- Products with their category, in no particular order. As all that read by a list of ids: the list passes
-- through a subquery, so that one plan does for every length and is not made anew each time, which takes
-- longer than reading. OFFSET 0 has the category looked up rather than all of them read.
SELECT
    sqlc.embed(p),
    c.name AS category_name,
    c.slug AS category_slug,
    c.description AS category_description,
    c.image AS category_image,
    c.parent_id AS category_parent_id,
    c.sort_order AS category_sort_order,
    c.is_active AS category_is_active,
    c.created_at AS category_created_at,
    c.version AS category_version
FROM products p
CROSS JOIN LATERAL (SELECT * FROM categories WHERE categories.id = p.category_id OFFSET 0) c
WHERE p.id = ANY(ARRAY(SELECT unnest(@ids::uuid[])));

-- name: VariantsByProducts :many
-- Every variant of these products, the default one first, with what can be sold now.
SELECT
    sqlc.embed(v),
    greatest(s.available, 0)::integer AS available,
    coalesce(s.allow_backorder, false)::boolean AS allow_backorder
FROM product_variants v
LEFT JOIN stock_levels s ON s.variant_id = v.id
WHERE v.product_id = ANY(ARRAY(SELECT unnest(@product_ids::uuid[])))
ORDER BY v.product_id, v.is_default DESC, v.sort_order, v.id;

-- name: ImagesByProducts :many
-- Pictures of these products in their order, with the file of an uploaded one.
SELECT sqlc.embed(i), f.format, f.thumbnail_format, f.width, f.height
FROM product_images i
LEFT JOIN media_files f ON f.key = i.media_key
WHERE i.product_id = ANY(ARRAY(SELECT unnest(@product_ids::uuid[])))
ORDER BY i.product_id, i.sort_order, i.id;

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

-- name: CategoryAll :many
-- Every category in the order of lists; hidden ones for staff only.
SELECT *
FROM categories
WHERE is_active OR @include_inactive::boolean
ORDER BY sort_order, name;

-- name: CategoryTreeLock :exec
-- Whoever changes what is below what takes turns until the transaction ends: two moves that are fine
-- each by itself could make a circle together.
SELECT pg_advisory_xact_lock(hashtextextended('cartwright category tree', 0));

-- name: CategoryLock :one
-- The first lock of every change of a category. Products may be put into it meanwhile.
SELECT *
FROM categories
WHERE id = @id
FOR NO KEY UPDATE;

-- name: CategoryLockToDelete :one
-- Nothing can be put into the category while this is held.
SELECT *
FROM categories
WHERE id = @id
FOR UPDATE;

-- name: CategoryPath :many
-- The category and those above it, itself first. Bounded, whatever the table holds.
WITH RECURSIVE path AS (
    SELECT c.id, c.parent_id, 1 AS level
    FROM categories c
    WHERE c.id = @id
    UNION ALL
    SELECT c.id, c.parent_id, path.level + 1
    FROM path
    JOIN categories c ON c.id = path.parent_id
    WHERE path.level < 100
)
SELECT id
FROM path
ORDER BY level;

-- name: CategoryHeight :one
-- How many levels the category and what is below it take.
WITH RECURSIVE below AS (
    SELECT c.id, 1 AS level
    FROM categories c
    WHERE c.id = @id
    UNION ALL
    SELECT c.id, below.level + 1
    FROM below
    JOIN categories c ON c.parent_id = below.id
    WHERE below.level < 100
)
SELECT coalesce(max(level), 0)::integer AS height
FROM below;

-- name: CategoryUpdate :one
UPDATE categories
SET name = @name,
    slug = @slug,
    description = @description,
    image = @image,
    parent_id = @parent_id,
    sort_order = @sort_order,
    is_active = @is_active,
    version = version + 1
WHERE id = @id
RETURNING *;

-- name: CategoryMoveChildren :exec
UPDATE categories
SET parent_id = @target_id::uuid,
    version = version + 1
WHERE parent_id = @id::uuid;

-- name: CategoryMoveProducts :exec
-- Locked in id order, as by everybody who changes several.
WITH moved AS (
    SELECT p.id
    FROM products p
    WHERE p.category_id = @id::uuid
    ORDER BY p.id
    FOR NO KEY UPDATE
)
UPDATE products
SET category_id = @target_id::uuid,
    version = version + 1,
    updated_at = @now
FROM moved
WHERE products.id = moved.id;

-- name: CategoryDelete :exec
DELETE FROM categories
WHERE id = @id;

-- name: ProductLock :one
-- The first lock of every change of a product, its variants and its pictures. Orders may refer to it
-- meanwhile.
SELECT *
FROM products
WHERE id = @id
FOR NO KEY UPDATE;

-- name: ProductLockToDelete :one
-- No order can refer to the product while this is held.
SELECT *
FROM products
WHERE id = @id
FOR UPDATE;

-- name: ProductUpdate :exec
UPDATE products
SET category_id = @category_id,
    name = @name,
    slug = @slug,
    description = @description,
    short_description = @short_description,
    status = @status,
    track_inventory = @track_inventory,
    low_stock_threshold = @low_stock_threshold,
    dimensions = @dimensions,
    is_featured = @is_featured,
    seo_title = @seo_title,
    seo_description = @seo_description
WHERE id = @id;

-- name: ProductTouch :exec
-- Says that the product, a variant or a picture of it has changed.
UPDATE products
SET version = version + 1,
    updated_at = @now
WHERE id = @id;

-- name: ProductDelete :exec
-- Takes variants, pictures and stock along, and marks the lines of carts as deleted; refused once it was ordered.
DELETE FROM products
WHERE id = @id;

-- name: VariantsOfProduct :many
-- The default one first.
SELECT *
FROM product_variants
WHERE product_id = @product_id
ORDER BY is_default DESC, sort_order, id;

-- name: VariantUpdate :exec
UPDATE product_variants
SET name = @name,
    sku = @sku,
    sku_is_lookalike = sku_is_lookalike AND sku = @sku,
    price_minor = @price_minor,
    follows_price = @follows_price,
    compare_price_minor = @compare_price_minor,
    cost_price_minor = @cost_price_minor,
    weight = @weight,
    options = @options,
    is_active = @is_active,
    updated_at = @now
WHERE id = @id;

-- name: VariantsFollowPrice :exec
-- Gives the product's new price to the variants without one of their own.
UPDATE product_variants
SET price_minor = @price_minor,
    updated_at = @now
WHERE product_id = @product_id
  AND follows_price;

-- name: VariantDelete :exec
-- Takes its stock along, and marks the lines of carts as deleted; refused once it was ordered.
DELETE FROM product_variants
WHERE id = @id;

-- name: ProductListBoughtWith :many
-- Ids of ACTIVE products in paid orders of this one, most often first. It looks at the latest orders
-- only, so that a bestseller costs no more than any other.
WITH latest AS (
    SELECT i.order_id
    FROM order_items i
    WHERE i.product_id = @product_id
    ORDER BY i.order_id DESC
    LIMIT 200
), paid AS (
    SELECT DISTINCT l.order_id
    FROM latest l
    JOIN orders o ON o.id = l.order_id
    WHERE o.payment_status IN ('PAID', 'PARTIALLY_REFUNDED')
)
SELECT other.product_id
FROM paid
JOIN order_items other ON other.order_id = paid.order_id
JOIN products p ON p.id = other.product_id
WHERE other.product_id <> @product_id
  AND p.status = 'ACTIVE'
GROUP BY other.product_id
ORDER BY count(DISTINCT other.order_id) DESC, other.product_id DESC
LIMIT @list_limit;

-- name: ProductListInCategory :many
-- Ids of ACTIVE products of a category without those named, featured and newest first.
SELECT id
FROM products
WHERE category_id = @category_id
  AND status = 'ACTIVE'
  AND id <> ALL(@without::uuid[])
ORDER BY is_featured DESC, created_at DESC, id DESC
LIMIT @list_limit;
