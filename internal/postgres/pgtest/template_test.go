package pgtest

import (
	"io/fs"
	"os"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/stretchr/testify/require"
)

// fresh is another view of the same server, as another process has it.
func fresh(t *testing.T) *server {
	t.Helper()
	s, err := shared()
	require.NoError(t, err)
	return &server{admin: s.admin}
}

// The tests here drop the template, so they do not run beside others.
func TestTemplateIsMadeAnewWhenSomebodyDropsIt(t *testing.T) {
	URL(t)
	s := fresh(t)
	conn := admin(t, s)
	name, err := s.ensureTemplate(t.Context(), conn)
	require.NoError(t, err)
	_, err = conn.Exec(t.Context(), "DROP DATABASE "+name)
	require.NoError(t, err)
	made, err := s.create(t.Context())
	require.NoError(t, err)
	require.NoError(t, s.drop(t.Context(), made))
}

func TestProcessesAtOnceMakeOneTemplate(t *testing.T) {
	URL(t)
	s := fresh(t)
	conn := admin(t, s)
	name, err := s.ensureTemplate(t.Context(), conn)
	require.NoError(t, err)
	_, err = conn.Exec(t.Context(), "DROP DATABASE "+name)
	require.NoError(t, err)
	// Half a template of a process that was killed.
	_, err = conn.Exec(t.Context(), "CREATE DATABASE "+name+"_building")
	require.NoError(t, err)

	var group sync.WaitGroup
	for range 6 {
		group.Go(func() {
			other := fresh(t)
			made, err := other.create(t.Context())
			if err == nil {
				err = other.drop(t.Context(), made)
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	var templates int
	err = conn.QueryRow(t.Context(), "SELECT count(*) FROM pg_database WHERE datname LIKE $1", templatePrefix+"%").Scan(&templates)
	require.NoError(t, err)
	require.Equal(t, 1, templates)
}

func TestTemplatesOfOtherSchemasAreDropped(t *testing.T) {
	URL(t)
	s := fresh(t)
	conn := admin(t, s)
	_, err := conn.Exec(t.Context(), "CREATE DATABASE cartwright_template_old")
	require.NoError(t, err)
	s.sweep(t.Context(), conn)
	var left int
	err = conn.QueryRow(t.Context(), "SELECT count(*) FROM pg_database WHERE datname = 'cartwright_template_old'").Scan(&left)
	require.NoError(t, err)
	require.Zero(t, left)
}

func admin(t *testing.T, s *server) *pgx.Conn {
	t.Helper()
	if os.Getenv(EnvURL) != "" {
		t.Skip("drops the template, which other processes on the shared server use")
	}
	conn, err := pgx.Connect(t.Context(), s.admin.String())
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close(t.Context()) })
	return conn
}

func TestSchemaVersionChangesWithAllThatMakesTheSchema(t *testing.T) {
	t.Parallel()
	files := func(name, content string) fs.FS {
		return fstest.MapFS{name: {Data: []byte(content)}}
	}
	seen := map[string]bool{}
	for _, sources := range [][]fs.FS{
		{files("1.sql", "a"), files("r.sql", "a")},
		{files("2.sql", "a"), files("r.sql", "a")},
		{files("1.sql", "b"), files("r.sql", "a")},
		{files("1.sql", "a"), files("r.sql", "b")},
	} {
		version, err := schemaVersion(sources...)
		require.NoError(t, err)
		require.False(t, seen[version])
		seen[version] = true
		again, err := schemaVersion(sources...)
		require.NoError(t, err)
		require.Equal(t, version, again)
	}
	// The job library's files are where we look for them.
	found, err := fs.Glob(riverpgxv5.New(nil).GetMigrationFS("main"), "migration/main/*.sql")
	require.NoError(t, err)
	require.NotEmpty(t, found)
}
