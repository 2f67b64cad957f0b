// Package stripemock runs Stripe's own stateless mock server for tests: v0.180.0, the
// release of API version 2023-10-16. Its answers are canned, so it judges requests only:
// a parameter Stripe does not know, or of the wrong type, is answered with 400.
//
// Owns: finding, building, starting and stopping the mock, and its OpenAPI document.
// Does not own: anything it answers.
// Words: *modfile* is the module file that pins it, apart from the service's own.
package stripemock

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"net/http"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// patience bounds building and starting, which a cold cache makes slow.
const patience = 3 * time.Minute

// Start runs the mock on a free port until the test ends and returns its base URL.
func Start(t testing.TB) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	program := strings.TrimSpace(goCommand(ctx, t, "tool", "-n", "-modfile="+modfile(ctx, t), "stripe-mock"))
	baseURL, err := run(ctx, t, program)
	if err != nil {
		t.Fatalf("start stripe-mock: %v", err)
	}
	return baseURL
}

// SpecPath is where the mock's OpenAPI document of Stripe's API lies.
func SpecPath(t testing.TB) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	file := modfile(ctx, t)
	goCommand(ctx, t, "mod", "download", "-modfile="+file, "github.com/stripe/stripe-mock")
	dir := goCommand(ctx, t, "list", "-m", "-modfile="+file, "-f", "{{.Dir}}", "github.com/stripe/stripe-mock")
	return filepath.Join(strings.TrimSpace(dir), "embedded", "openapi", "spec3.json")
}

// run starts the program itself and not "go tool", so that stopping it leaves no child.
func run(ctx context.Context, t testing.TB, program string) (string, error) {
	cmd := exec.Command(program, "-http-addr", "127.0.0.1:0", "-https-addr", "127.0.0.1:0")
	output, err := cmd.StdoutPipe()
	if err != nil {
		return "", err
	}
	if err := cmd.Start(); err != nil {
		return "", err
	}
	addr := make(chan string, 1)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		lines := bufio.NewScanner(output)
		for lines.Scan() {
			if _, port, ok := strings.Cut(lines.Text(), "Listening for HTTP at address: "); ok {
				addr <- port
			}
		}
	}()
	t.Cleanup(func() {
		_ = cmd.Process.Kill() // it may have ended already
		<-ended
		_ = cmd.Wait() // killed, so never nil
	})
	select {
	case found := <-addr:
		return answering(ctx, found)
	case <-ended:
		return "", fmt.Errorf("it ended at once")
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

// answering waits for the first answer.
func answering(ctx context.Context, addr string) (string, error) {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return "", err
	}
	baseURL := "http://" + net.JoinHostPort(host, port)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, baseURL+"/v1/balance", nil)
	if err != nil {
		return "", err
	}
	req.Header.Set("Authorization", "Bearer sk_test_123")
	transport := &http.Transport{DisableKeepAlives: true}
	resp, err := (&http.Client{Transport: transport}).Do(req)
	if err != nil {
		return "", err
	}
	return baseURL, resp.Body.Close()
}

// modfile is the pinning module file, found from the service's own.
func modfile(ctx context.Context, t testing.TB) string {
	t.Helper()
	main := strings.TrimSpace(goCommand(ctx, t, "env", "GOMOD"))
	return filepath.Join(filepath.Dir(main), "internal", "tools", "stripe-mock", "go.mod")
}

func goCommand(ctx context.Context, t testing.TB, args ...string) string {
	t.Helper()
	var stderr strings.Builder
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go %s: %v\n%s", strings.Join(args, " "), err, stderr.String())
	}
	return string(out)
}
