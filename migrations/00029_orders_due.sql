-- +goose Up
-- Orders whose time to pay may be over are looked for, rather than each having a job of its own from the start.
CREATE INDEX orders_due ON orders (expires_at, id) WHERE status = 'PENDING';

-- +goose Down
DROP INDEX orders_due;
