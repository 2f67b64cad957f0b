-- name: CartCreate :one
INSERT INTO carts (id, user_id, session_id, currency, created_at, updated_at)
VALUES (@id, @user_id, @session_id, @currency, @now, @now)
RETURNING *;

-- name: CartGet :one
-- A guest's cart by its id alone, a customer's only for them and for staff.
SELECT *
FROM carts
WHERE id = @id
  AND merged_into IS NULL
  AND (user_id IS NULL OR user_id = sqlc.narg('customer_id')::uuid OR @staff::boolean);

-- name: CartGetForUpdate :one
-- The first lock of every command on a cart, so that an edit, a claim and a purchase take turns. Whose the cart is
-- counts when the lock is had, and what is another's is never locked.
SELECT *
FROM carts
WHERE id = @id
  AND merged_into IS NULL
  AND (user_id IS NULL OR user_id = sqlc.narg('customer_id')::uuid)
FOR UPDATE;

-- name: CartGetOpen :one
-- The one open cart of a customer.
SELECT *
FROM carts
WHERE user_id = @customer_id::uuid
  AND order_id IS NULL
  AND merged_into IS NULL;

-- name: CartLockCustomer :exec
-- Opening and claiming carts for one customer take turns, before any cart is locked.
SELECT pg_advisory_xact_lock(hashtextextended('the carts of ' || @customer_id::text, 0));

-- name: CartListForClaim :many
-- The cart to claim, if it is a guest's or the customer's own, and the open one that the customer has; in the one
-- order in which several carts are locked.
SELECT *
FROM carts
WHERE (id = @id AND (user_id IS NULL OR user_id = @customer_id::uuid))
   OR (user_id = @customer_id::uuid AND order_id IS NULL AND merged_into IS NULL)
ORDER BY id
FOR UPDATE;

-- name: CartClaim :exec
UPDATE carts
SET user_id = @customer_id::uuid, updated_at = @now
WHERE id = @id;

-- name: CartMerge :exec
UPDATE carts
SET user_id = @customer_id::uuid, merged_into = @target::uuid, updated_at = @now
WHERE id = @id;

-- name: CartItemPut :batchexec
-- A line with this quantity, whether it is there or not; of a variant deleted at this moment none.
INSERT INTO cart_items (id, cart_id, variant_id, quantity, seen_price_minor, created_at)
SELECT @id, @cart_id, v.id, @quantity, sqlc.narg('seen_price_minor')::bigint, @now
FROM product_variants v
WHERE v.id = @variant_id
FOR KEY SHARE
ON CONFLICT ON CONSTRAINT cart_items_one_per_variant DO UPDATE
    SET quantity = excluded.quantity, seen_price_minor = excluded.seen_price_minor;

-- name: CartDeletedItemsMove :exec
-- Moves the lines of deleted variants that the target has none of.
UPDATE cart_items i
SET cart_id = @target
WHERE i.cart_id = @cart_id
  AND i.variant_id IS NULL
  AND NOT EXISTS (
      SELECT
      FROM cart_items t
      WHERE t.cart_id = @target
        AND t.deleted ->> 'variantId' = i.deleted ->> 'variantId');

-- name: CartItemsRemove :exec
DELETE FROM cart_items
WHERE cart_id = @cart_id;

-- name: CartErase :exec
-- Takes away the carts of a customer and those named, in the one order in which several are locked.
WITH theirs AS (
    SELECT id
    FROM carts
    WHERE user_id = @customer_id::uuid
       OR id = ANY(@ids::uuid[])
    ORDER BY id
    FOR UPDATE
)
DELETE FROM carts c
USING theirs
WHERE c.id = theirs.id;

-- name: CartTouch :exec
UPDATE carts
SET updated_at = @now
WHERE id = @id;

-- name: CartConvert :exec
-- A guest's cart that a customer buys is that customer's from then on, like its order.
UPDATE carts
SET order_id = @order_id, user_id = coalesce(user_id, sqlc.narg('customer_id')::uuid), updated_at = @now
WHERE id = @id;

-- name: CartSellableGet :one
-- The variant to add: the named one of this product, else its default one.
SELECT
    v.id AS variant_id,
    p.status AS product_status,
    v.is_active,
    v.price_minor,
    v.currency,
    p.track_inventory,
    coalesce(s.available, 0)::integer AS available,
    coalesce(s.allow_backorder, false)::boolean AS allow_backorder
