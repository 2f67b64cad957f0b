-- +goose Up
CREATE TABLE carts (
    id         uuid PRIMARY KEY,
    user_id    uuid REFERENCES users (id),
    session_id text,
    currency   char(3)     NOT NULL,
    order_id   uuid,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);

-- At most one line per variant: adding again raises the quantity.
CREATE TABLE cart_items (
    id         uuid PRIMARY KEY,
    cart_id    uuid        NOT NULL REFERENCES carts (id) ON DELETE CASCADE,
    variant_id uuid        NOT NULL REFERENCES product_variants (id) ON DELETE CASCADE,
    quantity   integer     NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT cart_items_one_per_variant UNIQUE (cart_id, variant_id),
    CONSTRAINT cart_items_quantity_positive CHECK (quantity > 0)
);

CREATE INDEX cart_items_by_variant ON cart_items (variant_id);

-- +goose Down
DROP TABLE cart_items;
DROP TABLE carts;
