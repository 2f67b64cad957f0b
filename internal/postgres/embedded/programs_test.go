//go:build linux || darwin

package embedded

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestProgramsOfTheDatabasesVersionWin(t *testing.T) {
	t.Parallel()
	dirs := []string{fakePrograms(t, "14.1"), fakePrograms(t, "17.2"), fakePrograms(t, "16.6 (Homebrew)")}
	for name, c := range map[string]struct{ database, want int }{
		"no database":  {0, 17},
		"database 16":  {16, 16},
		"database 17":  {17, 17},
		"too old a 14": {14, 0},
		"absent 18":    {18, 0},
	} {
		t.Run(name, func(t *testing.T) {
			l := &launch{}
			if c.database != 0 {
				l.data = database{path: "somewhere", major: c.database}
			}
			p, others, ok := l.pick(t.Context(), dirs)
			require.Equal(t, c.want, p.major)
			require.Equal(t, c.want != 0, ok)
			require.True(t, ok || len(others) == 3)
		})
	}
}

func TestNewerProgramsComeFirst(t *testing.T) {
	t.Parallel()
	base := t.TempDir()
	for _, name := range []string{"9.6", "15", "18", "100"} {
		require.NoError(t, os.MkdirAll(filepath.Join(base, name, "bin"), 0o755))
	}
	var versions []string
	for _, dir := range newestFirst(filepath.Join(base, "*", "bin")) {
		versions = append(versions, filepath.Base(filepath.Dir(dir)))
	}
	require.Equal(t, []string{"100", "18", "15", "9.6"}, versions)
}

func TestProgramsThatDoNotRunDoNotCount(t *testing.T) {
	t.Parallel()
	t.Run("no initdb", func(t *testing.T) {
		dir := fakePrograms(t, "17.2")
		require.NoError(t, os.Remove(filepath.Join(dir, "initdb")))
		_, err := probe(t.Context(), dir, identity{})
		require.Error(t, err)
	})
	t.Run("something else", func(t *testing.T) {
		dir := fakePrograms(t, "17.2")
		require.NoError(t, os.WriteFile(filepath.Join(dir, "postgres"), []byte("#!/bin/sh\necho 17\n"), 0o755))
		_, err := probe(t.Context(), dir, identity{})
		require.Error(t, err)
	})
	t.Run("out of the server user's reach", func(t *testing.T) {
		who := nobody(t)
		dir := fakePrograms(t, "17.2")
		require.NoError(t, os.Chmod(dir, 0o700))
		_, err := probe(t.Context(), dir, identity{credential: who})
		require.ErrorIs(t, err, os.ErrPermission)
		_, err = probe(t.Context(), dir, identity{})
		require.NoError(t, err)
	})
}
