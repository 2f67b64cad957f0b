-- name: ImageIDs :many
-- A product's pictures in their order.
SELECT id
FROM product_images
WHERE product_id = @product_id
ORDER BY sort_order, id;

-- name: ImageAdd :exec
-- An address whose key is that of an upload is the upload.
INSERT INTO product_images (id, product_id, url, media_key, alt_text, sort_order, created_at)
SELECT
    @id, @product_id, CASE WHEN f.key IS NULL THEN sqlc.narg('url')::text END, f.key, @alt_text, @sort_order::integer, @now
FROM (VALUES (@key_in_url::text)) AS known (key)
LEFT JOIN media_files f ON f.key = known.key;

-- name: ImageArrange :exec
-- Gives a product's pictures the places that they have among image_ids.
UPDATE product_images i
SET sort_order = placed.place - 1
FROM unnest(@image_ids::uuid[]) WITH ORDINALITY AS placed (id, place)
WHERE i.id = placed.id
  AND i.product_id = @product_id
  AND i.sort_order <> placed.place - 1;

-- name: ImageDescribe :exec
UPDATE product_images
SET alt_text = @alt_text
WHERE id = @id
  AND product_id = @product_id;

-- name: ImageDelete :exec
DELETE FROM product_images
WHERE id = @id
  AND product_id = @product_id;
