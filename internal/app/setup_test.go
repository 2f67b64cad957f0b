//go:build unix

package app_test

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// patience bounds every wait. It is no measure of speed: the machine may be busy.
const patience = time.Minute

// Most of these tests wait for processes rather than for a processor, so more of them run at once.
func TestMain(m *testing.M) {
	flag.Parse()
	if err := flag.Set("test.parallel", "4"); err != nil {
		panic(err)
	}
	code := m.Run()
	if built.folder != "" {
		_ = os.RemoveAll(built.folder)
	}
	os.Exit(code)
}

// build is the command, built once for all tests that want it, where every user can run it.
type build struct {
	once   sync.Once
	folder string
	err    error
}

// built has the race detector when the tests have it.
var built build

func (b *build) program(t *testing.T) string {
	t.Helper()
	b.once.Do(func() {
		if b.folder, b.err = os.MkdirTemp("", "cartwright-app-"); b.err != nil {
			return
		}
		args := []string{"build", "-o", b.folder + "/cartwright"}
		if raceDetector {
			args = append(args, "-race")
		}
		output, err := exec.Command("go", append(args, "cartwright/cmd/cartwright")...).CombinedOutput()
		if err != nil {
			b.err = fmt.Errorf("build the program: %w\n%s", err, output)
			return
		}
		b.err = os.Chmod(b.folder, 0o755)
	})
	require.NoError(t, b.err)
	return b.folder + "/cartwright"
}

// call is how the program is run: nothing of the test's own environment but what every login has, and a free port where
// it names none, for the default one may be taken by a shop that is being tried.
type call struct {
	args  []string
	env   map[string]string
	user  *syscall.Credential // nil is the user of the test
	dir   string
	stdin string
}

func command(t *testing.T, c call) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(built.program(t), c.args...)
	cmd.Dir = c.dir
	if c.dir == "" {
		cmd.Dir = "/"
	}
	if _, named := c.env["PORT"]; !named {
		c.env = merge(c.env, "PORT", strconv.Itoa(freePort(t)))
	}
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + os.Getenv("HOME")}
	for name, value := range c.env {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	cmd.Stdin = strings.NewReader(c.stdin)
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: c.user}
	return cmd
}

// result is what a program left that ended by itself.
type result struct {
	code           int
	stdout, stderr string
}

// run waits for the program's end.
func run(t *testing.T, c call) result {
	t.Helper()
	cmd := command(t, c)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	require.NoError(t, cmd.Start())
	stopwatch := time.AfterFunc(patience, func() { _ = cmd.Process.Kill() })
	defer stopwatch.Stop()
	_ = cmd.Wait()
	return result{code: cmd.ProcessState.ExitCode(), stdout: stdout.String(), stderr: stderr.String()}
}

// succeed is the output of a program that must end well and without complaint.
func succeed(t *testing.T, c call) string {
	t.Helper()
	r := run(t, c)
	require.Zero(t, r.code, "%v: %s", c.args, r.stderr)
	return r.stdout
}

// refusal are the sentences of a program that must end with an error.
func refusal(t *testing.T, c call) []string {
	t.Helper()
	r := run(t, c)
	require.Equal(t, 1, r.code, "%v: %s", c.args, r.stdout)
	lines := strings.Split(strings.TrimSuffix(r.stderr, "\n"), "\n")
	for i, line := range lines {
		require.True(t, strings.HasPrefix(line, "cartwright: "), r.stderr)
		lines[i] = strings.TrimPrefix(line, "cartwright: ")
	}
	return lines
}

// process is a running program.
type process struct {
	t              *testing.T
	cmd            *exec.Cmd
	port           int
	url            string
	stdout, stderr output
	ended          chan struct{}
	began          time.Time
}

// start runs a program on a free port of its own, which ends with the test.
func start(t *testing.T, c call) *process {
	t.Helper()
	p := &process{t: t, port: freePort(t), ended: make(chan struct{})}
	p.url = fmt.Sprintf("http://127.0.0.1:%d", p.port)
	c.env = merge(c.env, "PORT", strconv.Itoa(p.port))
	p.cmd = command(t, c)
	p.cmd.Stdout, p.cmd.Stderr = &p.stdout, &p.stderr
	p.began = time.Now()
	require.NoError(t, p.cmd.Start())
	go func() {
		_ = p.cmd.Wait()
		close(p.ended)
	}()
	t.Cleanup(func() {
		_ = p.cmd.Process.Signal(syscall.SIGTERM)
		select {
		case <-p.ended:
		case <-time.After(patience):
			_ = p.cmd.Process.Kill()
			<-p.ended
		}
	})
	return p
}

