-- +goose Up
-- How staff find orders. Each index is for orders that are few among many: those that are many are soon met on a walk
-- from the newest, or the oldest, of all.

-- order_words are the words an order is found by: its number, with and without what stands before the digits, its
-- e-mail address, and the names and companies that it goes to. Of a word the first hundred letters count, for PostgreSQL
-- takes no longer ones than two kilobytes, and one letter can unfold into several.
-- +goose StatementBegin
CREATE FUNCTION order_words(order_number text, email text, shipping_address jsonb, billing_address jsonb) RETURNS tsvector
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
BEGIN
    RETURN (
        SELECT array_to_tsvector(coalesce(array_agg(left(w, 100)), '{}'))
        FROM regexp_split_to_table(search_fold(concat_ws(' ',
            order_number, substring(order_number FROM '\d+$'), email,
            shipping_address ->> 'firstName', shipping_address ->> 'lastName', shipping_address ->> 'company',
            billing_address ->> 'firstName', billing_address ->> 'lastName', billing_address ->> 'company')), '\s+') w
        WHERE w <> '');
END;
$$;

-- order_query finds orders each of whose words begins one of theirs. Without a word it is null and finds nothing.
CREATE FUNCTION order_query(t text) RETURNS tsquery
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
BEGIN
    RETURN (
        SELECT string_agg('''' || replace(replace(left(w, 100), '\', '\\'), '''', '''''') || ''':*', ' & ')::tsquery
        FROM regexp_split_to_table(search_fold(t), '\s+') w
        WHERE w <> '');
END;
$$;
-- +goose StatementEnd

-- Without a list of what is to be added later, which whoever comes upon it full would add for all before them.
CREATE INDEX orders_by_words ON orders
    USING gin (order_words(order_number, email, shipping_address, billing_address)) WITH (fastupdate = off);

-- Whoever looks for a guest's orders finds them here, too.
CREATE INDEX orders_by_email ON orders (lower(email), created_at DESC, id DESC);
DROP INDEX orders_of_guests_by_email;

CREATE INDEX orders_by_total ON orders (total_minor);
CREATE INDEX orders_by_money_back ON orders (payment_status, created_at DESC, id DESC)
    WHERE payment_status NOT IN ('PENDING', 'PAID');
CREATE INDEX orders_to_send ON orders (created_at DESC, id DESC)
    WHERE payment_status = 'PAID' AND fulfillment_status = 'UNFULFILLED';
CREATE INDEX orders_sent_in_part ON orders (created_at DESC, id DESC)
    WHERE fulfillment_status = 'PARTIAL';
CREATE INDEX orders_reviewed ON orders (review_status, created_at DESC, id DESC)
    WHERE review_status <> 'NONE';
DROP INDEX orders_held;

-- +goose Down
CREATE INDEX orders_held ON orders (created_at DESC, id DESC) WHERE review_status = 'HELD';
DROP INDEX orders_reviewed;
DROP INDEX orders_sent_in_part;
DROP INDEX orders_to_send;
DROP INDEX orders_by_money_back;
DROP INDEX orders_by_total;
CREATE INDEX orders_of_guests_by_email ON orders (lower(email)) WHERE user_id IS NULL;
DROP INDEX orders_by_email;
DROP INDEX orders_by_words;
DROP FUNCTION order_query(text);
DROP FUNCTION order_words(text, text, jsonb, jsonb);
