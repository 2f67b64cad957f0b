-- +goose Up
-- How far jobs have come that go through what the payment provider has, from its oldest to its newest.
CREATE TABLE sweeps (
    name        text PRIMARY KEY,
    swept_until timestamptz NOT NULL
);

-- +goose Down
DROP TABLE sweeps;
