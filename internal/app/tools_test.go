//go:build unix

package app_test

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"cartwright/internal/postgres/pgtest"
	"cartwright/openapi"
)

// emptyDatabase is one that was never migrated.
func emptyDatabase(t *testing.T) string {
	t.Helper()
	url := pgtest.URL(t)
	conn, err := pgx.Connect(t.Context(), url)
	require.NoError(t, err)
	_, err = conn.Exec(t.Context(), "DROP SCHEMA public CASCADE; CREATE SCHEMA public")
	require.NoError(t, err)
	require.NoError(t, conn.Close(t.Context()))
	return url
}

func TestMigrationsGoUpAndDown(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../../migrations/*.sql")
	require.NoError(t, err)
	env := map[string]string{"DATABASE_URL": emptyDatabase(t)}
	move := func(direction string) string { return succeed(t, call{args: []string{"migrate", direction}, env: env}) }
	pending := func(text string) int { return strings.Count(text, "pending  0") }

	const inGo = 1 // and in no file
	require.Equal(t, len(files)+inGo, pending(move("status")))
	require.Zero(t, pending(move("up")))
	require.Zero(t, pending(move("up")), "nothing left to do is no failure")
	require.Equal(t, 1, pending(move("down")))
	require.Zero(t, pending(move("up")))
	last := lines(move("status"))
	require.Equal(t, "applied  "+filepath.Base(files[len(files)-1]), last[len(last)-1])
}

func lines(text string) []string { return strings.Split(strings.TrimSuffix(text, "\n"), "\n") }

func TestNewMigrationHasTheNextNumber(t *testing.T) {
	t.Parallel()
	checkout := t.TempDir()
	create := func(name string) call { return call{args: []string{"migrate", "create", name}, dir: checkout} }
	require.Contains(t, refusal(t, create("add_notes"))[0], "run this at the top of a checkout")

	folder := filepath.Join(checkout, "migrations")
	require.NoError(t, os.Mkdir(folder, 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(folder, "00009_last.sql"), nil, 0o600))
	require.Equal(t, "migrations/00010_add_notes.sql\n", succeed(t, create("add_notes")))
	text, err := os.ReadFile(filepath.Join(folder, "00010_add_notes.sql"))
	require.NoError(t, err)
	require.Contains(t, string(text), "-- +goose Up\n")
	require.Contains(t, string(text), "-- +goose Down\n")
	for _, name := range []string{"../escape", "Add Notes", ""} {
		require.Contains(t, refusal(t, create(name))[0], "a migration's name is like")
	}
}

// Without a running dev, commands start the data folder's server for themselves.
func TestCommandsStartTheDatabaseForAsLongAsTheyNeedIt(t *testing.T) {
	t.Parallel()
	data := filepath.Join(place(t), ".data")
	env := map[string]string{"DATA_DIR": data}
	early := run(t, call{args: []string{"seed"}, env: env})
	require.Equal(t, 1, early.code)
	require.Contains(t, early.stderr, "cartwright: the database waits for migrations: run `cartwright migrate up`\n")
	requireFree(t, data)
	succeed(t, call{args: []string{"migrate", "up"}, env: env})
	requireFree(t, data)
	require.Contains(t, succeed(t, call{args: []string{"seed"}, env: env}), " products added, 0 there before")
	require.Contains(t, succeed(t, call{args: []string{"seed"}, env: env}), " 0 categories and 0 products added")
	requireFree(t, data)
}

func TestAdminIsCreatedWithAPasswordFromStandardInput(t *testing.T) {
	t.Parallel()
	env := production(t, pgtest.URL(t))
	create := func(email, stdin string) call {
		return call{args: []string{"admin", "create", "--email", email}, stdin: stdin, env: env}
	}
	require.Equal(t, []string{"no password was given: type it, or pipe it in"}, refusal(t, create("chief@example.com", "")))
	require.Equal(t, []string{"the password has fewer than 8 characters"}, refusal(t, create("chief@example.com", "short\n")))
	require.Equal(t, []string{"the password is too easy to guess: everybody tries such ones first"}, refusal(t, create("chief@example.com", "password1\n")))
	require.Equal(t, []string{"--email is not an e-mail address"}, refusal(t, create("chief", "correct horse\n")))
	require.Equal(t, []string{`required flag(s) "email" not set`}, refusal(t, call{args: []string{"admin", "create"}, env: env}))
	require.Equal(t, "admin created\n", succeed(t, create("chief@example.com", "correct horse\n")))
	require.Equal(t, []string{"there is an account with this address already"}, refusal(t, create("Chief@example.com", "correct horse")))

	shop := start(t, call{args: []string{"serve"}, env: env})
	shop.ready()
	require.Equal(t, http.StatusOK, visit(shop).login("chief@example.com", "correct horse").StatusCode())
}

func TestSpecIsPrintedAsPublished(t *testing.T) {
	t.Parallel()
	require.Equal(t, string(openapi.YAML), succeed(t, call{args: []string{"openapi"}}))
	var document struct {
		OpenAPI string         `json:"openapi"`
		Paths   map[string]any `json:"paths"`
	}
	require.NoError(t, json.Unmarshal([]byte(succeed(t, call{args: []string{"openapi", "--json"}})), &document))
	require.Equal(t, "3.0.3", document.OpenAPI)
	require.Contains(t, document.Paths, "/orders/from-cart")
}

func TestVersionIsPrinted(t *testing.T) {
	t.Parallel()
	require.Regexp(t, `^cartwright \S+`, succeed(t, call{args: []string{"version"}}))
}

func TestSeedingManyProducts(t *testing.T) {
	t.Parallel()
	env := map[string]string{"DATABASE_URL": pgtest.URL(t)}
	seed := func(products string) call { return call{args: []string{"seed", "--products", products}, env: env} }
	first := run(t, seed("2500"))
	require.Equal(t, 0, first.code, first.stderr)
	require.Regexp(t, `^Products: 2500 added in [0-9.]+ s \([0-9]+ a second\), 0 there before\. Categories: 200 added, 0 there before\.\n$`, first.stdout)
	require.Empty(t, first.stderr, "no bar where nobody watches")
	require.Contains(t, succeed(t, seed("2600")), "Products: 100 added")
	for _, wrong := range []string{"0", "-5", "10000001"} {
		require.Equal(t, []string{"the number of products is between 1 and 10,000,000"}, refusal(t, seed(wrong)))
	}
	require.Contains(t, refusal(t, seed("many"))[0], "--products")
}
