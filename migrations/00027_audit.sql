-- +goose Up
-- Who of the shop did what, and from where: a row per action that changed something. It outlives whoever acted, so it
-- refers to nobody.
CREATE TABLE audit_entries (
    id         uuid PRIMARY KEY,
    operation  text        NOT NULL,
    target     text        NOT NULL,
    actor      text        NOT NULL,
    user_id    uuid,
    address    text,
    request_id uuid,
    created_at timestamptz NOT NULL
);

CREATE INDEX audit_entries_newest ON audit_entries (created_at DESC, id DESC);
CREATE INDEX audit_entries_by_user ON audit_entries (user_id, created_at DESC, id DESC);
CREATE INDEX audit_entries_by_operation ON audit_entries (operation, created_at DESC, id DESC);
CREATE INDEX audit_entries_by_address ON audit_entries (address, created_at DESC, id DESC);
CREATE INDEX audit_entries_by_request ON audit_entries (request_id);

-- What an action changed, a row per row: what differs, before and after. was is null of what was made, became of what is
-- gone.
CREATE TABLE audit_changes (
    id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    entry_id uuid NOT NULL,
    thing    text NOT NULL,
    thing_id text NOT NULL,
    was      jsonb,
    became   jsonb,
    CONSTRAINT audit_changes_of_an_entry FOREIGN KEY (entry_id) REFERENCES audit_entries (id)
);

CREATE INDEX audit_changes_by_entry ON audit_changes (entry_id, id);
CREATE INDEX audit_changes_by_thing ON audit_changes (thing_id, entry_id);

CREATE TRIGGER audit_entries_are_append_only
    BEFORE UPDATE OR DELETE ON audit_entries
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_changes_are_append_only
    BEFORE UPDATE OR DELETE ON audit_changes
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- Writes the entry of an action, once. An action is an entry as JSON.
-- +goose StatementBegin
CREATE FUNCTION enter_audit(action jsonb) RETURNS void
LANGUAGE sql AS $$
    INSERT INTO audit_entries (id, operation, target, actor, user_id, address, request_id, created_at)
    SELECT e.id, e.operation, e.target, e.actor, e.user_id, e.address, e.request_id, e.created_at
    FROM jsonb_populate_record(NULL::audit_entries, action) e
    ON CONFLICT (id) DO NOTHING;
$$;
-- +goose StatementEnd

