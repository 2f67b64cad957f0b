//go:build linux || darwin

package embedded

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"maps"
	"net"
	"os"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// startPatience is long because a server that was cut off may have much to recover.
const startPatience = 2 * time.Minute

var errPortTaken = errors.New("the port is taken")

// serve starts the server on a free port. Between our finding it and the server's taking it somebody else may: then
// the next is tried.
func (l *launch) serve(ctx context.Context) (*Server, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, startPatience,
		fmt.Errorf("it was not ready within %s; its log is %s", startPatience, l.dir.file(logFile)))
	defer cancel()
	var err error
	for range 5 {
		var port int
		if port, err = freePort(); err != nil {
			return nil, err
		}
		var server *Server
		if server, err = l.serveOn(ctx, port); !errors.Is(err, errPortTaken) {
			return server, err
		}
	}
	return nil, fmt.Errorf("no free port on 127.0.0.1: %w", err)
}

func (l *launch) serveOn(ctx context.Context, port int) (*Server, error) {
	at := address{port: port, password: l.password, instance: rand.Text()}
	p, err := l.postmaster(at)
	if err != nil {
		return nil, err
	}
	if err := p.awaitReady(ctx); err != nil {
		p.abort()
		return nil, err
	}
	now := state{Starter: os.Getpid(), Port: port, Major: l.data.major, Instance: at.instance}
	if err := l.dir.writeState(now); err != nil {
		p.abort()
		return nil, fmt.Errorf("record the server: %w", err)
	}
	return l.watch(p), nil
}

// watch makes a Server of a process that is ready, and cleans up after it.
func (l *launch) watch(p *postmaster) *Server {
	s := &Server{
		url: p.at.url("cartwright"), dataDir: l.dir.path, major: l.data.major,
		stopping: make(chan struct{}), done: make(chan struct{}),
	}
	s.end = func(ctx context.Context) error {
		err := p.stop(ctx)
		<-s.done
		return err
	}
	go func() {
		<-p.exited
		if !s.stopped() {
			s.err = fmt.Errorf("PostgreSQL ended unexpectedly: %w", explainExit(p.exitErr, tail(p.log), l.dir.path))
		}
		_ = os.Remove(l.dir.file(stateFile))
		if l.Temporary {
			_ = os.RemoveAll(l.dir.path)
		}
		_ = l.lock.Close() // only now may another process start a server here
		close(s.done)
	}()
	return s
}

func freePort() (int, error) {
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return 0, fmt.Errorf("find a free port on 127.0.0.1: %w", err)
	}
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port, nil
}

// settings are given on the command line, so that the files in the data folder stay as initdb wrote them.
func (l *launch) settings(at address) []string {
	all := map[string]string{
		"max_connections": "200",
		"shared_buffers":  "128MB",
		"timezone":        "UTC",
		"log_timezone":    "UTC",
		"log_checkpoints": "off",
	}
	maps.Copy(all, l.Settings)
	maps.Copy(all, map[string]string{
		"listen_addresses":        "127.0.0.1",
		"port":                    strconv.Itoa(at.port),
		"unix_socket_directories": "",
		"cluster_name":            at.instance,
		"log_destination":         "stderr",
		"logging_collector":       "off",
	})
	var args []string
	for _, name := range slices.Sorted(maps.Keys(all)) {
		args = append(args, "-c", name+"="+all[name])
	}
	return args
}

// openLog starts the log anew, which keeps it small.
func (l *launch) openLog() (*os.File, error) {
	path := l.dir.file(logFile)
	flags := os.O_WRONLY | os.O_CREATE | os.O_TRUNC | os.O_APPEND | syscall.O_NOFOLLOW
	file, err := os.OpenFile(path, flags, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the log: %w", explain(err, l.dir.path))
	}
	return file, l.dir.give(path)
}

func portTaken(log string) bool {
	return strings.Contains(log, "Address already in use") || strings.Contains(log, "could not bind")
}
