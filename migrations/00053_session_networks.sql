-- +goose Up
-- A session's owner is shown from which network it was signed in: an IPv4 address or a /64 of IPv6.
ALTER TABLE sessions ADD COLUMN network text NOT NULL DEFAULT '';
CREATE OR REPLACE TRIGGER sessions_are_audited AFTER INSERT OR UPDATE OR DELETE ON sessions
    FOR EACH ROW WHEN (current_setting('cartwright.audit', true) <> '') EXECUTE FUNCTION record_audit('id', 'device', 'network');

-- +goose Down
CREATE OR REPLACE TRIGGER sessions_are_audited AFTER INSERT OR UPDATE OR DELETE ON sessions
    FOR EACH ROW WHEN (current_setting('cartwright.audit', true) <> '') EXECUTE FUNCTION record_audit('id', 'device');
ALTER TABLE sessions DROP COLUMN network;
