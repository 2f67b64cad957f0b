-- +goose Up
-- Where somebody has signed in from, as a keyed hash of the network: who tries an account's password from elsewhere uses
-- up no try of its owner's.
CREATE TABLE known_networks (
    user_id      uuid        NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    network_hash bytea       NOT NULL,
    seen_at      timestamptz NOT NULL,
    PRIMARY KEY (user_id, network_hash)
);

CREATE INDEX known_networks_by_time ON known_networks (seen_at);

-- +goose Down
DROP TABLE known_networks;
