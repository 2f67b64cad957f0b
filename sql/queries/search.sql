-- name: ProductSearch :many
-- Ids of one page of matching ACTIVE products. Every order is folded into one ascending pair
-- (rank_number, rank_text) with the id behind it, so that one keyset condition serves them all.
WITH matching AS (
    SELECT
        p.id,
        CASE @sort::text
            WHEN 'relevance' THEN
                (- 1000000 * ts_rank_cd(p.search_document, to_tsquery('english', @terms::text)))::bigint
                - CASE
                    WHEN p.id IN (SELECT x.product_id FROM product_variants x WHERE lower(x.sku) = lower(@sku_text::text))
                        THEN 1000000000
                    ELSE 0
                END
            WHEN 'price_asc' THEN d.price_minor
            WHEN 'price_desc' THEN - d.price_minor
            WHEN 'newest' THEN - (1000000 * extract(epoch FROM p.created_at))::bigint
            ELSE 0
        END::bigint AS rank_number,
        CASE @sort::text WHEN 'name' THEN p.name ELSE '' END::text AS rank_text
    FROM products p
    JOIN product_variants d ON d.product_id = p.id AND d.is_default
    WHERE p.status = 'ACTIVE'
      AND (
          NOT @has_query::boolean
          OR p.search_document @@ to_tsquery('english', @terms::text)
          OR EXISTS (
              SELECT FROM product_variants v
              WHERE v.product_id = p.id
                AND lower(v.sku) LIKE @sku_pattern::text
          )
      )
      AND (
          sqlc.narg('category_slug')::text IS NULL
          OR p.category_id = (SELECT c.id FROM categories c WHERE c.slug = sqlc.narg('category_slug')::text)
      )
      AND (sqlc.narg('featured')::boolean IS NULL OR p.is_featured = sqlc.narg('featured')::boolean)
      AND EXISTS (
          SELECT
          FROM product_variants v
          WHERE v.product_id = p.id
            AND v.is_active
            AND (sqlc.narg('min_price')::bigint IS NULL OR v.price_minor >= sqlc.narg('min_price')::bigint)
            AND (sqlc.narg('max_price')::bigint IS NULL OR v.price_minor <= sqlc.narg('max_price')::bigint)
      )
      AND (
          sqlc.narg('in_stock')::boolean IS NULL
          OR sqlc.narg('in_stock')::boolean = (
              NOT p.track_inventory
              OR EXISTS (
                  SELECT
                  FROM product_variants v
                  JOIN stock_levels s ON s.variant_id = v.id
                  WHERE v.product_id = p.id
                    AND v.is_active
                    AND s.on_hand > s.reserved
              )
          )
      )
)
SELECT id, rank_number, rank_text
FROM matching
WHERE NOT @has_after::boolean
   OR (rank_number, rank_text, id) > (@after_number::bigint, @after_text::text, @after_id::uuid)
ORDER BY rank_number, rank_text, id
LIMIT @page_limit;
