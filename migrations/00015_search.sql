-- +goose Up
-- Search under load: orders by price with bounds begin at the bound, what a long transaction may have missed
-- is noted until it has ended, and many products at once are made anew after the commit.

-- Documents whose default variant, by which they are sorted, costs less than another, or more: of those
-- outside of asked prices the index tells which have another variant within.
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION search_make_indexes() RETURNS void
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
    CREATE INDEX search_documents_dearer ON search_documents (price, product_id, (prices[cardinality(prices)]))
        WHERE prices[cardinality(prices)] > price;
    CREATE INDEX search_documents_cheaper ON search_documents (price, product_id, (prices[1])) WHERE prices[1] < price;
    CREATE INDEX search_documents_by_name ON search_documents (name_key, product_id);
    CREATE INDEX search_documents_best_selling ON search_documents (sold DESC, created_at DESC, product_id DESC);
END;
$$;

CREATE OR REPLACE FUNCTION search_drop_indexes() RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    DROP INDEX search_documents_words, search_documents_sampled_words, search_documents_sampled, search_documents_newest,
        search_documents_by_price, search_documents_dearer, search_documents_cheaper, search_documents_by_name,
        search_documents_best_selling;
END;
$$;
-- +goose StatementEnd
CREATE INDEX search_documents_dearer ON search_documents (price, product_id, (prices[cardinality(prices)]))
    WHERE prices[cardinality(prices)] > price;
CREATE INDEX search_documents_cheaper ON search_documents (price, product_id, (prices[1])) WHERE prices[1] < price;

-- later: notes that come with thousands of others, and are followed after what does not.
-- reached: the last product of a category's subtree that was noted by now.
-- seen: a transaction from after the note could be seen. A transaction that makes documents before it
-- commits may have read the category from before: its id is lower, or its documents show the change. Only
-- when all those have ended are all documents there that the note is about. The id of the transaction that
-- wrote the note says less: others that began after it may have read before it committed.
ALTER TABLE search_stale
    ADD COLUMN later   boolean NOT NULL DEFAULT false,
    ADD COLUMN reached uuid    NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000',
    ADD COLUMN seen    xid8;
CREATE INDEX search_stale_in_turn ON search_stale (later, id);
CREATE INDEX search_stale_unseen ON search_stale (id) WHERE kind = 'CATEGORY' AND seen IS NULL;
-- The same of another language.
ALTER TABLE search_settings ADD COLUMN seen xid8;

-- search_is_pending looks a row up by its key, whatever the planner made of a table that was empty then: of
-- n rows that one transaction took away, n are still there to be read.
-- +goose StatementBegin
CREATE FUNCTION search_is_pending(wanted search_pending) RETURNS boolean
LANGUAGE plpgsql
SET enable_seqscan = off AS $$
BEGIN
    PERFORM FROM search_pending p WHERE p.transaction = wanted.transaction AND p.product_id = wanted.product_id;
    RETURN FOUND;
END;
$$;

CREATE OR REPLACE FUNCTION search_refresh_pending() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    ids uuid[];
BEGIN
    IF NOT search_is_pending(NEW) THEN -- the first row's turn took all of them
        RETURN NULL;
    END IF;
    WITH gone AS (
        DELETE FROM search_pending WHERE transaction = pg_current_xact_id() RETURNING product_id
    )
    SELECT array_agg(product_id) INTO ids FROM gone;
    PERFORM search_refresh(ids);
    RETURN NULL;
END;
$$;

-- A statement that changes thousands of products notes them: their documents take seconds that a request
-- does not have.
CREATE OR REPLACE FUNCTION search_products_changed() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    ids uuid[];
BEGIN
    IF current_setting('cartwright.bulk', true) = 'on' THEN
        RETURN NULL;
    END IF;
    SELECT array_agg(n.id) INTO ids
    FROM changed n
    JOIN former o USING (id)
    WHERE (n.name, n.description, n.short_description, n.category_id, n.status, n.is_featured, n.track_inventory, n.created_at)
        IS DISTINCT FROM (o.name, o.description, o.short_description, o.category_id, o.status, o.is_featured, o.track_inventory, o.created_at);
    IF cardinality(ids) > 2000 THEN
        INSERT INTO search_stale (kind, ref, later) SELECT 'PRODUCT', unnest(ids), true;
    ELSE
        INSERT INTO search_pending (transaction, product_id)
        SELECT pg_current_xact_id(), unnest(ids)
        ON CONFLICT DO NOTHING;
    END IF;
    RETURN NULL;
END;
$$;
-- +goose StatementEnd

-- +goose Down
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION search_make_indexes() RETURNS void
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

CREATE OR REPLACE FUNCTION search_drop_indexes() RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    DROP INDEX search_documents_words, search_documents_sampled_words, search_documents_sampled, search_documents_newest,
        search_documents_by_price, search_documents_by_name, search_documents_best_selling;
END;
$$;

CREATE OR REPLACE FUNCTION search_refresh_pending() RETURNS trigger
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

CREATE OR REPLACE FUNCTION search_products_changed() RETURNS trigger
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
-- +goose StatementEnd
DROP FUNCTION search_is_pending;
ALTER TABLE search_settings DROP COLUMN seen;
DROP INDEX search_stale_in_turn, search_stale_unseen;
ALTER TABLE search_stale DROP COLUMN later, DROP COLUMN reached, DROP COLUMN seen;
DROP INDEX search_documents_dearer, search_documents_cheaper;
