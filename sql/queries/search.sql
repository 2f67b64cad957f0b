-- name: SearchLimits :exec
-- How long a statement of this transaction may take, and how it is planned: anew each time, because a
-- rare word and a common one need different plans; through the indexes, because the planner takes many
-- rare words for common ones; in the order of an index where there is one, because it does not know how soon
-- a walk ends; and without compiling what runs for milliseconds.
SELECT
    set_config('statement_timeout', @statement_timeout::text, true),
    set_config('plan_cache_mode', 'force_custom_plan', true),
    set_config('enable_seqscan', 'off', true),
    set_config('enable_sort', 'off', true),
    set_config('max_parallel_workers_per_gather', '0', true),
    set_config('jit', 'off', true);

-- name: SearchSample :many
-- Of the matching documents those in the sample, one in 64.
SELECT product_id, card, price, sold, created_at
FROM search_documents
WHERE sampled
  AND (@everything::boolean OR words @@ CAST(@query::text AS tsquery));

-- name: SearchCandidates :many
-- The matching documents, as many as allowed, in no particular order.
SELECT product_id, card, price, sold, created_at
FROM search_documents
WHERE (@everything::boolean OR words @@ CAST(@query::text AS tsquery))
  AND (NOT @priced::boolean OR EXISTS (
      SELECT FROM unnest(prices) AS x WHERE x BETWEEN @min_price::bigint AND @max_price::bigint))
LIMIT @at_most;

-- name: SearchSKUProducts :many
-- These products, as far as they match. By themselves: in one scan together with the words, each row that
-- the words found would be looked at again.
SELECT product_id, card, price, sold, created_at
FROM search_documents
WHERE product_id = ANY(@ids::uuid[])
  AND (@everything::boolean OR words @@ CAST(@query::text AS tsquery))
  AND (NOT @priced::boolean OR EXISTS (
      SELECT FROM unnest(prices) AS x WHERE x BETWEEN @min_price::bigint AND @max_price::bigint));

-- name: SearchWalk :many
-- Reads the next documents of an order, so many at most, and answers those that match, and the last one of
-- so many whether it matches or not: without it, the order has come to its end. Quick where many match.
--
-- The planner, which knows the parameters, leaves one index and no CASE. The order is said at every level,
-- or the planner sorts what is in order already, and a walk reads all it may before the first row.
--
-- For a price order with bounds there are three ways to walk: the documents whose default variant is within
-- them, and those where it is below them, or above, and another variant may be within: these have indexes of
-- their own, which tell.
SELECT product_id, card, price, sold, created_at, fits::boolean AS fits, is_last::boolean AS is_last
FROM (
    SELECT
        product_id, card, price, sold, created_at, name_key, number = @walk_limit::bigint AS is_last,
        (@everything::boolean OR words @@ CAST(@query::text AS tsquery))
            AND (@excluding::text = '' OR NOT words @@ CAST(@excluding::text AS tsquery))
            AND (NOT @priced::boolean OR EXISTS (
                SELECT FROM unnest(prices) AS x WHERE x BETWEEN @min_price::bigint AND @max_price::bigint)) AS fits
    FROM (
        SELECT *, row_number() OVER (
            ORDER BY
                CASE WHEN @sort::text = 'best_selling' THEN sold END DESC,
                CASE WHEN @sort::text IN ('best_selling', 'newest') THEN created_at END DESC,
                CASE WHEN @sort::text = 'price_desc' THEN price END DESC,
                CASE WHEN @sort::text = 'price_asc' THEN price END,
                CASE WHEN @sort::text = 'name' THEN name_key END,
                CASE WHEN @sort::text IN ('price_asc', 'name') THEN product_id END,
                product_id DESC
        ) AS number
        FROM search_documents
        WHERE CASE @sort::text
            WHEN 'newest' THEN (created_at, product_id) < (@after_time::timestamptz, @after_id::uuid)
            WHEN 'price_asc' THEN (price, product_id) > (@after_number::bigint, @after_id::uuid)
            WHEN 'price_desc' THEN (price, product_id) < (@after_number::bigint, @after_id::uuid)
            WHEN 'name' THEN (name_key, product_id) > (@after_text::text, @after_id::uuid)
            ELSE (sold, created_at, product_id) < (@after_number::bigint, @after_time::timestamptz, @after_id::uuid)
        END
          AND CASE @side::text
            WHEN 'within' THEN price BETWEEN @min_price::bigint AND @max_price::bigint
            WHEN 'below' THEN price < @min_price::bigint
                AND prices[cardinality(prices)] >= @min_price::bigint
                AND prices[cardinality(prices)] > price
            WHEN 'above' THEN price > @max_price::bigint
                AND prices[1] <= @max_price::bigint
                AND prices[1] < price
            ELSE true
        END
        ORDER BY
            CASE WHEN @sort::text = 'best_selling' THEN sold END DESC,
            CASE WHEN @sort::text IN ('best_selling', 'newest') THEN created_at END DESC,
            CASE WHEN @sort::text = 'price_desc' THEN price END DESC,
            CASE WHEN @sort::text = 'price_asc' THEN price END,
            CASE WHEN @sort::text = 'name' THEN name_key END,
            CASE WHEN @sort::text IN ('price_asc', 'name') THEN product_id END,
            product_id DESC
        LIMIT @walk_limit::bigint
    ) AS next
) AS walked
WHERE fits OR is_last
ORDER BY
    CASE WHEN @sort::text = 'best_selling' THEN sold END DESC,
    CASE WHEN @sort::text IN ('best_selling', 'newest') THEN created_at END DESC,
    CASE WHEN @sort::text = 'price_desc' THEN price END DESC,
    CASE WHEN @sort::text = 'price_asc' THEN price END,
    CASE WHEN @sort::text = 'name' THEN name_key END,
    CASE WHEN @sort::text IN ('price_asc', 'name') THEN product_id END,
    product_id DESC
