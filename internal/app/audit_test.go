//go:build unix

package app_test

import (
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"cartwright/internal/postgres/pgtest"
)

func TestWhatTheCommandLineChangesIsRecorded(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	env := production(t, url)
	conn, err := pgx.Connect(t.Context(), url)
	require.NoError(t, err)
	defer func() { _ = conn.Close(t.Context()) }()
	recorded := func() []string {
		rows, err := conn.Query(t.Context(), `
			SELECT concat_ws(' ', e.actor, e.operation, e.target, (SELECT count(*) FROM audit_changes c WHERE c.entry_id = e.id),
				e.user_id, e.address, e.request_id)
			FROM audit_entries e ORDER BY e.created_at`)
		require.NoError(t, err)
		all, err := pgx.CollectRows(rows, pgx.RowTo[string])
		require.NoError(t, err)
		return all
	}
	want := []string{"cli seedShop cartwright seed 0"}
	succeed(t, call{args: []string{"seed"}, env: env})
	require.Equal(t, want, recorded())
	load := func(file string, flags ...string) call {
		return call{args: append([]string{"import", "-"}, flags...), stdin: file, env: env}
	}
	refusal(t, load("sku,colour\n"))
	succeed(t, load("sku,name,category,price\nA,Lamp,lighting,1\n", "--dry-run"))
	require.Equal(t, want, recorded())
	succeed(t, load("sku,name,category,price\nA,Lamp,lighting,1\nB,Lamp,lighting,1\n"))
	want = append(want, "cli importCatalogue cartwright import 0")
	require.Equal(t, want, recorded())

	create := call{args: []string{"admin", "create", "--email", "chief@example.com"}, stdin: "correct horse\n", env: env}
	succeed(t, create)
	refusal(t, create)
	want = append(want, "cli createAdmin cartwright admin create 1")
	require.Equal(t, want, recorded())

	_, err = conn.Exec(t.Context(), `INSERT INTO second_factors (user_id, secret, tries_until, created_at, confirmed_at)
		SELECT id, '', now(), now(), now() FROM users`)
	require.NoError(t, err)
	succeed(t, call{args: []string{"admin", "reset-second-factor", "--email", "chief@example.com"}, env: env})
	want = append(want, "cli resetSecondFactor cartwright admin reset-second-factor 2") // the factor, and a letter
	require.Equal(t, want, recorded())

	start(t, call{args: []string{"serve"}, env: merge(env, "BOOTSTRAP_ADMIN_EMAIL", "first@example.com", "BOOTSTRAP_ADMIN_PASSWORD", "correct horse battery")}).ready()
	want = append(want, "system createAdmin BOOTSTRAP_ADMIN_EMAIL 1")
	require.Equal(t, want, recorded())
	var told int
	require.NoError(t, conn.QueryRow(t.Context(), `SELECT count(*) FROM audit_changes c WHERE c::text LIKE '%@%' OR c::text LIKE '%argon2%'`).Scan(&told))
	require.Zero(t, told)
}
