-- +goose Up
-- Search reads what shoppers read: of texts with markup the text alone. Words that a language leaves out (can, down, who)
-- are found in what goods are called by. Unfinished words with a digit are completed. A product costs what can be bought
-- of it.

-- What is shown of the texts of products that hold markup, made by catalog.PlainText of what source is the digest of.
CREATE TABLE search_texts (
    product_id uuid PRIMARY KEY,
    source     text NOT NULL,
    shown      text NOT NULL
);

-- Products whose documents leave their texts out until somebody has read them. Without a unique index, so that writers
-- never wait for each other.
CREATE TABLE search_unread (product_id uuid NOT NULL);
CREATE INDEX search_unread_by_product ON search_unread (product_id);

-- search_is_markup reports whether a text may hold tags or entities of HTML.
CREATE FUNCTION search_is_markup(t text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN coalesce(position('<' IN t) > 0 OR position('&' IN t) > 0, false);

CREATE FUNCTION search_source(short_description text, description text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN md5(coalesce(short_description, '') || chr(31) || coalesce(description, ''));

-- +goose StatementBegin
-- search_stops are the words of such a text that the language leaves out. The words of a text that no language knows are
-- none of them, as those of Chinese.
CREATE FUNCTION search_stops(language regconfig, t text) RETURNS text[]
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
SET search_path = public, pg_temp AS $$
BEGIN
    RETURN coalesce((
        SELECT array_agg(w.word)
        FROM unnest(tsvector_to_array(to_tsvector('pg_catalog.simple', t))) AS w (word)
        WHERE search_vector(language, w.word) = ''), '{}');
END;
$$;

CREATE OR REPLACE FUNCTION search_products_deleted() RETURNS trigger
LANGUAGE plpgsql
SET search_path = public, pg_temp AS $$
BEGIN
    DELETE FROM search_documents WHERE product_id IN (SELECT id FROM former);
    DELETE FROM search_sales WHERE product_id IN (SELECT id FROM former);
    DELETE FROM search_texts WHERE product_id IN (SELECT id FROM former);
    RETURN NULL;
END;
$$;

CREATE OR REPLACE FUNCTION search_refresh(ids uuid[]) RETURNS void
LANGUAGE plpgsql
SET search_path = public, pg_temp SET jit = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    config regconfig := (SELECT language::regconfig FROM search_settings);
BEGIN
    -- Two transactions that change a product take turns here, and the second sees what the first did.
    PERFORM FROM unnest(ids) AS wanted (id) JOIN products p USING (id) ORDER BY p.id FOR NO KEY UPDATE OF p;

    DELETE FROM search_documents d
    USING unnest(ids) AS wanted (id)
    WHERE d.product_id = wanted.id
      AND NOT EXISTS (
          SELECT
          FROM products p
          JOIN product_variants v ON v.product_id = p.id AND v.is_active
          WHERE p.id = d.product_id AND p.status = 'ACTIVE');

    WITH RECURSIVE above AS (
        SELECT c.id, c.id AS at, c.parent_id, c.name
        FROM categories c
        WHERE c.id IN (SELECT p.category_id FROM unnest(ids) AS wanted (id) JOIN products p USING (id))
        UNION
        SELECT a.id, c.id, c.parent_id, c.name
        FROM above a
        JOIN categories c ON c.id = a.parent_id
    ), places AS (
        SELECT id, string_agg(name, ' ') AS names, array_agg('/' || at) AS lexemes
        FROM above
        GROUP BY id
    ), gathered AS MATERIALIZED (
        SELECT
            p.id, p.category_id, p.is_featured, p.created_at, s.prices, s.price, c.options,
            CASE WHEN s.available OR NOT p.track_inventory THEN '!in' ELSE '!out' END AS availability,
            pl.lexemes || coalesce(c.lexemes, '{}') AS lexemes,
            search_fold(p.name) AS name_key,
            search_vector(config, search_text(p.name)) AS stems,
            search_stops(config, search_text(p.name)) AS name_stops,
            search_text(concat_ws(' ', p.name, pl.names, c.words)) AS head,
            search_text(concat_ws(' ', p.name, pl.names, c.words,
                CASE WHEN m.is_markup THEN m.shown ELSE concat_ws(' ', p.short_description, p.description) END)) AS body,
            m.is_markup AND m.shown IS NULL AS unread
        FROM unnest(ids) AS wanted (id)
        JOIN products p ON p.id = wanted.id AND p.status = 'ACTIVE'
        JOIN places pl ON pl.id = p.category_id
        JOIN LATERAL (
            SELECT
                array_agg(DISTINCT v.price_minor) FILTER (WHERE v.is_active) AS prices,
                coalesce(min(v.price_minor) FILTER (WHERE v.is_default AND v.is_active),
                    min(v.price_minor) FILTER (WHERE v.is_active)) AS price,
                bool_or(v.is_active AND coalesce(s.available > 0 OR s.allow_backorder, false)) AS available
            FROM product_variants v
            LEFT JOIN stock_levels s ON s.variant_id = v.id
            WHERE v.product_id = p.id
        ) AS s ON s.prices IS NOT NULL
        LEFT JOIN LATERAL (
            SELECT
                array_agg(DISTINCT o.key || E'\x1f' || o.value) AS options,
                array_agg(DISTINCT '=' || left(search_fold(o.key), 100) || '=' || left(search_fold(o.value), 200)) AS lexemes,
                string_agg(DISTINCT o.value, ' ') AS words
            FROM product_variants v
            CROSS JOIN LATERAL jsonb_each_text(v.options) AS o
            WHERE v.product_id = p.id AND v.is_active
        ) AS c ON true
        LEFT JOIN LATERAL (
            SELECT true AS is_markup, (
                SELECT t.shown
                FROM search_texts t
                WHERE t.product_id = p.id
                  AND t.source = search_source(p.short_description, p.description)) AS shown
            WHERE search_is_markup(p.short_description) OR search_is_markup(p.description)
        ) AS m ON true
    ), unread AS (
        INSERT INTO search_unread (product_id)
        SELECT g.id
        FROM gathered g
        WHERE g.unread
    ), new_words AS (
        INSERT INTO search_words_new (word)
        SELECT typed.word
        FROM (
            SELECT DISTINCT w.word COLLATE "C" AS word
            FROM gathered
            CROSS JOIN LATERAL unnest(tsvector_to_array(to_tsvector('pg_catalog.simple', body))) AS w (word)
            WHERE w.word !~ '[0-9]'
            UNION
            -- Models and sizes: of words with a digit those that goods are called by, but no long numbers.
            SELECT w.word COLLATE "C"
            FROM gathered
            CROSS JOIN LATERAL unnest(tsvector_to_array(to_tsvector('pg_catalog.simple', head))) AS w (word)
            WHERE w.word ~ '[0-9]'
              AND w.word !~ '[0-9]{7}'
        ) AS typed
        WHERE char_length(typed.word) BETWEEN 2 AND 30
          AND typed.word !~ '[\u3005-\u3007\u3040-\u30fa\u30fc-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff\U00020000-\U0003ffff]'
          AND NOT EXISTS (SELECT FROM search_words k WHERE k.word = typed.word)
          AND NOT EXISTS (SELECT FROM search_words_new n WHERE n.word = typed.word)
    ), named AS (
        SELECT *, stems || array_to_tsvector(name_stops) AS named
        FROM gathered
    )
    INSERT INTO search_documents AS d (product_id, words, card, prices, price, name_key, sold, created_at)
    SELECT
        g.id,
        search_vector(config, g.body) || g.named
            || array_to_tsvector(search_stops(config, g.head) || g.lexemes || ARRAY[g.availability, CASE WHEN g.is_featured THEN '!featured' ELSE '!plain' END]
                || string_to_array(nullif('~' || array_to_string(tsvector_to_array(g.named), ' ~'), '~'), ' ')
                || (SELECT array_agg('$f' || floor(20 * ln(x + 1))) || array_agg('$c' || floor(floor(20 * ln(x + 1)) / 16))
                    FROM unnest(g.prices) AS x)),
        concat_ws(E'\x1e',
            g.availability || CASE WHEN g.is_featured THEN '*' ELSE '' END,
            g.category_id,
            array_to_string(g.prices, E'\x1f'),
            translate(g.name_key, E'\x1e\x1f', '  '),
            array_to_string(tsvector_to_array(g.named), ' '),
            translate(coalesce(array_to_string(g.options, E'\x1d'), ''), E'\x1e', ' ')),
        g.prices,
        g.price,
        left(g.name_key, 200),
        coalesce((SELECT s.sold FROM search_sales s WHERE s.product_id = g.id), 0),
        g.created_at
    FROM named g
    ORDER BY g.id
    ON CONFLICT (product_id) DO UPDATE
        SET words = excluded.words, card = excluded.card, prices = excluded.prices, price = excluded.price,
            name_key = excluded.name_key, sold = excluded.sold, created_at = excluded.created_at
        WHERE (d.words, d.card, d.prices, d.price, d.name_key, d.sold, d.created_at)
            IS DISTINCT FROM (excluded.words, excluded.card, excluded.prices, excluded.price, excluded.name_key, excluded.sold, excluded.created_at);
END;
$$;
-- +goose StatementEnd

-- +goose StatementBegin
-- search_count_words estimates in how many products each word is: from the sample, or in a small shop from all. Of words
-- that the language leaves out, in how many they are part of what the product is called by.
CREATE OR REPLACE FUNCTION search_count_words() RETURNS void
LANGUAGE plpgsql
SET search_path = public, pg_temp AS $$
DECLARE
    config regconfig := (SELECT language::regconfig FROM search_settings);
    small  boolean := (SELECT count(*) FROM search_documents WHERE sampled) < 300;
BEGIN
    UPDATE search_words w
    SET documents = e.documents
    FROM (
        SELECT k.word, coalesce(max(c.ndoc), 1) * CASE WHEN small OR max(c.ndoc) IS NULL THEN 1 ELSE 64 END AS documents
        FROM search_words k
        CROSS JOIN LATERAL unnest(coalesce(nullif(tsvector_to_array(search_vector(config, search_text(k.word))), '{}'), ARRAY[k.word::text])) AS l (lexeme)
        LEFT JOIN ts_stat('SELECT words FROM search_documents' || CASE WHEN small THEN '' ELSE ' WHERE sampled' END) AS c ON c.word = l.lexeme
        GROUP BY k.word
    ) AS e
    WHERE e.word = w.word AND e.documents <> w.documents;
END;
$$;
-- +goose StatementEnd

-- SKUs that look the same are the same for search, too; and whatever separates their parts does not count: WH-001, wh001
-- and wh 001 are one.
DROP INDEX product_variants_by_sku_key;
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION search_sku(t text) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
SET search_path = public, pg_temp AS $$
BEGIN
    RETURN translate(catalogue_key(t), ' -_./#:', '');
END;
$$;
-- +goose StatementEnd
CREATE INDEX product_variants_by_sku_key ON product_variants (search_sku(sku) COLLATE "C");

TRUNCATE search_words, search_words_new;
-- Every document is made anew, and with them the vocabulary, which must not go on suggesting what is no text.
-- +goose StatementBegin
DO $$
DECLARE
    ids uuid[];
    at  uuid := '00000000-0000-0000-0000-000000000000';
BEGIN
    LOOP
        SELECT array_agg(product_id ORDER BY product_id) INTO ids
        FROM (SELECT product_id FROM search_documents WHERE product_id > at ORDER BY product_id LIMIT 5000) AS next;
        EXIT WHEN ids IS NULL;
        PERFORM search_refresh(ids);
        at := ids[cardinality(ids)];
    END LOOP;
END;
$$;
-- +goose StatementEnd

-- +goose Down
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION search_products_deleted() RETURNS trigger
LANGUAGE plpgsql
SET search_path = public, pg_temp AS $$
BEGIN
    DELETE FROM search_documents WHERE product_id IN (SELECT id FROM former);
    DELETE FROM search_sales WHERE product_id IN (SELECT id FROM former);
    RETURN NULL;
END;
$$;

CREATE OR REPLACE FUNCTION search_refresh(ids uuid[]) RETURNS void
LANGUAGE plpgsql
SET search_path = public, pg_temp SET jit = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    config regconfig := (SELECT language::regconfig FROM search_settings);
BEGIN
    -- Two transactions that change a product take turns here, and the second sees what the first did.
    PERFORM FROM unnest(ids) AS wanted (id) JOIN products p USING (id) ORDER BY p.id FOR NO KEY UPDATE OF p;

    DELETE FROM search_documents d
    USING unnest(ids) AS wanted (id)
    WHERE d.product_id = wanted.id
      AND NOT EXISTS (
          SELECT
          FROM products p
          JOIN product_variants v ON v.product_id = p.id AND v.is_active
          WHERE p.id = d.product_id AND p.status = 'ACTIVE');

    WITH RECURSIVE above AS (
        SELECT c.id, c.id AS at, c.parent_id, c.name
        FROM categories c
        WHERE c.id IN (SELECT p.category_id FROM unnest(ids) AS wanted (id) JOIN products p USING (id))
        UNION
        SELECT a.id, c.id, c.parent_id, c.name
        FROM above a
        JOIN categories c ON c.id = a.parent_id
    ), places AS (
        SELECT id, string_agg(name, ' ') AS names, array_agg('/' || at) AS lexemes
        FROM above
        GROUP BY id
    ), gathered AS MATERIALIZED (
        SELECT
            p.id, p.category_id, p.is_featured, p.created_at, s.prices, s.price, c.options,
            CASE WHEN s.available OR NOT p.track_inventory THEN '!in' ELSE '!out' END AS availability,
            pl.lexemes || coalesce(c.lexemes, '{}') AS lexemes,
            search_fold(p.name) AS name_key,
            search_name_vector(config, search_text(p.name)) AS named,
            search_text(concat_ws(' ', p.name, pl.names, c.words, p.short_description, p.description)) AS body
        FROM unnest(ids) AS wanted (id)
        JOIN products p ON p.id = wanted.id AND p.status = 'ACTIVE'
        JOIN places pl ON pl.id = p.category_id
        JOIN LATERAL (
            SELECT
                array_agg(DISTINCT v.price_minor) FILTER (WHERE v.is_active) AS prices,
                coalesce(min(v.price_minor) FILTER (WHERE v.is_default), min(v.price_minor)) AS price,
                bool_or(v.is_active AND coalesce(s.available > 0 OR s.allow_backorder, false)) AS available
            FROM product_variants v
            LEFT JOIN stock_levels s ON s.variant_id = v.id
            WHERE v.product_id = p.id
        ) AS s ON s.prices IS NOT NULL
        LEFT JOIN LATERAL (
            SELECT
                array_agg(DISTINCT o.key || E'\x1f' || o.value) AS options,
                array_agg(DISTINCT '=' || left(search_fold(o.key), 100) || '=' || left(search_fold(o.value), 200)) AS lexemes,
                string_agg(DISTINCT o.value, ' ') AS words
            FROM product_variants v
            CROSS JOIN LATERAL jsonb_each_text(v.options) AS o
            WHERE v.product_id = p.id AND v.is_active
        ) AS c ON true
    ), new_words AS (
        INSERT INTO search_words_new (word)
        SELECT typed.word
        FROM (
            SELECT DISTINCT w.word COLLATE "C" AS word
            FROM gathered
            CROSS JOIN LATERAL unnest(tsvector_to_array(to_tsvector('pg_catalog.simple', body))) AS w (word)
        ) AS typed
        WHERE char_length(typed.word) BETWEEN 2 AND 30
          AND typed.word !~ '[0-9\u3005-\u3007\u3040-\u30fa\u30fc-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff\U00020000-\U0003ffff]'
          AND NOT EXISTS (SELECT FROM search_words k WHERE k.word = typed.word)
          AND NOT EXISTS (SELECT FROM search_words_new n WHERE n.word = typed.word)
    )
    INSERT INTO search_documents AS d (product_id, words, card, prices, price, name_key, sold, created_at)
    SELECT
        g.id,
        search_vector(config, g.body) || g.named
            || array_to_tsvector(g.lexemes || ARRAY[g.availability, CASE WHEN g.is_featured THEN '!featured' ELSE '!plain' END]
                || string_to_array(nullif('~' || array_to_string(tsvector_to_array(g.named), ' ~'), '~'), ' ')
                || (SELECT array_agg('$f' || floor(20 * ln(x + 1))) || array_agg('$c' || floor(floor(20 * ln(x + 1)) / 16))
                    FROM unnest(g.prices) AS x)),
        concat_ws(E'\x1e',
            g.availability || CASE WHEN g.is_featured THEN '*' ELSE '' END,
            g.category_id,
            array_to_string(g.prices, E'\x1f'),
            translate(g.name_key, E'\x1e\x1f', '  '),
            array_to_string(tsvector_to_array(g.named), ' '),
            translate(coalesce(array_to_string(g.options, E'\x1d'), ''), E'\x1e', ' ')),
        g.prices,
        g.price,
        left(g.name_key, 200),
        coalesce((SELECT s.sold FROM search_sales s WHERE s.product_id = g.id), 0),
        g.created_at
    FROM gathered g
    ORDER BY g.id
    ON CONFLICT (product_id) DO UPDATE
        SET words = excluded.words, card = excluded.card, prices = excluded.prices, price = excluded.price,
            name_key = excluded.name_key, sold = excluded.sold, created_at = excluded.created_at
        WHERE (d.words, d.card, d.prices, d.price, d.name_key, d.sold, d.created_at)
            IS DISTINCT FROM (excluded.words, excluded.card, excluded.prices, excluded.price, excluded.name_key, excluded.sold, excluded.created_at);
END;
$$;
-- +goose StatementEnd

DROP TABLE search_unread, search_texts;
DROP FUNCTION search_stops(regconfig, text);
DROP FUNCTION search_source(text, text);
DROP FUNCTION search_is_markup(text);
-- +goose StatementBegin
-- search_count_words estimates in how many products each word is: from the sample, or in a small shop from all.
CREATE OR REPLACE FUNCTION search_count_words() RETURNS void
LANGUAGE plpgsql
SET search_path = public, pg_temp AS $$
DECLARE
    config regconfig := (SELECT language::regconfig FROM search_settings);
    small  boolean := (SELECT count(*) FROM search_documents WHERE sampled) < 300;
BEGIN
    UPDATE search_words w
    SET documents = e.documents
    FROM (
        SELECT k.word, coalesce(max(c.ndoc), 1) * CASE WHEN small OR max(c.ndoc) IS NULL THEN 1 ELSE 64 END AS documents
        FROM search_words k
        CROSS JOIN LATERAL unnest(tsvector_to_array(search_vector(config, search_text(k.word)))) AS l (lexeme)
        LEFT JOIN ts_stat('SELECT words FROM search_documents' || CASE WHEN small THEN '' ELSE ' WHERE sampled' END) AS c ON c.word = l.lexeme
        GROUP BY k.word
    ) AS e
    WHERE e.word = w.word AND e.documents <> w.documents;
END;
$$;
-- +goose StatementEnd

DROP INDEX product_variants_by_sku_key;
CREATE OR REPLACE FUNCTION search_sku(t text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN translate(lower(t COLLATE "C"), ' -_./#:', '');
CREATE INDEX product_variants_by_sku_key ON product_variants (search_sku(sku) COLLATE "C");

TRUNCATE search_words, search_words_new;
-- Every document is made anew, and with them the vocabulary, which must not go on suggesting what is no text.
-- +goose StatementBegin
DO $$
DECLARE
    ids uuid[];
    at  uuid := '00000000-0000-0000-0000-000000000000';
BEGIN
    LOOP
        SELECT array_agg(product_id ORDER BY product_id) INTO ids
        FROM (SELECT product_id FROM search_documents WHERE product_id > at ORDER BY product_id LIMIT 5000) AS next;
        EXIT WHEN ids IS NULL;
        PERFORM search_refresh(ids);
        at := ids[cardinality(ids)];
    END LOOP;
END;
$$;
-- +goose StatementEnd
