package postgres_test

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"cartwright/internal/postgres"
	"cartwright/internal/postgres/pgtest"
)

// schema is everything a person could tell two schemas apart by.
func schema(t *testing.T, url string) []string {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	require.NoError(t, err)
	defer func() { require.NoError(t, conn.Close(context.WithoutCancel(t.Context()))) }()
	rows, err := conn.Query(t.Context(), `
		SELECT format('column %s.%s %s %s %s', table_name, column_name, data_type, is_nullable, column_default)
		FROM information_schema.columns WHERE table_schema = 'public'
		UNION ALL SELECT format('constraint %s %s', conname, pg_get_constraintdef(oid)) FROM pg_constraint
			WHERE connamespace = 'public'::regnamespace
		UNION ALL SELECT format('index %s', indexdef) FROM pg_indexes WHERE schemaname = 'public'
		UNION ALL SELECT format('function %s', proname) FROM pg_proc WHERE pronamespace = 'public'::regnamespace
			AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = pg_proc.oid AND d.deptype = 'e')
		UNION ALL SELECT format('trigger %s', tgname) FROM pg_trigger WHERE NOT tgisinternal
		UNION ALL SELECT format('sequence %s', sequencename) FROM pg_sequences WHERE schemaname = 'public'
		UNION ALL SELECT format('type %s', typname) FROM pg_type
			WHERE typnamespace = 'public'::regnamespace AND typtype = 'e'
		ORDER BY 1`)
	require.NoError(t, err)
	found, err := pgx.CollectRows(rows, pgx.RowTo[string])
	require.NoError(t, err)
	return found
}

func TestEveryMigrationCanBeTakenBackAndAppliedAgain(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	migrator, err := postgres.NewMigrator(t.Context(), url)
	require.NoError(t, err)
	defer migrator.Close()
	full := schema(t, url)
	steps, err := migrator.Status(t.Context())
	require.NoError(t, err)
	require.NotEmpty(t, steps)
	for range steps {
		require.NoError(t, migrator.Down(t.Context()))
	}
	for _, left := range schema(t, url) {
		require.Contains(t, left, "goose_db_version", "only the record of migrations is left")
	}
	pending, err := migrator.Pending(t.Context())
	require.NoError(t, err)
	require.True(t, pending)
	require.NoError(t, migrator.Up(t.Context()))
	require.Equal(t, full, schema(t, url))
	require.NoError(t, migrator.Up(t.Context()), "with nothing to do it does nothing")
}

func TestMigratorsTakeTurns(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	migrator, err := postgres.NewMigrator(t.Context(), url)
	require.NoError(t, err)
	defer migrator.Close()
	full := schema(t, url)
	require.NoError(t, migrator.Down(t.Context()))
	results := make(chan error)
	const processes = 3
	for range processes {
		go func() { results <- postgres.Migrate(t.Context(), url) }()
	}
	for range processes {
		require.NoError(t, <-results)
	}
	require.Equal(t, full, schema(t, url))
}
