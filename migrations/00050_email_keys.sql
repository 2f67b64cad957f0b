-- +goose Up
-- email_key is what addresses are compared by (package emails). An address is stored in the form that mail is sent to,
-- which is ASCII, so that its key is its lower case. Collation C knows the letters A to Z alone, whatever the database's
-- locale: lower() of the locale made an i of İ, and found one account by the address of another. The addresses of an
-- older shop had distinct lower cases of any locale, so their keys are distinct, too. Migration 51 brings the stored
-- addresses that are not ASCII into today's form.
ALTER TABLE users
    ADD COLUMN email_key text NOT NULL GENERATED ALWAYS AS (lower(email COLLATE "C")) STORED;
DROP INDEX users_one_per_email;
CREATE UNIQUE INDEX users_one_per_email ON users (email_key);

ALTER TABLE invitations
    ADD COLUMN email_key text NOT NULL GENERATED ALWAYS AS (lower(email COLLATE "C")) STORED;
DROP INDEX invitations_one_per_email;
CREATE UNIQUE INDEX invitations_one_per_email ON invitations (email_key);

ALTER TABLE letters
    ADD COLUMN email_key text NOT NULL GENERATED ALWAYS AS (lower(email COLLATE "C")) STORED;

ALTER TABLE orders
    ADD COLUMN email_key text NOT NULL GENERATED ALWAYS AS (lower(email COLLATE "C")) STORED;
DROP INDEX orders_by_email;
CREATE INDEX orders_by_email ON orders (email_key, created_at DESC, id DESC);

-- A key says who somebody is as much as the address does.
CREATE OR REPLACE TRIGGER users_are_audited AFTER INSERT OR UPDATE OR DELETE ON users
    FOR EACH ROW WHEN (current_setting('cartwright.audit', true) <> '')
    EXECUTE FUNCTION record_audit('id', 'email', 'email_key', 'password_hash', 'first_name', 'last_name', 'phone', 'date_of_birth');
CREATE OR REPLACE TRIGGER orders_are_audited AFTER INSERT OR UPDATE OR DELETE ON orders
    FOR EACH ROW WHEN (current_setting('cartwright.audit', true) <> '')
    EXECUTE FUNCTION record_audit('id', 'email', 'email_key', 'token_hashes', 'shipping_address', 'billing_address', 'notes');
CREATE OR REPLACE TRIGGER letters_are_audited AFTER INSERT OR UPDATE OR DELETE ON letters
    FOR EACH ROW WHEN (current_setting('cartwright.audit', true) <> '')
    EXECUTE FUNCTION record_audit('id', 'email', 'email_key', 'token_hash');
CREATE OR REPLACE TRIGGER invitations_are_audited AFTER INSERT OR UPDATE OR DELETE ON invitations
    FOR EACH ROW WHEN (current_setting('cartwright.audit', true) <> '')
    EXECUTE FUNCTION record_audit('id', 'email', 'email_key');

-- +goose Down
CREATE OR REPLACE TRIGGER users_are_audited AFTER INSERT OR UPDATE OR DELETE ON users
    FOR EACH ROW WHEN (current_setting('cartwright.audit', true) <> '')
    EXECUTE FUNCTION record_audit('id', 'email', 'password_hash', 'first_name', 'last_name', 'phone', 'date_of_birth');
CREATE OR REPLACE TRIGGER orders_are_audited AFTER INSERT OR UPDATE OR DELETE ON orders
    FOR EACH ROW WHEN (current_setting('cartwright.audit', true) <> '')
    EXECUTE FUNCTION record_audit('id', 'email', 'token_hashes', 'shipping_address', 'billing_address', 'notes');
CREATE OR REPLACE TRIGGER letters_are_audited AFTER INSERT OR UPDATE OR DELETE ON letters
    FOR EACH ROW WHEN (current_setting('cartwright.audit', true) <> '')
    EXECUTE FUNCTION record_audit('id', 'email', 'token_hash');
CREATE OR REPLACE TRIGGER invitations_are_audited AFTER INSERT OR UPDATE OR DELETE ON invitations
    FOR EACH ROW WHEN (current_setting('cartwright.audit', true) <> '')
    EXECUTE FUNCTION record_audit('id', 'email');
DROP INDEX orders_by_email;
CREATE INDEX orders_by_email ON orders (lower(email), created_at DESC, id DESC);
ALTER TABLE orders DROP COLUMN email_key;
ALTER TABLE letters DROP COLUMN email_key;
DROP INDEX invitations_one_per_email;
CREATE UNIQUE INDEX invitations_one_per_email ON invitations (lower(email));
ALTER TABLE invitations DROP COLUMN email_key;
DROP INDEX users_one_per_email;
CREATE UNIQUE INDEX users_one_per_email ON users (lower(email));
ALTER TABLE users DROP COLUMN email_key;
