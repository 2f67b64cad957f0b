package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"
)

// server is one `cartwright serve` that is started again whenever it ends.
type server struct {
	name    string
	binary  string
	address string
	env     []string
	log     *os.File
	fail    func(format string, args ...any)
	excused func() bool // whether a server may end by itself now

	mu      sync.Mutex
	cmd     *exec.Cmd
	killed  bool   // by us
	arming  string // what the next process is armed with
	armed   string // what this one is armed with
	crashes chan string
	closing bool
	ended   chan struct{}
}

// newServer starts it.
func newServer(name, binary, dir string, env []string) (*server, error) {
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	log, err := os.Create(filepath.Join(dir, name+".log"))
	if err != nil {
		return nil, err
	}
	return &server{
		name: name, binary: binary, address: fmt.Sprintf("127.0.0.1:%d", port), log: log,
		env: append(env, fmt.Sprintf("PORT=%d", port)), crashes: make(chan string, 1000), ended: make(chan struct{}),
	}, nil
}

func freePort() (int, error) {
	listener, err := new(net.ListenConfig).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port, nil
}

// keep runs one process after the other, until close.
func (s *server) keep() {
	defer close(s.ended)
	for {
		cmd, armed, ok := s.start()
		if !ok {
			return
		}
		err := cmd.Wait()
		var exit *exec.ExitError
		bySignal := errors.As(err, &exit) && exit.Sys().(syscall.WaitStatus).Signaled()
		s.mu.Lock()
		closing, killed := s.closing, s.killed
		s.mu.Unlock()
		switch {
		case closing || killed:
		case bySignal && armed != "":
			s.crashes <- armed
		case !s.excused():
			s.fail("%s ended by itself: %v: %s", s.name, err, s.lastWords())
		default: // what it needs is away
			time.Sleep(100 * time.Millisecond)
		}
	}
}

func (s *server) start() (cmd *exec.Cmd, armed string, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closing {
		return nil, "", false
	}
	s.armed, s.arming, s.killed = s.arming, "", false
	s.cmd = exec.Command(s.binary, "serve") //nolint:noctx // it is killed when its time has come
	s.cmd.Env = append(s.cmd.Environ(), s.env...)
	if s.armed != "" {
		s.cmd.Env = append(s.cmd.Env, "CRASH_AT="+s.armed)
	}
	s.cmd.Stdout, s.cmd.Stderr = s.log, s.log
	if err := s.cmd.Start(); err != nil {
		s.fail("%s does not start: %v", s.name, err)
		return nil, "", false
	}
	return s.cmd, s.armed, true
}

// signal sends the process a signal; it is told whether that is meant to end it.
func (s *server) signal(sig syscall.Signal, ends bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.cmd != nil && s.cmd.Process != nil {
		s.killed = s.killed || ends
		_ = s.cmd.Process.Signal(sig) // fails when it has just ended
	}
}

func (s *server) kill() { s.signal(syscall.SIGKILL, true) }

// rearm kills the process; the next one ends at this point.
func (s *server) rearm(point string) {
	s.mu.Lock()
	s.arming = point
	s.mu.Unlock()
	s.kill()
}

func (s *server) ready(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+s.address+"/readyz", nil)
	if err != nil {
		return false
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return false
	}
	_ = response.Body.Close()
	return response.StatusCode == http.StatusOK
}

func (s *server) awaitReady(ctx context.Context, patience time.Duration) error {
	for until := time.Now().Add(patience); ; {
		switch {
		case s.ready(ctx):
			return nil
		case ctx.Err() != nil:
			return ctx.Err()
		case time.Now().After(until):
			return fmt.Errorf("%s was not ready within %s: %s", s.name, patience, s.lastWords())
		}
		time.Sleep(20 * time.Millisecond)
	}
}

func (s *server) lastWords() string {
	text, _ := os.ReadFile(s.log.Name())
	return strings.TrimSpace(string(text[max(0, len(text)-1000):]))
}

// close asks it to stop, and insists.
func (s *server) close() {
	s.mu.Lock()
	s.closing = true
	s.mu.Unlock()
	s.signal(syscall.SIGCONT, false)
	s.signal(syscall.SIGTERM, true)
	select {
	case <-s.ended:
	case <-time.After(5 * time.Second):
		s.kill()
		<-s.ended
	}
	_ = s.log.Close()
}

// isArmed tells whether the process that runs, or the next, would end at a point.
func (s *server) isArmed() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.armed != "" || s.arming != ""
}
