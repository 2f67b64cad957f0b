-- +goose Up
-- Search keeps one document per ACTIVE product, made by search_refresh in the transaction of whoever
-- writes the product, so that what is committed is found. What touches many products (a category
-- renamed) or comes with every sale goes through search_stale, which every process drains.

-- One row: what the documents are made for. While previous is set, documents of both languages exist
-- and those up to reindexed_to are of the new one.
CREATE TABLE search_settings (
    only_one     boolean PRIMARY KEY DEFAULT true,
    language     text NOT NULL,
    previous     text,
    reindexed_to uuid,
    CONSTRAINT search_settings_only_one CHECK (only_one)
);
INSERT INTO search_settings (language) VALUES ('english');

CREATE TABLE search_documents (
    product_id uuid PRIMARY KEY,
    -- Every lexeme a query can ask for, without positions:
    --   word       of name, category, options and texts    ~word      of the name
    --   /uuid      of the category and all above it        =name=val  an option of an active variant
    --   $f7, $c0   where a price lies, finely and coarsely !in, !out  what can be bought now
    --   !featured, !plain
    words      tsvector    NOT NULL,
    -- What facets and ranking read, in one piece because ten thousand may be read at once:
    -- fields between U+001E, values between U+001F (see internal/search/pgsearch/card.go).
    card       text        COLLATE "C" NOT NULL,
    prices     bigint[]    NOT NULL, -- of active variants, each once, ascending
    price      bigint      NOT NULL, -- of the default variant
    name_key   text        COLLATE "C" NOT NULL,
    sold       bigint      NOT NULL,
    created_at timestamptz NOT NULL,
    sampled    boolean     GENERATED ALWAYS AS ((uuid_hash(product_id) & 63) = 0) STORED NOT NULL
);

-- Its indexes are made and dropped by functions, for whoever fills a shop with so many products that
-- making the indexes after is quicker than adding to them.
-- +goose StatementBegin
CREATE FUNCTION search_make_indexes() RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    -- A short pending list: every search reads all of it.
    CREATE INDEX search_documents_words ON search_documents USING gin (words) WITH (gin_pending_list_limit = 512);
    -- One product in 64, by chance: what is too much to be counted is counted there.
    CREATE INDEX search_documents_sampled_words ON search_documents USING gin (words)
        WITH (gin_pending_list_limit = 64) WHERE sampled;
    CREATE INDEX search_documents_sampled ON search_documents (product_id) WHERE sampled;
    CREATE INDEX search_documents_newest ON search_documents (created_at DESC, product_id DESC);
    CREATE INDEX search_documents_by_price ON search_documents (price, product_id);
    CREATE INDEX search_documents_by_name ON search_documents (name_key, product_id);
    CREATE INDEX search_documents_best_selling ON search_documents (sold DESC, created_at DESC, product_id DESC);
END;
$$;

CREATE FUNCTION search_drop_indexes() RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    DROP INDEX search_documents_words, search_documents_sampled_words, search_documents_sampled, search_documents_newest,
        search_documents_by_price, search_documents_by_name, search_documents_best_selling;
END;
$$;
-- +goose StatementEnd

-- Units of paid orders, kept by the drain of search_stale.
CREATE TABLE search_sales (
    product_id uuid PRIMARY KEY,
    sold       bigint NOT NULL
);

-- The shop's vocabulary, for completing and correcting what is typed. documents is an estimate.
CREATE TABLE search_words (
    word      text      COLLATE "C" PRIMARY KEY,
    documents integer   NOT NULL,
    deletes   integer[] NOT NULL -- hashes of what is left of it without one letter, or two
);
CREATE INDEX search_words_by_deletes ON search_words USING gin (deletes);

-- Words that are not in search_words yet. Without a unique index, so that writers never wait for each other.
CREATE TABLE search_words_new (word text COLLATE "C" NOT NULL);
CREATE INDEX search_words_new_by_word ON search_words_new (word);

-- What the documents do not show yet: a product or variant, a category whose subtree changed, an order
-- that was paid (factor 1) or is no longer (-1).
CREATE TABLE search_stale (
    id     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind   text     NOT NULL,
    ref    uuid     NOT NULL,
    factor smallint NOT NULL DEFAULT 0,
    CONSTRAINT search_stale_kind_known CHECK (kind IN ('PRODUCT', 'VARIANT', 'CATEGORY', 'ORDER'))
);

