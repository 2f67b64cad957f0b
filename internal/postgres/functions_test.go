package postgres_test

import (
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"cartwright/internal/postgres/pgtest"
)

// TestFunctions_FindWhatTheyNameFromAnywhere holds for those that indexes, CHECKs, triggers, generated columns, defaults
// and rules call, and for all others. CREATE OR REPLACE FUNCTION without SET search_path takes the setting away.
func TestFunctions_FindWhatTheyNameFromAnywhere(t *testing.T) {
	t.Parallel()
	rows, err := pgtest.New(t).Query(t.Context(), `
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
	require.Empty(t, loose, "add SET search_path = public, pg_temp to these functions, or write their body as RETURN or BEGIN ATOMIC")
}
