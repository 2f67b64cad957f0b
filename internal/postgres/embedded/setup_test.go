//go:build linux || darwin

package embedded

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
)

const childVariable = "EMBEDDED_TEST_CHILD"

func TestMain(m *testing.M) {
	if config := os.Getenv(childVariable); config != "" {
		os.Exit(child(config))
	}
	code := m.Run()
	if prepared.dir != "" {
		os.RemoveAll(prepared.dir)
	}
	os.Exit(code)
}

// report is what a child says about its Open.
type report struct {
	URL      string
	DataDir  string
	Attached bool
	Error    string
}

// child is another process: it opens the server, reports, and stops it when its standard input ends.
func child(config string) int {
	var cfg Config
	if err := json.Unmarshal([]byte(config), &cfg); err != nil {
		panic(err)
	}
	server, err := Open(context.Background(), cfg)
	var r report
	if err != nil {
		r.Error = err.Error()
	} else {
		r = report{URL: server.URL(), DataDir: server.DataDir(), Attached: server.Attached()}
	}
	if err := json.NewEncoder(os.Stdout).Encode(r); err != nil || r.Error != "" {
		return 1
	}
	_, _ = io.Copy(io.Discard, os.Stdin)
	if err := server.Stop(context.Background()); err != nil {
		return 1
	}
	return 0
}

type process struct {
	*exec.Cmd
	stdin  io.Closer
	stdout *bufio.Reader
}

func startChild(t *testing.T, cfg Config, credential *syscall.Credential) process {
	t.Helper()
	config, err := json.Marshal(struct {
		DataDir   string
		Temporary bool
		InMemory  bool
		Settings  map[string]string
	}{cfg.DataDir, cfg.Temporary, true, fast})
	require.NoError(t, err)
	cmd := exec.Command(executable(t))
	cmd.Dir = "/"
	cmd.Env = append(os.Environ(), childVariable+"="+string(config))
	cmd.Stderr = os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: credential}
	stdin, err := cmd.StdinPipe()
	require.NoError(t, err)
	stdout, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	return process{Cmd: cmd, stdin: stdin, stdout: bufio.NewReader(stdout)}
}

func (p process) report(t *testing.T) report {
	t.Helper()
	line, err := p.stdout.ReadString('\n')
	require.NoError(t, err)
	var r report
	require.NoError(t, json.Unmarshal([]byte(line), &r))
	return r
}

// executable copies this test to where other users can run it. By cp, because a file that we hold open for writing
// is busy for every child that is forked meanwhile.
func executable(t *testing.T) string {
	t.Helper()
	self, err := os.Executable()
	require.NoError(t, err)
	copied := filepath.Join(publicDir(t), "child")
	output, err := exec.Command("cp", self, copied).CombinedOutput()
	require.NoError(t, err, string(output))
	require.NoError(t, os.Chmod(copied, 0o755))
	return copied
}

var fast = map[string]string{"fsync": "off"}

// open starts a server that the test's end stops.
func open(t *testing.T, cfg Config) *Server {
	t.Helper()
	if cfg.Settings == nil {
		cfg.Settings = fast
	}
	server, err := Open(t.Context(), cfg)
	require.NoError(t, err)
	t.Cleanup(func() { _ = server.Stop(context.Background()) })
	return server
}

// refusal is the sentence with which Open refuses.
func refusal(t *testing.T, cfg Config) string {
	t.Helper()
	server, err := Open(t.Context(), cfg)
	if err == nil {
		_ = server.Stop(context.Background())
	}
	require.Error(t, err)
	t.Log(err)
	return err.Error()
}

var prepared struct {
	once sync.Once
	dir  string
	err  error
}

// dataDir is a copy of a data folder with a database, which takes a fraction of the time of initdb.
func dataDir(t *testing.T) string {
	t.Helper()
	prepared.once.Do(func() {
		if prepared.dir, prepared.err = os.MkdirTemp(memoryDir(), "embedded-test-"); prepared.err != nil {
			return
		}
		var server *Server
		server, prepared.err = Open(context.Background(), Config{DataDir: prepared.dir, Settings: fast})
		if prepared.err == nil {
			prepared.err = server.Stop(context.Background())
		}
	})
	require.NoError(t, prepared.err)
	dir := filepath.Join(publicDir(t), "data")
	output, err := exec.Command("cp", "-a", prepared.dir, dir).CombinedOutput()
	require.NoError(t, err, string(output))
	require.NoError(t, os.Chmod(dir, 0o755))
	return dir
}

func databaseIn(t *testing.T, dir string) string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(dir, "pg??"))
	require.NoError(t, err)
	require.Len(t, found, 1)
	return found[0]
}

func query(t *testing.T, url, sql string, args ...any) string {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	require.NoError(t, err)
	defer conn.Close(context.Background())
	var answer string
	require.NoError(t, conn.QueryRow(t.Context(), sql, args...).Scan(&answer))
	return answer
}

func execute(t *testing.T, url, sql string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	require.NoError(t, err)
	defer conn.Close(context.Background())
	_, err = conn.Exec(t.Context(), sql)
	require.NoError(t, err)
}

// unreachable waits until the server no longer answers.
func unreachable(t *testing.T, url string) {
	t.Helper()
	require.Eventually(t, func() bool {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		conn, err := pgx.Connect(ctx, url)
		if err != nil {
			return true
		}
		_ = conn.Close(ctx)
		return false
	}, time.Minute, 20*time.Millisecond, "the server still answers")
}

func serverProcess(t *testing.T, url string) int {
	t.Helper()
	line := query(t, url, "SELECT pg_read_file('postmaster.pid', 0, 10)")
	var pid int
	_, err := fmt.Sscan(line, &pid)
	require.NoError(t, err)
	return pid
}

// publicDir is a temporary folder that other users can enter; those of t.TempDir are closed, like root's home.
func publicDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp(memoryDir(), "embedded-test-")
	require.NoError(t, err)
	t.Cleanup(func() { os.RemoveAll(dir) })
	require.NoError(t, os.Chmod(dir, 0o755))
	return dir
}

// nobody is the credential of an ordinary user; only root can test with one.
func nobody(t *testing.T) *syscall.Credential {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("needs root")
	}
	u, err := user.Lookup("nobody")
	require.NoError(t, err)
	uid, err := strconv.Atoi(u.Uid)
	require.NoError(t, err)
	gid, err := strconv.Atoi(u.Gid)
	require.NoError(t, err)
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
}
