-- +goose Up
-- One narrow row per variant, apart from the catalogue so that a sale never rewrites a product.
-- No index on the quantities and room on every page: updates stay HOT.
CREATE TABLE stock_levels (
    variant_id uuid PRIMARY KEY REFERENCES product_variants (id) ON DELETE CASCADE,
    on_hand    integer NOT NULL,
    reserved   integer NOT NULL DEFAULT 0,
    CONSTRAINT stock_never_negative CHECK (on_hand >= 0 AND reserved >= 0),
    CONSTRAINT stock_reserved_is_on_hand CHECK (reserved <= on_hand)
) WITH (fillfactor = 50);

-- What an order holds. reserved of a level = the sum of its OPEN rows here.
CREATE TABLE stock_reservations (
    order_id   uuid        NOT NULL,
    variant_id uuid        NOT NULL REFERENCES stock_levels (variant_id),
    quantity   integer     NOT NULL,
    state      text        NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (order_id, variant_id),
    CONSTRAINT stock_reservations_quantity_positive CHECK (quantity > 0),
    CONSTRAINT stock_reservations_state_known CHECK (state IN ('OPEN', 'COMMITTED', 'RELEASED', 'RETURNED'))
);

CREATE INDEX stock_reservations_open_by_variant ON stock_reservations (variant_id) WHERE state = 'OPEN';

-- Append-only. on_hand of a level = the sum of its movements.
CREATE TABLE stock_movements (
    id         uuid PRIMARY KEY,
    variant_id uuid        NOT NULL REFERENCES stock_levels (variant_id),
    quantity   integer     NOT NULL,
    reason     text        NOT NULL,
    order_id   uuid,
    created_at timestamptz NOT NULL,
    CONSTRAINT stock_movements_move_something CHECK (quantity <> 0),
    CONSTRAINT stock_movements_reason_known CHECK (reason IN ('INITIAL', 'SALE', 'RETURN')),
    CONSTRAINT stock_movements_order_when_sold CHECK ((order_id IS NULL) = (reason = 'INITIAL'))
);

CREATE INDEX stock_movements_by_variant ON stock_movements (variant_id, created_at, id);

-- +goose StatementBegin
CREATE FUNCTION refuse_change() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END;
$$;
-- +goose StatementEnd

CREATE TRIGGER stock_movements_are_append_only
    BEFORE UPDATE OR DELETE ON stock_movements
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- +goose Down
DROP TABLE stock_movements;
DROP TABLE stock_reservations;
DROP TABLE stock_levels;
DROP FUNCTION refuse_change();
