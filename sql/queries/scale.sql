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
