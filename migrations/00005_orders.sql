-- +goose Up
-- Numbers are unique and rise. A transaction that rolls back leaves a gap, which means nothing.
CREATE SEQUENCE order_numbers START 1001;

CREATE TABLE orders (
    id                 uuid PRIMARY KEY,
    order_number       text        NOT NULL DEFAULT 'ORD-' || nextval('order_numbers'),
    cart_id            uuid        NOT NULL,
    user_id            uuid REFERENCES users (id),
    email              text        NOT NULL,
    status             text        NOT NULL,
    payment_status     text        NOT NULL,
    fulfillment_status text        NOT NULL,
    currency           char(3)     NOT NULL,
    subtotal_minor     bigint      NOT NULL,
    discount_minor     bigint      NOT NULL,
    shipping_minor     bigint      NOT NULL,
    tax_minor          bigint      NOT NULL,
    total_minor        bigint      NOT NULL,
    shipping_address   jsonb       NOT NULL,
    billing_address    jsonb       NOT NULL,
    notes              text,
    expires_at         timestamptz NOT NULL,
    created_at         timestamptz NOT NULL,
    updated_at         timestamptz NOT NULL,
    CONSTRAINT orders_number_once UNIQUE (order_number),
    CONSTRAINT orders_one_per_cart UNIQUE (cart_id),
    CONSTRAINT orders_status_known CHECK (status IN
        ('PENDING', 'CONFIRMED', 'PROCESSING', 'SHIPPED', 'DELIVERED', 'CANCELLED', 'REFUNDED')),
    CONSTRAINT orders_payment_status_known CHECK (payment_status IN
        ('PENDING', 'PAID', 'FAILED', 'REFUNDED', 'PARTIALLY_REFUNDED')),
    CONSTRAINT orders_fulfillment_status_known CHECK (fulfillment_status IN
        ('UNFULFILLED', 'PARTIAL', 'FULFILLED')),
    CONSTRAINT orders_amounts_not_negative CHECK
        (subtotal_minor >= 0 AND discount_minor >= 0 AND shipping_minor >= 0 AND tax_minor >= 0 AND total_minor >= 0),
    CONSTRAINT orders_amounts_add_up CHECK
        (total_minor = subtotal_minor - discount_minor + shipping_minor + tax_minor)
);

CREATE INDEX orders_newest ON orders (created_at DESC, id DESC);
CREATE INDEX orders_by_status ON orders (status, created_at DESC, id DESC);
CREATE INDEX orders_by_user ON orders (user_id, created_at DESC, id DESC) WHERE user_id IS NOT NULL;

CREATE TABLE order_items (
    id               uuid PRIMARY KEY,
    order_id         uuid        NOT NULL REFERENCES orders (id),
    position         integer     NOT NULL,
    product_id       uuid        NOT NULL REFERENCES products (id),
    variant_id       uuid        NOT NULL REFERENCES product_variants (id),
    quantity         integer     NOT NULL,
    price_minor      bigint      NOT NULL,
    product_snapshot jsonb       NOT NULL,
    created_at       timestamptz NOT NULL,
    CONSTRAINT order_items_one_per_variant UNIQUE (order_id, variant_id),
    CONSTRAINT order_items_quantity_positive CHECK (quantity > 0),
    CONSTRAINT order_items_price_not_negative CHECK (price_minor >= 0)
);

CREATE INDEX order_items_by_product ON order_items (product_id);
CREATE INDEX order_items_by_variant ON order_items (variant_id);

-- Append-only. Folding an order's rows by sequence gives its three statuses.
CREATE TABLE order_events (
    order_id           uuid        NOT NULL REFERENCES orders (id),
    sequence           integer     NOT NULL,
    type               text        NOT NULL,
    actor              text        NOT NULL,
    reason             text        NOT NULL DEFAULT '',
    status             text        NOT NULL,
    payment_status     text        NOT NULL,
    fulfillment_status text        NOT NULL,
    created_at         timestamptz NOT NULL,
    PRIMARY KEY (order_id, sequence)
);

CREATE TRIGGER order_events_are_append_only
    BEFORE UPDATE OR DELETE ON order_events
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

ALTER TABLE carts
    ADD CONSTRAINT carts_order_known FOREIGN KEY (order_id) REFERENCES orders (id);

ALTER TABLE stock_reservations
    ADD CONSTRAINT stock_reservations_order_known FOREIGN KEY (order_id) REFERENCES orders (id);

-- +goose Down
-- What refers to orders goes with them, or the way up again would be blocked.
UPDATE carts SET order_id = NULL WHERE order_id IS NOT NULL;
UPDATE stock_levels SET reserved = 0 WHERE reserved > 0;
DELETE FROM stock_reservations;
ALTER TABLE stock_reservations DROP CONSTRAINT stock_reservations_order_known;
ALTER TABLE carts DROP CONSTRAINT carts_order_known;
DROP TABLE order_events;
DROP TABLE order_items;
DROP TABLE orders;
DROP SEQUENCE order_numbers;