LIMIT @page_limit;

-- name: SearchSorted :many
-- What the walks answer, by sorting all that match: for orders whose matches lie far apart. The page itself
-- is in no particular order.
WITH matches AS MATERIALIZED (
    SELECT
        product_id,
        CASE @sort::text WHEN 'price_asc' THEN price WHEN 'price_desc' THEN -price WHEN 'best_selling' THEN -sold END AS number,
        CASE WHEN @sort::text = 'name' THEN name_key END AS name,
        CASE WHEN @sort::text IN ('best_selling', 'newest') THEN created_at END AS at
    FROM search_documents
    WHERE (@everything::boolean OR words @@ CAST(@query::text AS tsquery))
      AND (@excluding::text = '' OR NOT words @@ CAST(@excluding::text AS tsquery))
      AND (NOT @priced::boolean OR EXISTS (
          SELECT FROM unnest(prices) AS x WHERE x BETWEEN @min_price::bigint AND @max_price::bigint))
      AND CASE @sort::text
          WHEN 'newest' THEN (created_at, product_id) < (@after_time::timestamptz, @after_id::uuid)
          WHEN 'price_asc' THEN (price, product_id) > (@after_number::bigint, @after_id::uuid)
          WHEN 'price_desc' THEN (price, product_id) < (@after_number::bigint, @after_id::uuid)
          WHEN 'name' THEN (name_key, product_id) > (@after_text::text, @after_id::uuid)
          ELSE (sold, created_at, product_id) < (@after_number::bigint, @after_time::timestamptz, @after_id::uuid)
      END
), page AS MATERIALIZED (
    SELECT product_id
    FROM matches
    ORDER BY number, name, at DESC, CASE WHEN @sort::text IN ('price_asc', 'name') THEN product_id END, product_id DESC
    LIMIT @page_limit
)
SELECT d.product_id, d.card, d.price, d.sold, d.created_at
FROM page
JOIN search_documents d USING (product_id);

-- name: SearchWords :many
-- What is known of each typed word: its lexemes in the shop's language (and in the former one while the
-- documents are made anew), whether it is a word of the shop, and in how many products, about.
SELECT
    t.word::text AS word,
    tsvector_to_array(search_vector(s.language::regconfig, search_text(t.word)))::text[] AS lexemes,
    coalesce(tsvector_to_array(search_vector(s.previous::regconfig, search_text(t.word))), '{}')::text[] AS former,
    coalesce((SELECT w.documents FROM search_words w WHERE w.word = t.word COLLATE "C"),
        (SELECT 1 FROM search_words_new n WHERE n.word = t.word COLLATE "C" LIMIT 1), 0)::integer AS documents
FROM unnest(@words::text[]) WITH ORDINALITY AS t (word, position)
CROSS JOIN search_settings s
ORDER BY t.position;

-- name: SearchCompletions :many
-- The commonest words that begin so, with their lexemes.
SELECT
    w.word::text AS word,
    w.documents::integer AS documents,
    tsvector_to_array(search_vector(s.language::regconfig, search_text(w.word)))::text[] AS lexemes,
    coalesce(tsvector_to_array(search_vector(s.previous::regconfig, search_text(w.word))), '{}')::text[] AS former
