-- +goose Up
-- Of IPv6 a try is counted by the /56 (site) and the /48 (block) around its /64, too: who has one has as many /64 as they
-- like. Of IPv4 both are null.
ALTER TABLE payment_tries
    ADD COLUMN site_hash bytea,
    ADD COLUMN block_hash bytea;

CREATE INDEX payment_tries_by_block ON payment_tries (block_hash, created_at)
    WHERE block_hash IS NOT NULL AND outcome <> 'SUCCEEDED';

-- +goose Down
DROP INDEX payment_tries_by_block;
ALTER TABLE payment_tries
    DROP COLUMN site_hash,
    DROP COLUMN block_hash;
