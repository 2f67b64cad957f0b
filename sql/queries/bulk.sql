-- name: BulkVariantsBySKU :many
-- The variants that have these SKUs: by their key, or exactly where the key is another's.
SELECT
    id, product_id, is_default, name, sku, price_minor, follows_price, compare_price_minor, cost_price_minor, weight,
    options, is_active, sku_is_lookalike
FROM product_variants
WHERE catalogue_key(sku) = ANY(@keys::text[]) AND NOT sku_is_lookalike
UNION ALL
SELECT
    id, product_id, is_default, name, sku, price_minor, follows_price, compare_price_minor, cost_price_minor, weight,
    options, is_active, sku_is_lookalike
FROM product_variants
WHERE sku = ANY(@skus::text[]) AND sku_is_lookalike;

-- name: BulkProductsLock :many
-- Locked in id order, before anything of them is written: whoever writes a part of a product does so, too.
SELECT
    id, category_id, name, slug, description, short_description, status, track_inventory,
    low_stock_threshold, dimensions, is_featured, seo_title, seo_description
FROM products
WHERE id = ANY(@ids::uuid[])
ORDER BY id
FOR NO KEY UPDATE;

-- name: BulkCategories :many
SELECT id, slug
FROM categories
WHERE slug = ANY(@slugs::text[]);

-- name: BulkSlugs :many
-- Who has these slugs.
SELECT id, slug
FROM products
WHERE slug = ANY(@slugs::text[]);

-- name: BulkLastPlaces :many
-- The last place among the variants of each product, and how many there are.
SELECT product_id, max(sort_order)::integer AS sort_order, count(*)::integer AS variants
FROM product_variants
WHERE product_id = ANY(@product_ids::uuid[])
GROUP BY product_id;

-- name: BulkImages :many
SELECT i.id, i.product_id, i.url, i.alt_text, i.sort_order, f.key AS media_key, f.format
FROM product_images i
LEFT JOIN media_files f ON f.key = i.media_key
WHERE i.product_id = ANY(@product_ids::uuid[])
ORDER BY i.product_id, i.sort_order, i.id;

-- name: BulkChoices :many
-- The options of every variant of these products that has any.
SELECT product_id, id, options
FROM product_variants
WHERE product_id = ANY(@product_ids::uuid[])
  AND options <> '{}';

-- name: BulkStock :many
SELECT variant_id, on_hand, allocated, reserved, allow_backorder
FROM stock_levels
WHERE variant_id = ANY(@variant_ids::uuid[]);

-- name: BulkStockLock :many
-- Locked in the order in which everybody changes levels.
SELECT variant_id, on_hand, allocated, reserved, allow_backorder
FROM stock_levels
WHERE variant_id = ANY(@variant_ids::uuid[])
ORDER BY variant_id
FOR UPDATE;

-- name: BulkProductsCreate :exec
INSERT INTO products (
    id, category_id, name, slug, description, short_description, status, track_inventory,
    low_stock_threshold, dimensions, is_featured, seo_title, seo_description, created_at, updated_at)
SELECT
    r.id, r.category_id, r.name, r.slug, r.description, r.short_description, r.status, r.track_inventory,
    r.low_stock_threshold, r.dimensions, r.is_featured, r.seo_title, r.seo_description, @now::timestamptz, @now::timestamptz
FROM jsonb_to_recordset(@rows::jsonb) AS r(
    id uuid, category_id uuid, name text, slug text, description text, short_description text, status text,
    track_inventory boolean, low_stock_threshold integer, dimensions text, is_featured boolean, seo_title text,
    seo_description text);

-- name: BulkProductsUpdate :exec
UPDATE products AS p
SET category_id = r.category_id,
    name = r.name,
    slug = r.slug,
    description = r.description,
    short_description = r.short_description,
    status = r.status,
    track_inventory = r.track_inventory,
    low_stock_threshold = r.low_stock_threshold,
    dimensions = r.dimensions,
    is_featured = r.is_featured,
    seo_title = r.seo_title,
    seo_description = r.seo_description,
    version = p.version + 1,
    updated_at = @now
FROM jsonb_to_recordset(@rows::jsonb) AS r(
    id uuid, category_id uuid, name text, slug text, description text, short_description text, status text,
    track_inventory boolean, low_stock_threshold integer, dimensions text, is_featured boolean, seo_title text,
    seo_description text)
WHERE p.id = r.id;

-- name: BulkProductsTouch :exec
-- A change of a part is one of the product.
UPDATE products
SET version = version + 1,
    updated_at = @now
WHERE id = ANY(@ids::uuid[]);

-- name: BulkVariantsCreate :exec
INSERT INTO product_variants (
    id, product_id, is_default, name, sku, price_minor, follows_price, compare_price_minor, cost_price_minor,
    currency, weight, options, is_active, sort_order, created_at, updated_at)
SELECT
    r.id, r.product_id, r.is_default, r.name, r.sku, r.price_minor, r.follows_price, r.compare_price_minor, r.cost_price_minor,
    @currency::text, r.weight, r.options, r.is_active, r.sort_order, @now::timestamptz, @now::timestamptz
FROM jsonb_to_recordset(@rows::jsonb) AS r(
    id uuid, product_id uuid, is_default boolean, name text, sku text, price_minor bigint, follows_price boolean,
    compare_price_minor bigint, cost_price_minor bigint, weight double precision, options jsonb, is_active boolean, sort_order integer);

