//go:build linux || darwin

package embedded

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestOtherMajorVersionIsRefused(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(dir, "pg14"), 0o755))
	version := filepath.Join(dir, "pg14", "PG_VERSION")
	require.NoError(t, os.WriteFile(version, []byte("14\n"), 0o644))
	if who := os.Geteuid(); who == 0 {
		require.NoError(t, os.Chown(filepath.Join(dir, "pg14"), 65534, 65534))
	}
	sentence := refusal(t, Config{DataDir: dir, BinDir: fakePrograms(t, "17.2"), Download: true})
	require.Contains(t, sentence, "needs PostgreSQL 14")
	require.Contains(t, sentence, "only PostgreSQL 17")
	require.Contains(t, sentence, "DATABASE_URL")
	require.Contains(t, sentence, "move "+filepath.Join(dir, "pg14")+" away")
	require.FileExists(t, version)
	entries, err := filepath.Glob(filepath.Join(dir, "pg*"))
	require.NoError(t, err)
	require.Len(t, entries, 1)
}

func TestFolderThatIsNoDatabaseIsRefused(t *testing.T) {
	t.Parallel()
	t.Run("without a version", func(t *testing.T) {
		dir := t.TempDir()
		require.NoError(t, os.MkdirAll(filepath.Join(dir, "pg15", "mine"), 0o755))
		require.Contains(t, refusal(t, Config{DataDir: dir}), "move it away")
		require.DirExists(t, filepath.Join(dir, "pg15", "mine"))
	})
	t.Run("of another version than its name says", func(t *testing.T) {
		dir := t.TempDir()
		require.NoError(t, os.Mkdir(filepath.Join(dir, "pg15"), 0o755))
		require.NoError(t, os.WriteFile(filepath.Join(dir, "pg15", "PG_VERSION"), []byte("16\n"), 0o644))
		require.Contains(t, refusal(t, Config{DataDir: dir}), "rename the folder to pg16")
	})
}

func TestMissingProgramsAreNamedWithTheRemedy(t *testing.T) {
	t.Parallel()
	t.Run("none", func(t *testing.T) {
		sentence := refusal(t, Config{DataDir: t.TempDir(), BinDir: t.TempDir()})
		require.Contains(t, sentence, "PostgreSQL 15 or newer is needed, and none")
		require.Contains(t, sentence, "install it")
	})
	t.Run("too old", func(t *testing.T) {
		sentence := refusal(t, Config{DataDir: t.TempDir(), BinDir: fakePrograms(t, "14.9 (Debian 14.9-1)")})
		require.Contains(t, sentence, "only PostgreSQL 14")
	})
}

func TestFolderThatCannotBeUsedSaysWhatToDo(t *testing.T) {
	t.Parallel()
	t.Run("a file in its place", func(t *testing.T) {
		file := filepath.Join(t.TempDir(), "data")
		require.NoError(t, os.WriteFile(file, nil, 0o644))
		require.Contains(t, refusal(t, Config{DataDir: file}), "is not a folder")
	})
	t.Run("not writable", func(t *testing.T) {
		who := nobody(t)
		dir := publicDir(t)
		r := startChild(t, Config{DataDir: dir}, who).report(t)
		require.Contains(t, r.Error, "belongs to root")
		require.Contains(t, r.Error, "set DATA_DIR")
	})
	t.Run("not to be made", func(t *testing.T) {
		who := nobody(t)
		r := startChild(t, Config{DataDir: "/proc-like/not/there"}, who).report(t)
		require.Contains(t, r.Error, "cannot be written by user nobody (/ belongs to root)")
	})
	t.Run("database of another user", func(t *testing.T) {
		who := nobody(t)
		dir := dataDir(t)
		require.NoError(t, os.Chown(dir, int(who.Uid), int(who.Gid)))
		require.NoError(t, os.Chown(databaseIn(t, dir), 12345, 12345))
		r := startChild(t, Config{DataDir: dir}, who).report(t)
		require.Contains(t, r.Error, "belongs to user 12345, not to nobody")
	})
}

func TestFullDiskSaysSo(t *testing.T) {
	t.Parallel()
	nobody(t)
	mount := func(size string) string {
		dir := t.TempDir()
		if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "mode=755,size="+size, "tmpfs", dir).CombinedOutput(); err != nil {
			t.Skipf("cannot mount: %s", out)
		}
		t.Cleanup(func() { _ = exec.Command("umount", "-l", dir).Run() })
		return dir
	}
	t.Run("at the first start", func(t *testing.T) {
		require.Contains(t, refusal(t, Config{DataDir: mount("8m")}), "is full: free some space")
	})
	for _, missing := range []string{passwordFile, logFile} {
		t.Run("at a later start that has to write "+missing, func(t *testing.T) {
			dir := mount("80m")
			output, err := exec.Command("cp", "-a", dataDir(t)+"/.", dir).CombinedOutput()
			require.NoError(t, err, string(output))
			require.NoError(t, os.Remove(filepath.Join(dir, missing)))
			_ = exec.Command("dd", "if=/dev/zero", "of="+dir+"/filler", "bs=4096").Run()
			require.Contains(t, refusal(t, Config{DataDir: dir}), "is full: free some space")
		})
	}
}

func TestFailedStartCitesTheLog(t *testing.T) {
	t.Parallel()
	settings := map[string]string{"fsync": "off", "no_such_setting": "1"}
	sentence := refusal(t, Config{DataDir: dataDir(t), Settings: settings})
	require.Contains(t, sentence, `unrecognized configuration parameter "no_such_setting"`)
}

// fakePrograms only know their version.
func fakePrograms(t *testing.T, version string) string {
	t.Helper()
	dir := publicDir(t)
	script := "#!/bin/sh\necho 'postgres (PostgreSQL) " + strings.TrimSpace(version) + "'\n"
	for _, name := range []string{"postgres", "initdb"} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(script), 0o755))
	}
	return dir
}
