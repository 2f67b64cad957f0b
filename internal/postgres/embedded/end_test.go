//go:build linux || darwin

package embedded

import (
	"crypto/rand"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestServerEndsWithItsParentAfterKill9(t *testing.T) {
	t.Parallel()
	t.Run("as the user of the test", func(t *testing.T) {
		t.Parallel()
		killParent(t, dataDir(t), nil)
	})
	t.Run("as an ordinary user", func(t *testing.T) {
		t.Parallel()
		who := nobody(t)
		dir := filepath.Join(publicDir(t), "data")
		require.NoError(t, os.Mkdir(dir, 0o755))
		require.NoError(t, os.Chown(dir, int(who.Uid), int(who.Gid)))
		killParent(t, dir, who)
	})
}

func killParent(t *testing.T, dir string, who *syscall.Credential) {
	t.Helper()
	parent := startChild(t, Config{DataDir: dir}, who)
	r := parent.report(t)
	require.Empty(t, r.Error)
	execute(t, r.URL, "CREATE TABLE kept AS SELECT 'yes' AS answer")
	require.NoError(t, parent.Process.Kill())
	_ = parent.Wait()
	unreachable(t, r.URL)

	// The next start waits for the end of the old server, then runs its own, without recovery.
	again := startChild(t, Config{DataDir: dir}, who)
	next := again.report(t)
	require.Empty(t, next.Error)
	require.False(t, next.Attached)
	require.Equal(t, "yes", query(t, next.URL, "SELECT answer FROM kept"))
	log, err := os.ReadFile(filepath.Join(dir, logFile))
	require.NoError(t, err)
	require.NotContains(t, string(log), "was not properly shut down")
	require.NoError(t, again.stdin.Close())
	require.NoError(t, again.Wait())
}

func TestStartRightAfterKill9DoesNotAttachToTheDyingServer(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	parent := startChild(t, Config{DataDir: dir}, nil)
	require.Empty(t, parent.report(t).Error)
	require.NoError(t, parent.Process.Kill())
	_ = parent.Wait()
	server := open(t, Config{DataDir: dir})
	require.False(t, server.Attached())
	require.Equal(t, "1", query(t, server.URL(), "SELECT '1'"))
}

func TestTemporaryServerLeavesNothing(t *testing.T) {
	t.Parallel()
	t.Run("after stop", func(t *testing.T) {
		t.Parallel()
		server := open(t, Config{Temporary: true})
		require.DirExists(t, server.DataDir())
		require.NoError(t, server.Stop(t.Context()))
		require.NoDirExists(t, server.DataDir())
	})
	t.Run("after kill -9 of its parent", func(t *testing.T) {
		t.Parallel()
		parent := startChild(t, Config{Temporary: true}, nil)
		r := parent.report(t)
		require.Empty(t, r.Error)
		require.NoError(t, parent.Process.Kill())
		_ = parent.Wait()
		unreachable(t, r.URL)
		require.Eventually(t, func() bool {
			_, err := os.Stat(r.DataDir)
			return os.IsNotExist(err)
		}, time.Minute, 20*time.Millisecond)
	})
}

func TestCtrlCDoesNotReachTheServer(t *testing.T) {
	t.Parallel()
	server := open(t, Config{DataDir: dataDir(t)})
	pid := serverProcess(t, server.URL())
	// A terminal sends SIGINT to the foreground process group; the server must not be in ours.
	group, err := syscall.Getpgid(pid)
	require.NoError(t, err)
	require.NotEqual(t, syscall.Getpgrp(), group)
}

// A watcher that outlived a normal end, or signalled after it, could hit a stranger with the old process id.
func TestWatcherOfAProgramThatEndedSignalsNobody(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("pgrep"); err != nil {
		t.Skip("needs pgrep")
	}
	lock, err := os.Open(os.DevNull)
	require.NoError(t, err)
	defer lock.Close()
	mark := filepath.Base(t.TempDir()) + rand.Text()
	p := program{signal: "HUP", path: "/bin/sleep", args: []string{"60"}, remove: mark, lock: lock}
	cmd := p.command(t.Context())
	leash, err := p.startLeashed(cmd)
	require.NoError(t, err)
	t.Cleanup(func() { _ = cmd.Process.Kill() })

	// The program lives on here in the role of the stranger.
	watcher := func() bool { return exec.Command("pgrep", "-f", "leash HUP "+mark).Run() == nil }
	require.Eventually(t, watcher, time.Minute, 10*time.Millisecond)
	leash.release()
	require.Eventually(t, func() bool { return !watcher() }, time.Minute, 10*time.Millisecond)
	// Of two signals the lower comes first, so that ours ends the program only if it is alone.
	require.NoError(t, cmd.Process.Signal(syscall.SIGTERM))
	_ = cmd.Wait()
	require.Equal(t, syscall.SIGTERM, cmd.ProcessState.Sys().(syscall.WaitStatus).Signal())
}
