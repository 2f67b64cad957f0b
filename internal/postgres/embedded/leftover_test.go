//go:build linux || darwin

package embedded

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestLeftOverLockFilesDoNotBlock(t *testing.T) {
	t.Parallel()
	for name, pid := range map[string]func(t *testing.T, dir string) string{
		"of a dead process":           deadProcess,
		"of a process id used anew":   strangerProcess,
		"with garbage in it":          func(*testing.T, string) string { return "\x00garbage" },
		"with nothing in it":          func(*testing.T, string) string { return "" },
		"with a process id of itself": func(*testing.T, string) string { return "0" },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := dataDir(t)
			data := databaseIn(t, dir)
			uid, gid, err := ownerOf(data)
			require.NoError(t, err)
			file := filepath.Join(data, "postmaster.pid")
			content := fmt.Sprintf("%s\n%s\n1700000000\n5432\n\n127.0.0.1\n\n", pid(t, data), data)
			require.NoError(t, os.WriteFile(file, []byte(content), 0o600))
			require.NoError(t, os.Chown(file, uid, gid))
			require.NoError(t, os.WriteFile(filepath.Join(dir, stateFile), []byte(`{"starter":1,"port":1}`), 0o644))
			server := open(t, Config{DataDir: dir})
			require.Equal(t, "1", query(t, server.URL(), "SELECT '1'"))
		})
	}
}

func deadProcess(t *testing.T, _ string) string {
	cmd := exec.Command("true")
	require.NoError(t, cmd.Run())
	return fmt.Sprint(cmd.Process.Pid)
}

// strangerProcess runs as the server's user, which makes PostgreSQL take it for a server.
func strangerProcess(t *testing.T, data string) string {
	cmd := exec.Command("sleep", "60")
	cmd.Dir = "/"
	if os.Geteuid() == 0 {
		uid, gid, err := ownerOf(data)
		require.NoError(t, err)
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}
	}
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	return fmt.Sprint(cmd.Process.Pid)
}

func TestServerStartedByHandIsRespected(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	open(t, Config{DataDir: dir})
	// As if somebody had used pg_ctl: a server is at work, but our lock is free.
	require.NoError(t, os.Remove(filepath.Join(dir, lockFile)))
	require.Contains(t, refusal(t, Config{DataDir: dir}), "already works on")
}

func TestInterruptedFirstStartLeavesNoDatabase(t *testing.T) {
	t.Parallel()
	dir := publicDir(t)
	ctx, cancel := context.WithTimeout(t.Context(), 150*time.Millisecond)
	defer cancel()
	_, err := Open(ctx, Config{DataDir: dir, Settings: fast})
	require.Error(t, err)
	left, err := filepath.Glob(filepath.Join(dir, "pg*"))
	require.NoError(t, err)
	require.Empty(t, left)

	// What kill -9 leaves: half a database that trusts everybody, and an empty folder.
	half := filepath.Join(dir, "pg15.new-123", "data")
	require.NoError(t, os.MkdirAll(half, 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(half, "PG_VERSION"), []byte("15\n"), 0o600))
	require.NoError(t, os.Mkdir(filepath.Join(dir, "pg15"), 0o700))
	server := open(t, Config{DataDir: dir})
	require.NoDirExists(t, filepath.Dir(half))
	require.Equal(t, "1", query(t, server.URL(), "SELECT '1'"))
}

func TestLostPasswordIsReplaced(t *testing.T) {
	t.Parallel()
	for name, lose := range map[string]func(file string) error{
		"garbage": func(file string) error { return os.WriteFile(file, []byte("\x00\xff'; --\n"), 0o600) },
		"empty":   func(file string) error { return os.Truncate(file, 0) },
		"missing": os.Remove,
		"another": func(file string) error { return os.WriteFile(file, []byte("ABCDEFGHIJKLMNOPQRSTUVWXYZ\n"), 0o600) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := dataDir(t)
			require.NoError(t, lose(filepath.Join(dir, passwordFile)))
			server := open(t, Config{DataDir: dir})
			require.Equal(t, "1", query(t, server.URL(), "SELECT '1'"))
			require.NoError(t, server.Stop(t.Context()))
			again := open(t, Config{DataDir: dir})
			require.Equal(t, password(t, server), password(t, again))
		})
	}
}