FROM (
    SELECT known.word, max(known.documents) AS documents
    FROM (
        (SELECT k.word, k.documents
        FROM search_words k
        WHERE k.word >= @prefix::text AND k.word < @beyond::text
        ORDER BY k.documents DESC, k.word
        LIMIT @at_most)
        UNION ALL
        (SELECT n.word, 1
        FROM search_words_new n
        WHERE n.word >= @prefix::text AND n.word < @beyond::text
        LIMIT @at_most)
    ) AS known
    GROUP BY known.word
) AS w
CROSS JOIN search_settings s
ORDER BY w.documents DESC, w.word
LIMIT @at_most;

-- name: SearchNear :many
-- Words that share what is left after deleting a letter or two; not all of them are near.
SELECT word, documents
FROM search_words
WHERE deletes && @deletes::integer[]
ORDER BY documents DESC, word
LIMIT 1000;

-- name: SearchSKUs :many
-- Products with an active variant whose SKU begins so, the exact one first.
SELECT product_id, (search_sku(sku) = @key::text)::boolean AS exact
FROM product_variants
WHERE is_active
  AND search_sku(sku) COLLATE "C" >= @key::text
  AND search_sku(sku) COLLATE "C" < @beyond::text
ORDER BY search_sku(sku) COLLATE "C"
LIMIT @at_most;

-- name: SearchSKUsExact :many
SELECT product_id
FROM product_variants
WHERE is_active
  AND search_sku(sku) COLLATE "C" = ANY(@keys::text[]);

-- name: SearchCategories :many
-- The whole tree.
SELECT id, parent_id, name, slug, is_active, sort_order
FROM categories
ORDER BY sort_order, name, id;

-- name: SearchCategoryExists :one
SELECT EXISTS (SELECT FROM categories WHERE slug = @slug);

-- name: SearchSettings :one
SELECT language, previous, reindexed_to
FROM search_settings;

-- name: SearchLanguageSet :execrows
-- Begins to make the documents anew for another language. The former one still finds those not made yet.
UPDATE search_settings
SET language = @language, previous = language, reindexed_to = '00000000-0000-0000-0000-000000000000', seen = NULL
WHERE language <> @language::text;

-- name: SearchReindexNext :one
-- The next documents to make anew; none when there is none left. There is no place while another process is
-- at it, or a transaction is under way that may make documents for the former language.
WITH place AS (
    SELECT reindexed_to
    FROM search_settings
    WHERE reindexed_to IS NOT NULL
      AND seen < pg_snapshot_xmin(pg_current_snapshot())
    FOR UPDATE SKIP LOCKED
), next AS (
    SELECT array_agg(d.product_id ORDER BY d.product_id) AS ids
    FROM (
        SELECT product_id
        FROM search_documents
        WHERE product_id > (SELECT reindexed_to FROM place)
        ORDER BY product_id
        LIMIT @batch
    ) AS d
)
SELECT EXISTS (SELECT FROM place)::boolean AS has_place, coalesce(next.ids, '{}')::uuid[] AS ids
FROM next;

-- name: SearchReindexedTo :exec
UPDATE search_settings
SET reindexed_to = sqlc.narg('reindexed_to')::uuid,
    previous = CASE WHEN sqlc.narg('reindexed_to')::uuid IS NULL THEN NULL ELSE previous END;

-- name: SearchRefresh :exec
SELECT search_refresh(@ids::uuid[]);

-- name: SearchTextsSet :exec
-- Keeps what is shown of texts with markup, for search_refresh.
INSERT INTO search_texts AS t (product_id, source, shown)
SELECT r.product_id, search_source(r.short_description, r.description), r.shown
FROM jsonb_to_recordset(@rows::jsonb) AS r(product_id uuid, short_description text, description text, shown text)
ON CONFLICT (product_id) DO UPDATE SET source = excluded.source, shown = excluded.shown;

-- name: SearchUnreadTake :many
-- The texts of products that nobody has read yet, which no other process takes at the same time, and notes for their
-- documents to be made anew.
WITH taken AS (
    DELETE FROM search_unread
    WHERE ctid = ANY(ARRAY(SELECT u.ctid FROM search_unread u LIMIT @at_most FOR UPDATE SKIP LOCKED))
    RETURNING product_id
), noted AS (
    INSERT INTO search_stale (kind, ref, later)
    SELECT DISTINCT 'PRODUCT', t.product_id, true
    FROM taken t
)
SELECT p.id, p.short_description, p.description
FROM products p
WHERE p.id IN (SELECT t.product_id FROM taken t);

