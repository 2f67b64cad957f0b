-- +goose Up
-- Money may be authorized when something is bought, and captured when it is sent. How a payment was asked for stays with
-- it, so that another setting of the shop hurts no order that is under way.
ALTER TABLE payments
    ADD COLUMN capture_method text NOT NULL DEFAULT 'automatic',
    ADD CONSTRAINT payments_capture_method_known CHECK (capture_method IN ('automatic', 'manual')),
    DROP CONSTRAINT payments_status_known,
    ADD CONSTRAINT payments_status_known CHECK (status IN
        ('CREATED', 'REQUIRES_ACTION', 'PROCESSING', 'AUTHORIZED', 'FAILED', 'SUCCEEDED', 'CANCELLED'));

ALTER TABLE orders
    DROP CONSTRAINT orders_payment_status_known,
    ADD CONSTRAINT orders_payment_status_known CHECK (payment_status IN
        ('PENDING', 'AUTHORIZED', 'PAID', 'FAILED', 'REFUNDED', 'PARTIALLY_REFUNDED'));

-- +goose Down
-- Capture what is authorized, or cancel its orders, and those that may still be, first: nobody here would know of it then.
-- +goose StatementBegin
DO $$
BEGIN
    IF EXISTS (SELECT FROM payments WHERE capture_method = 'manual' AND status NOT IN ('SUCCEEDED', 'CANCELLED')) THEN
        RAISE EXCEPTION 'payments that are to be captured later are under way';
    END IF;
END $$;
-- +goose StatementEnd
ALTER TABLE orders
    DROP CONSTRAINT orders_payment_status_known,
    ADD CONSTRAINT orders_payment_status_known CHECK (payment_status IN
        ('PENDING', 'PAID', 'FAILED', 'REFUNDED', 'PARTIALLY_REFUNDED'));
ALTER TABLE payments
    DROP CONSTRAINT payments_status_known,
    ADD CONSTRAINT payments_status_known CHECK (status IN
        ('CREATED', 'REQUIRES_ACTION', 'PROCESSING', 'FAILED', 'SUCCEEDED', 'CANCELLED')),
    DROP COLUMN capture_method;