// ready waits until /readyz says so and tells how long that took.
func (p *process) ready() time.Duration {
	p.t.Helper()
	p.until("ready", func() bool { return status(p.url+"/readyz") == http.StatusOK })
	return time.Since(p.began)
}

// until waits for something to become true of a program that must not end before.
func (p *process) until(what string, holds func() bool) {
	p.t.Helper()
	deadline := time.After(patience)
	for !holds() {
		select {
		case <-p.ended:
			require.FailNow(p.t, "ended before it was "+what, "%s\n%s", p.stdout.String(), p.stderr.String())
		case <-deadline:
			require.FailNow(p.t, "did not become "+what, "%s\n%s", p.stdout.String(), p.stderr.String())
		case <-time.After(10 * time.Millisecond):
		}
	}
}

func (p *process) signal(signal os.Signal) {
	p.t.Helper()
	require.NoError(p.t, p.cmd.Process.Signal(signal))
}

// end waits for the program's end and answers its state.
func (p *process) end() *os.ProcessState {
	p.t.Helper()
	select {
	case <-p.ended:
	case <-time.After(patience):
		require.FailNow(p.t, "did not end", "%s", p.stderr.String())
	}
	return p.cmd.ProcessState
}

// stop asks the program to stop, which it must do without complaint.
func (p *process) stop() {
	p.t.Helper()
	p.signal(syscall.SIGTERM)
	require.Zero(p.t, p.end().ExitCode(), p.stderr.String())
	require.Zero(p.t, status(p.url+"/healthz"), "the port is closed")
}

// output collects what a program writes while it runs.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (o *output) Write(text []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(text)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// status of a GET, 0 when nobody answers.
func status(url string) int {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return 0
	}
	request.Close = true // a kept connection would hide that nobody listens any more
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0
	}
	_ = response.Body.Close()
	return response.StatusCode
}

// freePort returns a port that nobody listens on. It lies below those that the system picks from, so that no connection
// of another test takes it before the program does.
func freePort(t *testing.T) int {
	t.Helper()
	for range 1000 {
		port := 10000 + rand.IntN(20000)
		if listener, err := net.Listen("tcp", fmt.Sprintf(":%d", port)); err == nil {
			_ = listener.Close()
			return port
		}
	}
	require.FailNow(t, "no port is free")
	return 0
}

func merge(env map[string]string, more ...string) map[string]string {
	merged := map[string]string{}
	for name, value := range env {
		merged[name] = value
	}
	for i := 0; i < len(more); i += 2 {
		merged[more[i]] = more[i+1]
	}
	return merged
}

// place is a folder that every user can enter, in memory where possible: PostgreSQL makes and syncs
// many files.
func place(t *testing.T) string {
	t.Helper()
	parent := "/dev/shm"
	if _, err := os.Stat(parent); err != nil {
		parent = os.TempDir()
	}
	folder, err := os.MkdirTemp(parent, "cartwright-app-")
	require.NoError(t, err)
	require.NoError(t, os.Chmod(folder, 0o755))
	t.Cleanup(func() { require.NoError(t, os.RemoveAll(folder)) })
	return folder
}

// requireFree holds when no process has the data folder's database open: the server and each of its
// children hold this lock. The last of an interrupted initdb may take a moment to notice.
func requireFree(t *testing.T, data string) {
	t.Helper()
	lock, err := os.Open(filepath.Join(data, "postgres.lock"))
	require.NoError(t, err)
	defer func() { _ = lock.Close() }()
	require.Eventually(t, func() bool {
		return syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) == nil
	}, patience, 10*time.Millisecond, "PostgreSQL still runs")
}

// nobody is another user than root, as whom only root can run a program.
func nobody(t *testing.T) *syscall.Credential {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("only root can run a program as somebody else")
	}
	found, err := user.Lookup("nobody")
	require.NoError(t, err)
	uid, err := strconv.ParseInt(found.Uid, 10, 64)
	require.NoError(t, err)
	gid, err := strconv.ParseInt(found.Gid, 10, 64)
	require.NoError(t, err)
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
}
