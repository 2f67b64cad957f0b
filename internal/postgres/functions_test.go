package postgres_test

import (
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"cartwright/internal/postgres"
	"cartwright/internal/postgres/pgtest"
)

// TestFunctions_FindWhatTheyNameFromAnywhere holds for those that indexes, CHECKs, triggers, generated columns, defaults
// and rules call, and for all others, whatever their migration says.
func TestFunctions_FindWhatTheyNameFromAnywhere(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	_, err := db.Exec(t.Context(), "CREATE FUNCTION loose() RETURNS bigint LANGUAGE sql AS $$ SELECT count(*) FROM carts $$")
	require.NoError(t, err)
	require.NoError(t, postgres.Migrate(t.Context(), db.Pool().Config().ConnString()))
	rows, err := db.Query(t.Context(), `
		SELECT p.oid::regprocedure::text
		FROM pg_proc p
		WHERE p.pronamespace NOT IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)
		  -- A body that was bound when it was made names nothing any more.
		  AND p.prosqlbody IS NULL
		  AND NOT EXISTS (SELECT FROM unnest(p.proconfig) AS setting WHERE setting LIKE 'search_path=%')
		  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
		  -- The job library's own function names built-in functions alone.
		  AND p.proname <> 'river_job_state_in_bitmask'
		ORDER BY 1`)
	require.NoError(t, err)
	loose, err := pgx.CollectRows(rows, pgx.RowTo[string])
	require.NoError(t, err)
	require.Empty(t, loose)
}
