package doctor_test

import (
	"bytes"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"cartwright/internal/doctor"
	"cartwright/internal/postgres"
	"cartwright/internal/postgres/embedded"
)

// backupCommands are those that docs/operations.md tells an operator to run.
func backupCommands(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", "operations.md"))
	require.NoError(t, err)
	_, section, found := strings.Cut(string(text), "\n## Backups\n")
	require.True(t, found)
	section, _, _ = strings.Cut(section, "\n## ")
	blocks := regexp.MustCompile("(?s)```sh\n(.*?)```").FindAllStringSubmatch(section, -1)
	require.Len(t, blocks, 2, "one that dumps and one that restores")
	return blocks[0][1] + blocks[1][1]
}

// emptyDatabase makes one beside the shop's, without a schema.
func emptyDatabase(t *testing.T, shop *postgres.DB, address string) string {
	t.Helper()
	parsed, err := url.Parse(address)
	require.NoError(t, err)
	name := "restored_" + strings.TrimPrefix(parsed.Path, "/")
	_, err = shop.Exec(t.Context(), "CREATE DATABASE "+name+" TEMPLATE template0")
	require.NoError(t, err)
	parsed.Path = "/" + name
	return parsed.String()
}

// contents is all that two databases can be told apart by: their schema, and how many rows each table has.
func contents(t *testing.T, address string) (schema []string, rows map[string]int64) {
	t.Helper()
	db, err := postgres.Open(t.Context(), address)
	require.NoError(t, err)
	defer db.Close()
	found, err := db.Query(t.Context(), `
		SELECT format('column %s %s %s %s %s', table_name, column_name, data_type, is_nullable, generation_expression || column_default)
		FROM information_schema.columns WHERE table_schema = 'public'
		UNION ALL SELECT 'constraint ' || conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid)
			FROM pg_constraint WHERE connamespace = 'public'::regnamespace
		UNION ALL SELECT 'index ' || indexdef FROM pg_indexes WHERE schemaname = 'public'
		UNION ALL SELECT 'invalid index ' || indexrelid::regclass FROM pg_index WHERE NOT indisvalid
		UNION ALL SELECT 'trigger ' || translate(pg_get_triggerdef(oid), '()', '') || tgenabled::text FROM pg_trigger WHERE NOT tgisinternal
		UNION ALL SELECT 'function ' || pg_get_functiondef(oid) FROM pg_proc WHERE pronamespace = 'public'::regnamespace
		UNION ALL SELECT 'sequence ' || sequencename || ' ' || coalesce(last_value, 0) FROM pg_sequences WHERE schemaname = 'public'
		ORDER BY 1`)
	require.NoError(t, err)
	schema, err = pgx.CollectRows(found, pgx.RowTo[string])
	require.NoError(t, err)
	rows = map[string]int64{}
	found, err = db.Query(t.Context(), `
		SELECT c.relname, (xpath('/row/n/text()', query_to_xml('SELECT count(*) AS n FROM ' || c.oid::regclass, false, true, '')))[1]::text::bigint
		FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'`)
	require.NoError(t, err)
	var table string
	var count int64
	_, err = pgx.ForEachRow(found, []any{&table, &count}, func() error { rows[table] = count; return nil })
	require.NoError(t, err)
	return schema, rows
}

// without are those of all that others lack.
func without(all, others []string) []string {
	return slices.DeleteFunc(slices.Clone(all), func(one string) bool { return slices.Contains(others, one) })
}

func TestBackup_RestoresWhole(t *testing.T) {
	t.Parallel()
	dump, err := embedded.FindProgram(t.Context(), "pg_dump")
	if err != nil {
		t.Skip("needs pg_dump and psql, which come with PostgreSQL's programs")
	}
	shop, _ := busy(t)
	from := shop.DB.Pool().Config().ConnString()
	to := emptyDatabase(t, shop.DB, from)
	command := exec.CommandContext(t.Context(), "sh", "-euc", backupCommands(t))
	command.Dir = t.TempDir()
	command.Env = append(os.Environ(), "DATABASE_URL="+from, "NEW_DATABASE_URL="+to, "PATH="+filepath.Dir(dump)+":"+os.Getenv("PATH"))
	var said bytes.Buffer
	command.Stdout, command.Stderr = &said, &said
	require.NoError(t, command.Run(), said.String())
	require.NotContains(t, strings.ToLower(said.String()), "error")

	schema, rows := contents(t, from)
	restored, restoredRows := contents(t, to)
	require.Empty(t, without(schema, restored), "is lost")
	require.Empty(t, without(restored, schema), "is added")
	require.Equal(t, rows, restoredRows)
	require.NotZero(t, rows["orders"])
	copied, err := postgres.Open(t.Context(), to)
	require.NoError(t, err)
	defer copied.Close()
	var out bytes.Buffer
	broken, err := doctor.Examine(t.Context(), copied, &out)
	require.NoError(t, err)
	require.Zero(t, broken, out.String())
}

func TestAutovacuum_CanAnalyzeEveryTable(t *testing.T) {
	t.Parallel()
	shop, _ := busy(t)
	conn, err := pgx.Connect(t.Context(), shop.DB.Pool().Config().ConnString())
	require.NoError(t, err)
	defer conn.Close(t.Context())
	_, err = conn.Exec(t.Context(), "SET search_path = ''") // as autovacuum does
	require.NoError(t, err)
	rows, err := conn.Query(t.Context(), "SELECT c.oid::regclass::text FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'")
	require.NoError(t, err)
	tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
	require.NoError(t, err)
	require.NotEmpty(t, tables)
	for _, table := range tables {
		_, err := conn.Exec(t.Context(), "ANALYZE "+table)
		require.NoError(t, err, table)
	}
}

func TestDoctor_NamesTheTablesThatAutovacuumCannotAnalyze(t *testing.T) {
	t.Parallel()
	shop, _ := busy(t)
	_, err := shop.DB.Pool().Exec(t.Context(), "ALTER FUNCTION order_words(text, text, jsonb, jsonb) RESET search_path")
	require.NoError(t, err)
	found, said := examine(t, shop)
	require.Equal(t, 1, found, said)
	require.Contains(t, said, "BROKEN  autovacuum can analyse every table")
	require.Contains(t, said, "table public.orders, because of public.orders_by_words")
	require.Contains(t, said, "search_fold")
	require.Equal(t, 1, strings.Count(said, "because of"), said)
}
