-- name: CartCreate :one
INSERT INTO carts (id, session_id, currency, created_at, updated_at)
VALUES (@id, @session_id, @currency, @now, @now)
RETURNING *;

-- name: CartGet :one
SELECT *
FROM carts
WHERE id = @id;

-- name: CartGetForUpdate :one
-- The first lock of every command on a cart, so that an edit and a purchase take turns.
SELECT *
FROM carts
WHERE id = @id
FOR UPDATE;

-- name: CartTouch :exec
UPDATE carts
SET updated_at = @now
WHERE id = @id;

-- name: CartConvert :exec
UPDATE carts
SET order_id = @order_id, updated_at = @now
WHERE id = @id;

-- name: CartSellableGet :one
-- The variant to add: the named one of this product, else its default one.
SELECT
    v.id AS variant_id,
    p.status AS product_status,
    v.is_active,
    v.currency,
    p.track_inventory,
    coalesce(s.on_hand - s.reserved, 0)::integer AS available,
    coalesce(s.allow_backorder, false)::boolean AS allow_backorder
FROM products p
JOIN product_variants v ON v.product_id = p.id
LEFT JOIN stock_levels s ON s.variant_id = v.id
WHERE p.id = @product_id
  AND (v.id = sqlc.narg('variant_id') OR (sqlc.narg('variant_id')::uuid IS NULL AND v.is_default));

-- name: CartItemAdd :one
-- Adds the line or raises the one that is there; answers the quantity it has now.
INSERT INTO cart_items (id, cart_id, variant_id, quantity, created_at)
VALUES (@id, @cart_id, @variant_id, @quantity, @now)
ON CONFLICT ON CONSTRAINT cart_items_one_per_variant DO UPDATE
    SET quantity = cart_items.quantity + excluded.quantity
RETURNING quantity;

-- name: CartItemGet :one
SELECT i.id, i.quantity, v.product_id, i.variant_id
FROM cart_items i
JOIN product_variants v ON v.id = i.variant_id
WHERE i.id = @id
  AND i.cart_id = @cart_id;

-- name: CartItemSetQuantity :exec
UPDATE cart_items
SET quantity = @quantity
WHERE id = @id
  AND cart_id = @cart_id;

-- name: CartItemRemove :execrows
DELETE FROM cart_items
WHERE id = @id
  AND cart_id = @cart_id;

-- name: CartLineList :many
-- The cart's lines with today's price and stock, in the order they were added.
SELECT
    i.id,
    i.quantity,
    p.id AS product_id,
    v.id AS variant_id,
    p.name AS product_name,
    v.name AS variant_name,
    v.sku,
    v.options,
    v.price_minor,
    v.currency,
    p.status AS product_status,
    v.is_active,
    p.track_inventory,
    coalesce(s.on_hand - s.reserved, 0)::integer AS available,
    coalesce(s.allow_backorder, false)::boolean AS allow_backorder,
    g.url AS image_url,
    f.key AS image_key,
    f.format AS image_format,
    f.thumbnail_format AS image_thumbnail_format
FROM cart_items i
JOIN product_variants v ON v.id = i.variant_id
JOIN products p ON p.id = v.product_id
LEFT JOIN stock_levels s ON s.variant_id = v.id
LEFT JOIN product_images g ON g.id = (
    SELECT first.id
    FROM product_images first
    WHERE first.product_id = p.id
    ORDER BY first.sort_order, first.id
    LIMIT 1
)
LEFT JOIN media_files f ON f.key = g.media_key
WHERE i.cart_id = @cart_id
ORDER BY i.created_at, i.id;
