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

-- +goose Down
DROP INDEX search_documents_dearer, search_documents_cheaper;
