-- +goose Up
-- Which network's unpaid order holds these units, as keyed hashes, the widest network first: an IPv4 address, or of IPv6
-- the /48, /56 and /64. Empty where it is not known; null once the units are sold or free, for then it is nobody's
-- business.
ALTER TABLE stock_reservations ADD COLUMN held_by bytea[];

UPDATE stock_reservations
SET held_by = '{}'
WHERE state = 'OPEN';

CREATE INDEX stock_reservations_held ON stock_reservations ((held_by[1]), variant_id) WHERE held_by IS NOT NULL;

-- +goose Down
DROP INDEX stock_reservations_held;
ALTER TABLE stock_reservations DROP COLUMN held_by;
