-- +goose Up
-- Whose a cart is: while user_id is null a guest's, used by its id alone; else that customer's alone. A guest's
-- cart that was merged into a customer's stays to tell where its lines went, and opens nothing any more. With a
-- customer's account their carts go.
ALTER TABLE carts
    ADD COLUMN merged_into uuid REFERENCES carts (id) ON DELETE CASCADE,
    ADD CONSTRAINT carts_merged_are_claimed CHECK (merged_into IS NULL OR user_id IS NOT NULL),
    ADD CONSTRAINT carts_merged_are_not_bought CHECK (merged_into IS NULL OR order_id IS NULL),
    DROP CONSTRAINT carts_user_id_fkey,
    ADD CONSTRAINT carts_customer_known FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE;

CREATE UNIQUE INDEX carts_one_open_per_customer ON carts (user_id)
    WHERE user_id IS NOT NULL AND order_id IS NULL AND merged_into IS NULL;
CREATE INDEX carts_by_customer ON carts (user_id) WHERE user_id IS NOT NULL;
CREATE INDEX carts_by_target ON carts (merged_into) WHERE merged_into IS NOT NULL;

-- Whose an order is: while user_id is null a guest's, opened by tokens of which only SHA-256 hashes are kept, the
-- newest first. An order outlives the account it was placed with.
ALTER TABLE orders
    ADD COLUMN token_hashes bytea[] NOT NULL DEFAULT '{}',
    DROP CONSTRAINT orders_user_id_fkey,
    ADD CONSTRAINT orders_customer_known FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE SET NULL;

CREATE INDEX orders_of_guests_by_email ON orders (lower(email)) WHERE user_id IS NULL;

-- +goose Down
-- Merged carts are empty for good. Without merged_into they would look open, and going up again would find two of a
-- customer.
DELETE FROM carts WHERE merged_into IS NOT NULL;
DROP INDEX orders_of_guests_by_email;
ALTER TABLE orders
    DROP CONSTRAINT orders_customer_known,
    ADD CONSTRAINT orders_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id),
    DROP COLUMN token_hashes;
DROP INDEX carts_by_target;
DROP INDEX carts_by_customer;
DROP INDEX carts_one_open_per_customer;
ALTER TABLE carts
    DROP CONSTRAINT carts_customer_known,
    ADD CONSTRAINT carts_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id),
    DROP COLUMN merged_into;
