package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// shop is the binary, and its process while it serves.
type shop struct {
	binary  string
	url     string // of the database
	address string
	cmd     *exec.Cmd
	said    *os.File
	ended   chan error
}

func newShop(binary, url string) (*shop, error) {
	path, err := filepath.Abs(binary)
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat(path); err != nil {
		return nil, fmt.Errorf("find the binary: %w", err)
	}
	port, err := freePort()
	return &shop{binary: path, url: url, address: "127.0.0.1:" + strconv.Itoa(port)}, err
}

func freePort() (int, error) {
	listener, err := new(net.ListenConfig).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return 0, fmt.Errorf("find a free port: %w", err)
	}
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port, nil
}

// environment is all that the shop is told. The keys open nothing: no payment is asked for.
func (s *shop) environment(cmd *exec.Cmd) []string {
	_, port, _ := net.SplitHostPort(s.address)
	return append(cmd.Environ(),
		"DATABASE_URL="+s.url, "PORT="+port, "PUBLIC_URL=http://"+s.address, "LOG_LEVEL=WARN", "REDIS_URL=",
		"STRIPE_SECRET_KEY=sk_test_bench", "STRIPE_PUBLISHABLE_KEY=pk_test_bench", "STRIPE_WEBHOOK_SECRET=whsec_of_a_bench",
		"STRIPE_API_BASE=http://127.0.0.1:1", "JWT_SECRET=q7Zr2mX9vT4kW8bN3cL6yH1sD5fG0jPu5aE",
		"BOOTSTRAP_ADMIN_EMAIL=", "BOOTSTRAP_ADMIN_PASSWORD=", "TAX_RATE=0.08", "SHOP_CURRENCY=USD",
		"RATE_LIMIT_MAX=0", "RATE_LIMIT_WINDOW=", "TRUSTED_PROXIES=127.0.0.0/8", "CORS_ORIGINS=")
}

// command runs the binary to its end and answers what it printed and how long it took.
func (s *shop) command(ctx context.Context, patience time.Duration, args ...string) (string, time.Duration, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, s.binary, args...)
	cmd.Env = s.environment(cmd)
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = 10 * time.Second
	var output bytes.Buffer
	cmd.Stdout, cmd.Stderr = &output, &output
	began := time.Now()
	err := cmd.Run()
	took := time.Since(began)
	if err != nil {
		err = fmt.Errorf("cartwright %s: %w: %s", strings.Join(args, " "), err, strings.TrimSpace(output.String()))
	}
	return output.String(), took, err
}

// has tells whether the binary knows a command.
func (s *shop) has(ctx context.Context, command string) bool {
	output, _, err := s.command(ctx, 10*time.Second, "help")
	return err == nil && strings.Contains(output, "\n  "+command+" ")
}

// serve starts the process and answers after how long it was ready.
func (s *shop) serve(ctx context.Context) (time.Duration, error) {
	said, err := os.CreateTemp("", "cartwright-bench-*.log")
	if err != nil {
		return 0, err
	}
	s.said = said
	s.cmd = exec.Command(s.binary, "serve") //nolint:noctx // it is asked to stop, not killed
	s.cmd.Env = s.environment(s.cmd)
	s.cmd.Stdout, s.cmd.Stderr = said, said
	began := time.Now()
	if err := s.cmd.Start(); err != nil {
		return 0, fmt.Errorf("start the shop: %w", err)
	}
	s.ended = make(chan error, 1)
	go func() { s.ended <- s.cmd.Wait() }()
	for time.Since(began) < 30*time.Second {
		if s.ready(ctx) {
			return time.Since(began), nil
		}
		select {
		case err := <-s.ended:
			s.ended <- err
			return 0, fmt.Errorf("the shop ended: %w: %s", err, s.log())
		case <-ctx.Done():
			return 0, ctx.Err()
		case <-time.After(2 * time.Millisecond):
		}
	}
	return 0, fmt.Errorf("the shop was not ready in 30 s: %s", s.log())
}

func (s *shop) ready(ctx context.Context) bool {
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

// log is the end of what the process said.
func (s *shop) log() string {
	text, _ := os.ReadFile(s.said.Name())
	return strings.TrimSpace(string(text[max(0, len(text)-2000):]))
}

// resident is the process's memory in megabytes.
func (s *shop) resident(ctx context.Context) (float64, error) {
	output, err := exec.CommandContext(ctx, "ps", "-o", "rss=", "-p", strconv.Itoa(s.cmd.Process.Pid)).Output()
	if err != nil {
		return 0, fmt.Errorf("read the shop's memory: %w", err)
	}
	kilobytes, err := strconv.ParseFloat(strings.TrimSpace(string(output)), 64)
	return kilobytes / 1024, err
}

// close asks the process to stop, and insists.
func (s *shop) close() error {
	if s.cmd == nil || s.ended == nil {
		return nil
	}
	defer func() { _ = os.Remove(s.said.Name()); _ = s.said.Close() }()
	_ = s.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case err := <-s.ended:
		return err
	case <-time.After(40 * time.Second):
		_ = s.cmd.Process.Kill()
		return errors.Join(errors.New("the shop did not stop when asked to"), <-s.ended)
	}
}