-- name: BulkVariantsUpdate :exec
UPDATE product_variants AS v
SET name = r.name,
    price_minor = r.price_minor,
    follows_price = r.follows_price,
    compare_price_minor = r.compare_price_minor,
    cost_price_minor = r.cost_price_minor,
    weight = r.weight,
    options = r.options,
    is_active = r.is_active,
    updated_at = @now
FROM jsonb_to_recordset(@rows::jsonb) AS r(
    id uuid, name text, price_minor bigint, follows_price boolean, compare_price_minor bigint, cost_price_minor bigint,
    weight double precision, options jsonb, is_active boolean)
WHERE v.id = r.id;

-- name: BulkPricesFollow :exec
-- Gives the variants without a price of their own what their product costs now.
UPDATE product_variants AS v
SET price_minor = main.price_minor,
    updated_at = @now
FROM product_variants main
WHERE main.product_id = v.product_id
  AND main.is_default
  AND v.follows_price
  AND v.price_minor <> main.price_minor
  AND v.product_id = ANY(@product_ids::uuid[]);

-- name: BulkStockCreate :exec
INSERT INTO stock_levels (variant_id, on_hand, allow_backorder, low_stock_at)
SELECT r.variant_id, r.on_hand, r.allow_backorder, stock_low_at(p.status, v.is_active, p.track_inventory, p.low_stock_threshold)
FROM jsonb_to_recordset(@rows::jsonb) AS r(variant_id uuid, on_hand integer, allow_backorder boolean)
JOIN product_variants v ON v.id = r.variant_id
JOIN products p ON p.id = v.product_id;

-- name: BulkStockSet :exec
-- The levels are locked: see BulkStockLock. They follow their products, as BulkLevelsLater left to be done.
UPDATE stock_levels AS s
SET on_hand = r.on_hand,
    allow_backorder = r.allow_backorder,
    low_stock_at = stock_low_at(p.status, v.is_active, p.track_inventory, p.low_stock_threshold)
FROM jsonb_to_recordset(@rows::jsonb) AS r(variant_id uuid, on_hand integer, allow_backorder boolean)
JOIN product_variants v ON v.id = r.variant_id
JOIN products p ON p.id = v.product_id
WHERE s.variant_id = r.variant_id;

-- name: BulkLevelsLater :exec
-- From here on in this transaction, a change of a product leaves its levels alone: whoever says so makes them follow at
-- its end, so that no buyer waits for the rest.
SELECT set_config('cartwright.levels_later', 'on', true);

-- name: BulkVariantsOf :many
SELECT id
FROM product_variants
WHERE product_id = ANY(@product_ids::uuid[]);

-- name: BulkMovementsCreate :exec
INSERT INTO stock_movements (id, variant_id, quantity, reason, created_at)
SELECT r.id, r.variant_id, r.quantity, r.reason, @now::timestamptz
FROM jsonb_to_recordset(@rows::jsonb) AS r(id uuid, variant_id uuid, quantity integer, reason text);

-- name: BulkImagesCreate :exec
-- An address whose key is that of an upload is the upload.
INSERT INTO product_images (id, product_id, url, media_key, alt_text, sort_order, created_at)
SELECT
    r.id, r.product_id, CASE WHEN f.key IS NULL THEN r.url END, f.key, r.alt_text, r.sort_order, @now::timestamptz
FROM jsonb_to_recordset(@rows::jsonb) AS r(id uuid, product_id uuid, url text, key_in_url text, alt_text text, sort_order integer)
LEFT JOIN media_files f ON f.key = r.key_in_url;

-- name: BulkImagesUpdate :exec
UPDATE product_images AS i
SET alt_text = r.alt_text, sort_order = r.sort_order
FROM jsonb_to_recordset(@rows::jsonb) AS r(id uuid, alt_text text, sort_order integer)
WHERE i.id = r.id;

-- name: BulkImagesDelete :exec
DELETE FROM product_images
WHERE id = ANY(@ids::uuid[]);

-- name: BulkExportProducts :many
-- The next products by id, which is the order in which they were added.
SELECT
    p.id, p.name, p.slug, p.description, p.short_description, c.slug AS category, p.status, p.track_inventory,
    p.low_stock_threshold, p.dimensions, p.is_featured, p.seo_title, p.seo_description
FROM products p
JOIN categories c ON c.id = p.category_id
WHERE p.id > @after
ORDER BY p.id
LIMIT @page_limit;

-- name: BulkExportVariants :many
-- Every variant of these products, each product's default one first.
SELECT
    v.product_id, v.is_default, v.name, v.sku, v.price_minor, v.follows_price, v.compare_price_minor, v.cost_price_minor, v.currency,
    v.weight, v.options, v.is_active, coalesce(s.on_hand, 0)::integer AS on_hand,
    coalesce(s.allow_backorder, false)::boolean AS allow_backorder
FROM product_variants v
LEFT JOIN stock_levels s ON s.variant_id = v.id
WHERE v.product_id = ANY(@product_ids::uuid[])
ORDER BY v.product_id, v.is_default DESC, v.sort_order, v.id;

-- name: BulkExportOptions :many
-- The name of every option there is.
SELECT DISTINCT o.name::text AS name
FROM product_variants v
CROSS JOIN LATERAL jsonb_object_keys(v.options) AS o(name)
ORDER BY 1;

-- name: BulkRowCount :one
-- How many rows an export has.
SELECT count(*)
FROM product_variants;
