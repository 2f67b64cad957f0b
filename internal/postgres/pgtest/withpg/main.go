// Command withpg runs a command beside a throw-away PostgreSQL, so that all test processes of one `go test ./...`
// share a server instead of starting one each:
//
//	go run ./internal/postgres/pgtest/withpg -- go test ./...
//
// The command finds the server in CARTWRIGHT_TEST_DATABASE_URL. Signals are passed on, the exit code is the
// command's, and server and folder are gone afterwards. If the variable is set already, its server is used.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"time"

	"cartwright/internal/postgres/pgtest"
)

func main() { os.Exit(run(os.Args[1:])) }

func run(args []string) int {
	if len(args) > 0 && args[0] == "--" {
		args = args[1:]
	}
	if len(args) == 0 {
		fmt.Fprintln(os.Stderr, "usage: withpg -- command [argument ...]")
		return 2
	}
	// From here on signals end the command, not us before the server is stopped.
	signals := make(chan os.Signal, 8)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	env, stop, err := server(signals)
	if err != nil {
		fmt.Fprintln(os.Stderr, "withpg:", err)
		return 1
	}
	defer stop()
	return command(args, env, signals)
}

// server returns the environment that names it, and what ends it.
func server(signals <-chan os.Signal) (env []string, stop func(), err error) {
	if os.Getenv(pgtest.EnvURL) != "" {
		return os.Environ(), func() {}, nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	go func() {
		select {
		case <-signals:
			cancel()
		case <-ctx.Done():
		}
	}()
	started, err := pgtest.Start(ctx)
	if err != nil {
		return nil, nil, err
	}
	stop = func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := started.Stop(ctx); err != nil {
			fmt.Fprintln(os.Stderr, "withpg:", err)
		}
	}
	return append(os.Environ(), pgtest.EnvURL+"="+started.URL()), stop, nil
}

func command(args, env []string, signals <-chan os.Signal) int {
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr, cmd.Env = os.Stdin, os.Stdout, os.Stderr, env
	if err := cmd.Start(); err != nil {
		fmt.Fprintln(os.Stderr, "withpg:", err)
		return 127
	}
	ended := make(chan struct{})
	defer close(ended)
	go func() {
		for {
			select {
			case sig := <-signals:
				_ = cmd.Process.Signal(sig) // fails only when it has ended
			case <-ended:
				return
			}
		}
	}()
	return exitCode(cmd.Wait())
}

// exitCode is the shell's: 128 and the signal's number for a command that a signal ended.
func exitCode(err error) int {
	var exit *exec.ExitError
	switch {
	case err == nil:
		return 0
	case !errors.As(err, &exit):
		fmt.Fprintln(os.Stderr, "withpg:", err)
		return 1
	}
	if status, ok := exit.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return 128 + int(status.Signal())
	}
	return exit.ExitCode()
}
