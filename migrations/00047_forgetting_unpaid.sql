-- +goose Up
-- Orders that were never paid and still say whose they were, for who forgets that.
CREATE INDEX orders_to_forget ON orders (updated_at)
    WHERE status = 'CANCELLED' AND payment_status IN ('PENDING', 'FAILED') AND email <> 'erased@erased.invalid';

-- +goose Down
DROP INDEX orders_to_forget;