-- What of one side of a change is recorded: what differs from the side beside it, or all where there is none, but nulls
-- and what only follows. What is masked is no more than there, and long texts are cut.
-- +goose StatementBegin
CREATE FUNCTION audited(side jsonb, beside jsonb, masked text[]) RETURNS jsonb
LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN side IS NOT NULL THEN coalesce(jsonb_object_agg(key, CASE
        WHEN key = ANY (masked) THEN '"***"'
        WHEN jsonb_typeof(value) = 'string' AND length(value #>> '{}') > 1000 THEN to_jsonb(left(value #>> '{}', 1000) || '…')
        ELSE value
    END), '{}') END
    FROM jsonb_each(side)
    WHERE value <> 'null'
      AND key NOT IN ('updated_at', 'version', 'last_used_at', 'last_step', 'tries_until')
      AND (beside IS NULL OR value IS DISTINCT FROM beside -> key);
$$;
-- +goose StatementEnd

-- Records a change of a row by the action under way, which is what cartwright.audit says of the transaction. Its first
-- argument names the column that tells rows apart, the others those that are masked: what proves something, and what
-- says who somebody is, so that erasing a person is complete without the log.
-- +goose StatementBegin
CREATE FUNCTION record_audit() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    action jsonb := current_setting('cartwright.audit');
    before jsonb;
    after  jsonb;
    was    jsonb;
    became jsonb;
BEGIN
    IF TG_OP <> 'INSERT' THEN
        before := to_jsonb(OLD);
    END IF;
    IF TG_OP <> 'DELETE' THEN
        after := to_jsonb(NEW);
    END IF;
    was := audited(before, after, TG_ARGV[1:]);
    became := audited(after, before, TG_ARGV[1:]);
    IF was = '{}' AND became = '{}' THEN
        RETURN NULL;
    END IF;
    PERFORM enter_audit(action);
    INSERT INTO audit_changes (entry_id, thing, thing_id, was, became)
    VALUES ((action ->> 'id')::uuid, TG_TABLE_NAME, coalesce(after, before) ->> TG_ARGV[0], was, became);
    RETURN NULL;
END;
$$;
-- +goose StatementEnd

-- Where nothing is to be recorded, which is with every shopper, the condition costs no more than looking at a setting.
CREATE TRIGGER categories_are_audited AFTER INSERT OR UPDATE OR DELETE ON categories
    FOR EACH ROW WHEN (current_setting('cartwright.audit', true) <> '') EXECUTE FUNCTION record_audit('id');
CREATE TRIGGER products_are_audited AFTER INSERT OR UPDATE OR DELETE ON products
    FOR EACH ROW WHEN (current_setting('cartwright.audit', true) <> '') EXECUTE FUNCTION record_audit('id');
CREATE TRIGGER product_variants_are_audited AFTER INSERT OR UPDATE OR DELETE ON product_variants
    FOR EACH ROW WHEN (current_setting('cartwright.audit', true) <> '') EXECUTE FUNCTION record_audit('id');
CREATE TRIGGER product_images_are_audited AFTER INSERT OR UPDATE OR DELETE ON product_images
    FOR EACH ROW WHEN (current_setting('cartwright.audit', true) <> '') EXECUTE FUNCTION record_audit('id');
CREATE TRIGGER stock_levels_are_audited AFTER INSERT OR UPDATE OR DELETE ON stock_levels
    FOR EACH ROW WHEN (current_setting('cartwright.audit', true) <> '') EXECUTE FUNCTION record_audit('variant_id');
CREATE TRIGGER carts_are_audited AFTER INSERT OR UPDATE OR DELETE ON carts
    FOR EACH ROW WHEN (current_setting('cartwright.audit', true) <> '')
    EXECUTE FUNCTION record_audit('id', 'session_id');
CREATE TRIGGER cart_items_are_audited AFTER INSERT OR UPDATE OR DELETE ON cart_items
    FOR EACH ROW WHEN (current_setting('cartwright.audit', true) <> '') EXECUTE FUNCTION record_audit('id');
CREATE TRIGGER orders_are_audited AFTER INSERT OR UPDATE OR DELETE ON orders
    FOR EACH ROW WHEN (current_setting('cartwright.audit', true) <> '')
    EXECUTE FUNCTION record_audit('id', 'email', 'token_hashes', 'shipping_address', 'billing_address', 'notes');
CREATE TRIGGER payments_are_audited AFTER INSERT OR UPDATE OR DELETE ON payments
    FOR EACH ROW WHEN (current_setting('cartwright.audit', true) <> '') EXECUTE FUNCTION record_audit('id');
CREATE TRIGGER refunds_are_audited AFTER INSERT OR UPDATE OR DELETE ON refunds
    FOR EACH ROW WHEN (current_setting('cartwright.audit', true) <> '') EXECUTE FUNCTION record_audit('id');
CREATE TRIGGER users_are_audited AFTER INSERT OR UPDATE OR DELETE ON users
    FOR EACH ROW WHEN (current_setting('cartwright.audit', true) <> '')
    EXECUTE FUNCTION record_audit('id', 'email', 'password_hash', 'first_name', 'last_name', 'phone', 'date_of_birth');
CREATE TRIGGER sessions_are_audited AFTER INSERT OR UPDATE OR DELETE ON sessions
    FOR EACH ROW WHEN (current_setting('cartwright.audit', true) <> '') EXECUTE FUNCTION record_audit('id', 'device');
CREATE TRIGGER customer_addresses_are_audited AFTER INSERT OR UPDATE OR DELETE ON customer_addresses
    FOR EACH ROW WHEN (current_setting('cartwright.audit', true) <> '')
    EXECUTE FUNCTION record_audit('id', 'first_name', 'last_name', 'company', 'street1', 'street2', 'city', 'state', 'postal_code', 'country');
CREATE TRIGGER letters_are_audited AFTER INSERT OR UPDATE OR DELETE ON letters
    FOR EACH ROW WHEN (current_setting('cartwright.audit', true) <> '')
    EXECUTE FUNCTION record_audit('id', 'email', 'token_hash');
CREATE TRIGGER invitations_are_audited AFTER INSERT OR UPDATE OR DELETE ON invitations
    FOR EACH ROW WHEN (current_setting('cartwright.audit', true) <> '') EXECUTE FUNCTION record_audit('id', 'email');
CREATE TRIGGER api_keys_are_audited AFTER INSERT OR UPDATE OR DELETE ON api_keys
    FOR EACH ROW WHEN (current_setting('cartwright.audit', true) <> '') EXECUTE FUNCTION record_audit('id', 'key_hash');
CREATE TRIGGER second_factors_are_audited AFTER INSERT OR UPDATE OR DELETE ON second_factors
    FOR EACH ROW WHEN (current_setting('cartwright.audit', true) <> '')
    EXECUTE FUNCTION record_audit('user_id', 'secret');
CREATE TRIGGER recovery_codes_are_audited AFTER INSERT OR UPDATE OR DELETE ON recovery_codes
    FOR EACH ROW WHEN (current_setting('cartwright.audit', true) <> '')
    EXECUTE FUNCTION record_audit('user_id', 'code_hash');

-- +goose Down
-- The triggers go with what they call.
DROP FUNCTION record_audit() CASCADE;
DROP FUNCTION audited(jsonb, jsonb, text[]);
DROP FUNCTION enter_audit(jsonb);
DROP TABLE audit_changes;
DROP TABLE audit_entries;