FROM products p
JOIN product_variants v ON v.product_id = p.id
LEFT JOIN stock_levels s ON s.variant_id = v.id
WHERE p.id = @product_id
  AND (v.id = sqlc.narg('variant_id') OR (sqlc.narg('variant_id')::uuid IS NULL AND v.is_default));

-- name: CartVariantList :many
-- What of these variants a cart can have: today's price, and how many there are.
SELECT
    v.id AS variant_id,
    p.status AS product_status,
    v.is_active,
    v.price_minor,
    p.track_inventory,
    coalesce(s.available, 0)::integer AS available,
    coalesce(s.allow_backorder, false)::boolean AS allow_backorder
FROM product_variants v
JOIN products p ON p.id = v.product_id
LEFT JOIN stock_levels s ON s.variant_id = v.id
WHERE v.id = ANY (@ids::uuid[])
  AND v.currency = @currency;

-- name: CartItemAdd :one
-- Adds the line or raises the one that is there; answers the quantity it has now.
INSERT INTO cart_items (id, cart_id, variant_id, quantity, seen_price_minor, created_at)
VALUES (@id, @cart_id, @variant_id::uuid, @quantity, @seen_price_minor::bigint, @now)
ON CONFLICT ON CONSTRAINT cart_items_one_per_variant DO UPDATE
    SET quantity = cart_items.quantity + excluded.quantity, seen_price_minor = excluded.seen_price_minor
RETURNING quantity;

-- name: CartItemGet :one
-- Without a product or variant where it was deleted.
SELECT i.id, i.quantity, v.product_id, i.variant_id
FROM cart_items i
LEFT JOIN product_variants v ON v.id = i.variant_id
WHERE i.id = @id
  AND i.cart_id = @cart_id;

-- name: CartItemSetQuantity :exec
UPDATE cart_items
SET quantity = @quantity, seen_price_minor = @seen_price_minor::bigint
WHERE id = @id
  AND cart_id = @cart_id;

-- name: CartItemRemove :execrows
DELETE FROM cart_items
WHERE id = @id
  AND cart_id = @cart_id;

-- name: CartLineList :many
-- The cart's lines with today's price and stock, in the order they were added. A line whose variant was deleted is
-- described by what it was then.
SELECT
    i.id,
    i.quantity,
    coalesce(p.id, (i.deleted ->> 'productId')::uuid)::uuid AS product_id,
    coalesce(v.id, (i.deleted ->> 'variantId')::uuid)::uuid AS variant_id,
    coalesce(p.name, i.deleted ->> 'name')::text AS product_name,
    coalesce(v.name, i.deleted ->> 'variantName')::text AS variant_name,
    coalesce(v.sku, i.deleted ->> 'sku')::text AS sku,
    coalesce(v.options, i.deleted -> 'options')::jsonb AS options,
    coalesce(v.price_minor, (i.deleted ->> 'priceMinor')::bigint)::bigint AS price_minor,
    i.seen_price_minor,
    coalesce(v.currency, i.deleted ->> 'currency')::text AS currency,
    coalesce(p.status, '')::text AS product_status,
    coalesce(v.is_active, false)::boolean AS is_active,
    (i.variant_id IS NULL)::boolean AS is_deleted,
    coalesce(p.track_inventory, false)::boolean AS track_inventory,
    coalesce(s.available, 0)::integer AS available,
    coalesce(s.allow_backorder, false)::boolean AS allow_backorder,
    g.url AS image_url,
    f.key AS image_key,
    f.format AS image_format,
    f.thumbnail_format AS image_thumbnail_format
FROM cart_items i
LEFT JOIN product_variants v ON v.id = i.variant_id
LEFT JOIN products p ON p.id = v.product_id
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

-- name: CartDeleteOlder :execrows
-- Guests' carts, and those that were bought or merged, that nobody has changed for long. Ids count up with time, so those
-- before one are found without an index of times, which every change of a cart would have to keep.
DELETE FROM carts
WHERE id IN (
    SELECT c.id
    FROM carts c
    WHERE c.id < @before_id
      AND c.updated_at < @before
      AND (c.user_id IS NULL OR c.order_id IS NOT NULL OR c.merged_into IS NOT NULL)
    ORDER BY c.id
    LIMIT @at_once
    FOR UPDATE SKIP LOCKED
);
