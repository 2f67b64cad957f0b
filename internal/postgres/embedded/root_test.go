//go:build linux || darwin

package embedded

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestClosedParentFolderIsNoObstacleForRoot(t *testing.T) {
	t.Parallel()
	nobody(t)
	if !descriptorPaths {
		t.Skip("needs Linux")
	}
	closed := filepath.Join(t.TempDir(), "home of root")
	require.NoError(t, os.Mkdir(closed, 0o700))
	dir := filepath.Join(closed, "checkout", ".data")
	first := open(t, Config{DataDir: dir})
	require.Equal(t, "1", query(t, first.URL(), "SELECT '1'"))
	require.NoError(t, first.Stop(t.Context()))
	second := open(t, Config{DataDir: dir})
	execute(t, second.URL(), "CREATE TABLE wide AS SELECT repeat('x', 100) FROM generate_series(1, 100000)")
	execute(t, second.URL(), "SET max_parallel_workers_per_gather = 2; SELECT count(*) FROM wide; CHECKPOINT")
	require.FileExists(t, filepath.Join(dir, passwordFile))

	info, err := os.Stat(closed)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o700), info.Mode().Perm(), "nobody was let in")
}

// `sudo make run` once must not lock an ordinary user out of the own checkout.
func TestRootRunsTheServerAsTheOwnerOfTheFolder(t *testing.T) {
	t.Parallel()
	who := nobody(t)
	dir := filepath.Join(publicDir(t), "data")
	require.NoError(t, os.Mkdir(dir, 0o755))
	require.NoError(t, os.Chown(dir, int(who.Uid), int(who.Gid)))
	server := open(t, Config{DataDir: dir})
	execute(t, server.URL(), "CREATE TABLE kept AS SELECT 'yes' AS answer")
	require.NoError(t, server.Stop(t.Context()))

	ordinary := startChild(t, Config{DataDir: dir}, who)
	r := ordinary.report(t)
	require.Empty(t, r.Error)
	require.Equal(t, "yes", query(t, r.URL, "SELECT answer FROM kept"))
	require.NoError(t, ordinary.stdin.Close())
	require.NoError(t, ordinary.Wait())

	// And root again, on what the ordinary user left.
	again := open(t, Config{DataDir: dir})
	require.Equal(t, strconv.Itoa(int(who.Uid)), uidOf(t, serverProcess(t, again.URL())))
}

func uidOf(t *testing.T, pid int) string {
	t.Helper()
	uid, _, err := ownerOf("/proc/" + strconv.Itoa(pid))
	require.NoError(t, err)
	return strconv.Itoa(uid)
}

func TestDatabaseOfRootIsRefused(t *testing.T) {
	t.Parallel()
	nobody(t)
	dir := dataDir(t)
	output, err := exec.Command("chown", "-R", "0:0", databaseIn(t, dir)).CombinedOutput()
	require.NoError(t, err, string(output))
	require.Contains(t, refusal(t, Config{DataDir: dir}), "chown -R postgres")
}