-- Products that the running transaction has changed; gone when it commits, and never seen by another.
CREATE UNLOGGED TABLE search_pending (
    transaction xid8 NOT NULL,
    product_id  uuid NOT NULL,
    PRIMARY KEY (transaction, product_id)
);

-- search_fold makes texts comparable: no accents, no case, compatible forms unified. It spells out what
-- it does, so that it is the same on every server; package pgsearch does the same to what is typed.
-- These functions are in PL/pgSQL because it calls them several times as fast as SQL that it cannot inline.
-- +goose StatementBegin
CREATE FUNCTION search_fold(t text) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
BEGIN
    IF octet_length(t) = char_length(t) THEN
        RETURN lower(t COLLATE "C");
    END IF;
    RETURN replace(replace(replace(replace(
        translate(
            lower(normalize(
                regexp_replace(
                    normalize(translate(t, E'Йй™®©℠\u200b\u200d\ufeff', E'\ue000\ue000       '), NFKD),
                    '[\u0300-\u036f]', '', 'g'),
                NFKC) COLLATE "C"),
            E'\ue000ÆŒÞẞØøĐđŁłĦħŦŧıÐðΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣςΤΥΦΧΨΩАБВГДЕЖЗИКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯЄІҐЂЈЉЊЋЏ',
            'йæœþßooddllhhttiddαβγδεζηθικλμνξοπρσστυφχψωабвгдежзиклмнопрстуфхцчшщъыьэюяєіґђјљњћџ'),
        'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe'), 'þ', 'th');
END;
$$;

-- search_text folds, and makes spaces of what PostgreSQL's parser would read as part of an address, a
-- number or markup rather than as the end of a word.
CREATE FUNCTION search_text(t text) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
BEGIN
    IF octet_length(t) = char_length(t) THEN
        RETURN translate(lower(t COLLATE "C"), '-./@+&<_', '        ');
    END IF;
    RETURN translate(search_fold(t),
        E'-./@+&<_\u00a1\u00a7\u00ab\u00b0\u00b6\u00b7\u00bb\u00bf\u00d7\u00f7\u2010\u2013\u2014\u2018\u2019\u201a\u201c\u201d\u201e\u2020\u2022\u2032\u2033\u2039\u203a\u2044\u3001\u3002\u300a\u300b\u300c\u300d\u300e\u300f\u3010\u3011\u30fb',
        repeat(' ', 60));
END;
$$;

-- search_vector are the words of such a text in a language. Chinese, Japanese and Korean have no spaces to
-- find words by, or stick particles to them: their single characters and pairs of characters are the words.
CREATE FUNCTION search_vector(language regconfig, t text) RETURNS tsvector
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
BEGIN
    IF octet_length(t) = char_length(t) OR t !~ '[\u3005-\u3007\u3040-\u30fa\u30fc-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff\U00020000-\U0003ffff]' THEN
        RETURN strip(to_tsvector(language, t));
    END IF;
    RETURN strip(to_tsvector(language, regexp_replace(t, '[\u3005-\u3007\u3040-\u30fa\u30fc-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff\U00020000-\U0003ffff]+', ' ', 'g')))
        || (SELECT array_to_tsvector(array_agg(DISTINCT substr(m.run[1], i, n)))
            FROM regexp_matches(t, '[\u3005-\u3007\u3040-\u30fa\u30fc-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff\U00020000-\U0003ffff]+', 'g') AS m (run),
                generate_series(1, char_length(m.run[1])) AS i,
                generate_series(1, 2) AS n);
END;
$$;

-- search_name_vector is search_vector, but a name that is nothing but stop words keeps them.
CREATE FUNCTION search_name_vector(language regconfig, t text) RETURNS tsvector
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
    v tsvector := search_vector(language, t);
BEGIN
    IF length(v) = 0 THEN
        RETURN strip(to_tsvector('pg_catalog.simple', t));
    END IF;
    RETURN v;
END;
$$;
-- +goose StatementEnd

-- search_refresh makes the documents of these products anew. Whoever loads many at once with
-- cartwright.bulk set calls it in the same transaction, some thousands at a time; into a shop that is as
-- good as empty between search_drop_indexes and search_make_indexes.
-- +goose StatementBegin
CREATE FUNCTION search_refresh(ids uuid[]) RETURNS void
LANGUAGE plpgsql
SET jit = off SET plan_cache_mode = force_generic_plan AS $$
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
                bool_or(v.is_active AND coalesce(s.on_hand > s.reserved OR s.allow_backorder, false)) AS available
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

-- search_count_words estimates in how many products each word is: from the sample, or in a small shop from all.
-- +goose StatementBegin
CREATE FUNCTION search_count_words() RETURNS void
LANGUAGE plpgsql AS $$
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

-- The products that the transaction has changed are gathered here and made anew once, at its commit.
-- +goose StatementBegin
CREATE FUNCTION search_refresh_pending() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    ids uuid[];
BEGIN
    WITH gone AS (
        DELETE FROM search_pending WHERE transaction = pg_current_xact_id() RETURNING product_id
    )
    SELECT array_agg(product_id) INTO ids FROM gone;
    IF ids IS NOT NULL THEN -- the first row's turn takes all of them
        PERFORM search_refresh(ids);
    END IF;
    RETURN NULL;
END;
$$;
-- +goose StatementEnd

CREATE CONSTRAINT TRIGGER search_pending_at_commit
    AFTER INSERT ON search_pending
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION search_refresh_pending();

-- +goose StatementBegin
CREATE FUNCTION search_products_changed() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('cartwright.bulk', true) = 'on' THEN
        RETURN NULL;
    END IF;
    INSERT INTO search_pending (transaction, product_id)
    SELECT pg_current_xact_id(), n.id
    FROM changed n
    JOIN former o USING (id)
    WHERE (n.name, n.description, n.short_description, n.category_id, n.status, n.is_featured, n.track_inventory, n.created_at)
        IS DISTINCT FROM (o.name, o.description, o.short_description, o.category_id, o.status, o.is_featured, o.track_inventory, o.created_at)
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END;
$$;

CREATE FUNCTION search_products_deleted() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM search_documents WHERE product_id IN (SELECT id FROM former);
    DELETE FROM search_sales WHERE product_id IN (SELECT id FROM former);
    RETURN NULL;
END;
$$;

-- A new product shows nothing before it has variants.
CREATE FUNCTION search_variants_changed() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('cartwright.bulk', true) = 'on' THEN
        RETURN NULL;
    END IF;
    IF TG_OP = 'UPDATE' THEN
        INSERT INTO search_pending (transaction, product_id)
        SELECT pg_current_xact_id(), n.product_id
        FROM changed n
        JOIN former o USING (id)
        WHERE (n.product_id, n.price_minor, n.options, n.is_active, n.is_default)
            IS DISTINCT FROM (o.product_id, o.price_minor, o.options, o.is_active, o.is_default)
        ON CONFLICT DO NOTHING;
    ELSE
        INSERT INTO search_pending (transaction, product_id)
        SELECT DISTINCT pg_current_xact_id(), n.product_id
        FROM changed n
        ON CONFLICT DO NOTHING;
    END IF;
    RETURN NULL;
END;
$$;

CREATE FUNCTION search_stock_opened() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('cartwright.bulk', true) = 'on' THEN
        RETURN NULL;
    END IF;
    INSERT INTO search_pending (transaction, product_id)
    SELECT DISTINCT pg_current_xact_id(), v.product_id
    FROM changed n
    JOIN product_variants v ON v.id = n.variant_id
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END;
$$;

-- The rest comes with sales or with many products at once: it is only noted.
CREATE FUNCTION search_stock_turned() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO search_stale (kind, ref) VALUES ('VARIANT', NEW.variant_id);
    RETURN NULL;
END;
$$;

CREATE FUNCTION search_category_changed() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO search_stale (kind, ref) VALUES ('CATEGORY', NEW.id);
    RETURN NULL;
END;
$$;

CREATE FUNCTION search_order_paid() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO search_stale (kind, ref, factor)
    VALUES ('ORDER', NEW.id, CASE WHEN NEW.payment_status IN ('PAID', 'PARTIALLY_REFUNDED') THEN 1 ELSE -1 END);
    RETURN NULL;
END;
$$;
-- +goose StatementEnd

CREATE TRIGGER search_products_changed AFTER UPDATE ON products
    REFERENCING OLD TABLE AS former NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION search_products_changed();
CREATE TRIGGER search_products_deleted AFTER DELETE ON products
    REFERENCING OLD TABLE AS former
    FOR EACH STATEMENT EXECUTE FUNCTION search_products_deleted();
CREATE TRIGGER search_variants_added AFTER INSERT ON product_variants
    REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION search_variants_changed();
CREATE TRIGGER search_variants_changed AFTER UPDATE ON product_variants
    REFERENCING OLD TABLE AS former NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION search_variants_changed();
CREATE TRIGGER search_variants_deleted AFTER DELETE ON product_variants
    REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION search_variants_changed();
CREATE TRIGGER search_stock_opened AFTER INSERT ON stock_levels
    REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION search_stock_opened();
CREATE TRIGGER search_stock_turned AFTER UPDATE ON stock_levels
    FOR EACH ROW WHEN ((OLD.on_hand > OLD.reserved OR OLD.allow_backorder) <> (NEW.on_hand > NEW.reserved OR NEW.allow_backorder))
    EXECUTE FUNCTION search_stock_turned();
CREATE TRIGGER search_category_changed AFTER UPDATE ON categories
    FOR EACH ROW WHEN (OLD.name <> NEW.name OR OLD.parent_id IS DISTINCT FROM NEW.parent_id)
    EXECUTE FUNCTION search_category_changed();
CREATE TRIGGER search_order_paid AFTER UPDATE ON orders
    FOR EACH ROW WHEN ((OLD.payment_status IN ('PAID', 'PARTIALLY_REFUNDED')) <> (NEW.payment_status IN ('PAID', 'PARTIALLY_REFUNDED')))
    EXECUTE FUNCTION search_order_paid();

DROP INDEX products_search;
ALTER TABLE products DROP COLUMN search_document;
DROP INDEX product_variants_by_price;

-- SKUs are compared without case and without what separates their parts: WH-001, wh001 and wh 001 are one.
-- +goose StatementBegin
CREATE FUNCTION search_sku(t text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT translate(lower(t COLLATE "C"), ' -_./#:', '')
$$;
-- +goose StatementEnd
DROP INDEX product_variants_by_sku_prefix;
CREATE INDEX product_variants_by_sku_key ON product_variants (search_sku(sku) COLLATE "C");

-- What the shop holds already.
INSERT INTO search_sales (product_id, sold)
SELECT i.product_id, sum(i.quantity)
FROM order_items i
JOIN orders o ON o.id = i.order_id AND o.payment_status IN ('PAID', 'PARTIALLY_REFUNDED')
GROUP BY i.product_id;
-- +goose StatementBegin
DO $$
DECLARE
    ids uuid[];
    at  uuid := '00000000-0000-0000-0000-000000000000';
BEGIN
    LOOP
        SELECT array_agg(id ORDER BY id) INTO ids
        FROM (SELECT id FROM products WHERE id > at ORDER BY id LIMIT 5000) AS next;
        EXIT WHEN ids IS NULL;
        PERFORM search_refresh(ids);
        at := ids[cardinality(ids)];
    END LOOP;
END;
$$;
-- +goose StatementEnd
SELECT search_make_indexes();

-- +goose Down
DROP INDEX product_variants_by_sku_key;
CREATE INDEX product_variants_by_sku_prefix ON product_variants (lower(sku) text_pattern_ops);
CREATE INDEX product_variants_by_price ON product_variants (price_minor);
ALTER TABLE products ADD COLUMN search_document tsvector GENERATED ALWAYS AS (
    setweight(to_tsvector('english', name), 'A')
    || setweight(to_tsvector('english', coalesce(short_description, '')), 'B')
    || setweight(to_tsvector('english', coalesce(description, '')), 'C')
) STORED NOT NULL;
CREATE INDEX products_search ON products USING gin (search_document);
DROP TRIGGER search_products_changed ON products;
DROP TRIGGER search_products_deleted ON products;
DROP TRIGGER search_variants_added ON product_variants;
DROP TRIGGER search_variants_changed ON product_variants;
DROP TRIGGER search_variants_deleted ON product_variants;
DROP TRIGGER search_stock_opened ON stock_levels;
DROP TRIGGER search_stock_turned ON stock_levels;
DROP TRIGGER search_category_changed ON categories;
DROP TRIGGER search_order_paid ON orders;
DROP TABLE search_pending, search_stale, search_words_new, search_words, search_sales, search_documents, search_settings;
DROP FUNCTION search_products_changed, search_products_deleted, search_variants_changed, search_stock_opened,
    search_stock_turned, search_category_changed, search_order_paid, search_refresh_pending;
DROP FUNCTION search_refresh, search_count_words, search_sku, search_make_indexes, search_drop_indexes;
DROP FUNCTION search_name_vector, search_vector, search_text, search_fold;
