-- +goose Up
-- Every function finds what it names, whatever search_path its caller has. ANALYZE by autovacuum, CREATE INDEX by
-- pg_restore and other maintenance run with an empty one: a function that an index, a CHECK, a trigger or a generated
-- column calls, and that names a table or function without its schema, fails there. A later CREATE OR REPLACE FUNCTION
-- without SET search_path takes the setting away again.
--
-- Functions in PL/pgSQL get the setting: they are never inlined. Single expressions get a body that is bound when it
-- is made, so that the planner still inlines them.

-- +goose StatementBegin
DO $$
DECLARE
    one regprocedure;
BEGIN
    FOR one IN
        SELECT p.oid
        FROM pg_proc p
        WHERE p.pronamespace = current_schema()::regnamespace
          AND p.prokind = 'f'
          AND p.proname NOT LIKE 'river\_%'
          AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
    LOOP
        EXECUTE format('ALTER FUNCTION %s SET search_path TO %I, pg_temp', one, current_schema());
    END LOOP;
END;
$$;
-- +goose StatementEnd

CREATE OR REPLACE FUNCTION search_sku(t text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN translate(lower(t COLLATE "C"), ' -_./#:', '');

CREATE OR REPLACE FUNCTION uuid_v7(at timestamptz) RETURNS uuid
LANGUAGE sql VOLATILE
RETURN encode(set_bit(set_bit(overlay(
    uuid_send(gen_random_uuid()) PLACING substring(int8send((extract(epoch FROM at) * 1000)::bigint) FROM 3) FROM 1 FOR 6
), 52, 1), 53, 1), 'hex')::uuid;

-- What could not be analysed so far is analysed now: orders had no statistics.
ANALYZE orders;

-- +goose Down
-- +goose StatementBegin
DO $$
DECLARE
    one regprocedure;
BEGIN
    FOR one IN
        SELECT p.oid
        FROM pg_proc p
        WHERE p.pronamespace = current_schema()::regnamespace
          AND p.prokind = 'f'
          AND p.proname NOT LIKE 'river\_%'
          AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
    LOOP
        EXECUTE format('ALTER FUNCTION %s RESET search_path', one);
    END LOOP;
END;
$$;

CREATE OR REPLACE FUNCTION uuid_v7(at timestamptz) RETURNS uuid
LANGUAGE sql VOLATILE AS $$
    SELECT encode(set_bit(set_bit(overlay(
        uuid_send(gen_random_uuid()) PLACING substring(int8send((extract(epoch FROM at) * 1000)::bigint) FROM 3) FROM 1 FOR 6
    ), 52, 1), 53, 1), 'hex')::uuid
$$;

CREATE OR REPLACE FUNCTION search_sku(t text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT translate(lower(t COLLATE "C"), ' -_./#:', '')
$$;
-- +goose StatementEnd