-- name: SearchStaleSee :exec
-- Remembers of notes about categories when they could be seen first, as a transaction.
UPDATE search_stale
SET seen = pg_current_xact_id()
WHERE kind = 'CATEGORY'
  AND seen IS NULL;

-- name: SearchLanguageSee :exec
-- Remembers when another language could be seen first, as a transaction.
UPDATE search_settings
SET seen = pg_current_xact_id()
WHERE reindexed_to IS NOT NULL
  AND seen IS NULL;

-- name: SearchStaleTake :many
-- The oldest notes, those of many at once last, which no other process takes at the same time. Those of
-- categories wait until every transaction has ended that may make documents without having seen the change.
DELETE FROM search_stale s
WHERE s.id IN (
    SELECT n.id
    FROM search_stale n
    WHERE n.kind <> 'CATEGORY' OR n.seen < pg_snapshot_xmin(pg_current_snapshot())
    ORDER BY n.later, n.id
    LIMIT @at_most
    FOR UPDATE SKIP LOCKED
)
RETURNING s.kind, s.ref, s.factor, s.later, s.reached;

-- name: SearchStaleProducts :many
-- The products of stale variants and of those noted themselves, as many as can be locked now.
SELECT p.id
FROM products p
WHERE p.id IN (
    SELECT v.product_id FROM product_variants v WHERE v.id = ANY(@variants::uuid[])
    UNION
    SELECT unnest(@products::uuid[])
)
ORDER BY p.id
FOR NO KEY UPDATE SKIP LOCKED;

-- name: SearchStaleAgain :exec
-- Notes the products anew, without those done. What was noted for itself does not wait behind many.
INSERT INTO search_stale (kind, ref, later)
SELECT 'PRODUCT', p.id, NOT (p.id = ANY(@urgent::uuid[]) OR p.id IN (
    SELECT v.product_id FROM product_variants v WHERE v.id = ANY(@variants::uuid[])))
FROM products p
WHERE p.id IN (
    SELECT v.product_id FROM product_variants v WHERE v.id = ANY(@variants::uuid[])
    UNION
    SELECT unnest(@products::uuid[])
)
  AND p.id <> ALL(@done::uuid[]);

-- name: SearchStaleSubtree :one
-- Notes the next products of a category and those below it, and answers the last of them; NULL when there
-- is none left.
WITH RECURSIVE below AS (
    SELECT @category::uuid AS id
    UNION
    SELECT c.id FROM categories c JOIN below b ON c.parent_id = b.id
), next AS MATERIALIZED (
    SELECT p.id
    FROM products p
    WHERE p.category_id IN (SELECT id FROM below)
      AND p.status = 'ACTIVE'
      AND p.id > @reached::uuid
    ORDER BY p.id
    LIMIT @at_most
), noted AS (
    INSERT INTO search_stale (kind, ref, later)
    SELECT 'PRODUCT', n.id, true
    FROM next n
)
SELECT n.id
FROM next n
ORDER BY n.id DESC
LIMIT 1;

-- name: SearchStaleReached :exec
-- Notes how far the products of a category are noted. Who could not see the change has ended by now.
INSERT INTO search_stale (kind, ref, reached, seen)
VALUES ('CATEGORY', @category, @reached, '3');

-- name: SearchSold :many
-- Counts the units of these orders, each as often as its factor says, and answers the products.
INSERT INTO search_sales AS s (product_id, sold)
SELECT i.product_id, sum(i.quantity * o.factor)
FROM (SELECT unnest(@orders::uuid[]) AS order_id, unnest(@factors::smallint[]) AS factor) AS o
JOIN order_items i ON i.order_id = o.order_id
GROUP BY i.product_id
ORDER BY i.product_id
ON CONFLICT (product_id) DO UPDATE SET sold = s.sold + excluded.sold
RETURNING s.product_id;

-- name: SearchWordsNew :many
-- Words that wait to be learnt.
SELECT DISTINCT word
FROM search_words_new
LIMIT @at_most;

-- name: SearchWordsLearn :exec
-- Takes up these words with what deleting leaves of each, joined by commas.
WITH learnt AS (
    INSERT INTO search_words (word, documents, deletes)
    SELECT w.word, 1, string_to_array(w.deletes, ',')::integer[]
    FROM (SELECT unnest(@words::text[]) AS word, unnest(@deletes::text[]) AS deletes) AS w
    ORDER BY w.word
    ON CONFLICT (word) DO NOTHING
)
DELETE FROM search_words_new n
WHERE n.word = ANY(@words::text[]);

-- name: SearchWordsCount :exec
SELECT search_count_words();
