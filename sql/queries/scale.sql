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

-- name: ScaleLexemes :many
-- What the search makes of each of these words; nothing of one that it does not look for.
SELECT w.word::text AS word, coalesce(array_to_string(tsvector_to_array(search_vector(s.language::regconfig, w.word)), ''), '')::text AS lexeme
FROM search_settings s
CROSS JOIN unnest(@words::text[]) AS w (word);

-- name: ScaleCategoryLexemes :many
-- What these categories add to the documents of their products, as search_refresh does it.
WITH RECURSIVE above AS (
    SELECT c.id, c.id AS at, c.parent_id, c.name
    FROM categories c
    WHERE c.id = ANY(@ids::uuid[])
    UNION
    SELECT a.id, c.id, c.parent_id, c.name
    FROM above a
    JOIN categories c ON c.id = a.parent_id
)
SELECT
    a.id,
    (array_agg('/' || a.at) || tsvector_to_array(search_vector(
        (SELECT s.language::regconfig FROM search_settings s), search_text(string_agg(a.name, ' '))))
        || search_stops((SELECT s.language::regconfig FROM search_settings s), search_text(string_agg(a.name, ' '))))::text[] AS lexemes
FROM above a
GROUP BY a.id;

-- name: ScaleWordsRecord :exec
INSERT INTO search_words_new (word)
SELECT w.word
FROM unnest(@words::text[]) AS w (word)
WHERE NOT EXISTS (SELECT FROM search_words k WHERE k.word = w.word)
  AND NOT EXISTS (SELECT FROM search_words_new n WHERE n.word = w.word);

-- name: ScaleEverythingChanged :exec
-- What the triggers did not say of each product.
INSERT INTO catalogue_changes (product_id)
VALUES (NULL);
