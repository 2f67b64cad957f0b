//go:build linux || darwin

package embedded

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Descriptors that a program inherits.
const (
	leashFD = 3 // read end of the leash; closed before the program itself runs
	lockFD  = 4 // the lock of the data folder, kept by the program and all its children
	dirFD   = 5 // the folder it works in, only when handed over by descriptor
)

// leashScript becomes the program named by its arguments, after leaving behind a watcher that is not the program's
// child (PostgreSQL takes an unknown child's death for a crash). The watcher waits for a line or the end of the
// leash. A line means that the program has ended and been waited for. The end means that the starter is gone: the
// watcher ends the program ($$ stays the process id across exec) and removes the folder $2 if one is named, again and
// again until the program has stopped writing to it. (Asking whether the process still lives would not do: in a
// container whose first process is no init, it stays as a zombie.)
const leashScript = `
( (
	trap '' HUP INT TERM
	read -r line <&3 && exit
	kill -"$1" $$
	[ -n "$2" ] || exit
	n=0; while [ -d "$2" ] && [ $n -lt 100 ]; do sleep 0.1; rm -rf -- "$2"; n=$((n + 1)); done
) </dev/null >/dev/null 2>&1 4<&- 5<&- & )
shift 2
exec "$@" 3<&-
`

// program is one run of initdb or postgres.
type program struct {
	identity identity
	lock     *os.File
	work     workplace
	remove   string // a folder that goes when the starter is killed
	signal   string // what ends the program then
	path     string
	args     []string
}

// leash is the starter's end of the pipe. Nobody else has it, so the kernel lets go of it whatever happens to us.
type leash struct{ pipe *os.File }

// release tells the watcher that the program has ended by itself.
func (l leash) release() {
	_, _ = l.pipe.WriteString("\n")
	_ = l.pipe.Close()
}

// command prepares a program; start it with startLeashed.
func (p program) command(ctx context.Context) *exec.Cmd {
	args := append([]string{"-c", leashScript, "leash", p.signal, p.remove, p.path}, p.args...)
	cmd := exec.CommandContext(ctx, "/bin/sh", args...)
	cmd.Dir = "/"
	cmd.Env = childEnv
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = 10 * time.Second
	// A session of its own, so that Ctrl-C in a terminal reaches the starter only, which stops in its own order.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Credential: p.identity.credential}
	return cmd
}

// childEnv keeps PGDATA, PGOPTIONS and their kin out. macOS' postmaster needs LC_ALL set.
var childEnv = []string{"LC_ALL=C", "TZ=UTC", "PATH=/usr/local/bin:/usr/bin:/bin"}

func (p program) startLeashed(cmd *exec.Cmd) (leash, error) {
	read, write, err := os.Pipe()
	if err != nil {
		return leash{}, fmt.Errorf("make a pipe: %w", err)
	}
	defer read.Close()
	cmd.ExtraFiles = []*os.File{read, p.lock}
	if p.work.dir != nil {
		cmd.ExtraFiles = append(cmd.ExtraFiles, p.work.dir)
	}
	if err := cmd.Start(); err != nil {
		write.Close()
		return leash{}, fmt.Errorf("run %s: %w", p.path, err)
	}
	return leash{pipe: write}, nil
}

// run waits for the program's end and returns what it printed.
func (p program) run(ctx context.Context, stdin string) (string, error) {
	var output strings.Builder
	cmd := p.command(ctx)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(stdin), &output, &output
	leash, err := p.startLeashed(cmd)
	if err != nil {
		return "", err
	}
	defer leash.release()
	err = cmd.Wait()
	return output.String(), err
}

// workplace is a folder as a program sees it.
type workplace struct {
	path string
	dir  *os.File
}

// openWorkplace hands the folder over by descriptor where the program runs as somebody else, who may not be able to
// walk to it: /proc/self/fd leads there without touching its parents. (A working folder would not do: before version
// 16 PostgreSQL changes it to find its own programs and back by full path.)
func openWorkplace(path string, who identity) (workplace, error) {
	if who.credential == nil || !descriptorPaths {
		return workplace{path: path}, nil
	}
	dir, err := os.Open(path)
	if err != nil {
		return workplace{}, err
	}
	return workplace{path: "/proc/self/fd/" + strconv.Itoa(dirFD), dir: dir}, nil
}

func (w workplace) close() {
	if w.dir != nil {
		w.dir.Close()
	}
}
