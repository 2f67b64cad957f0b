//go:build !linux && !darwin

package embedded

import (
	"context"
	"fmt"
	"os/exec"
	"runtime"
)

// Open starts PostgreSQL on Linux and macOS. Elsewhere it says what to do instead.
func Open(context.Context, Config) (*Server, error) {
	return nil, fmt.Errorf("starting PostgreSQL is not supported on %s: set DATABASE_URL to a PostgreSQL 15 or newer", runtime.GOOS)
}

// FindProgram returns the path of a program that comes with PostgreSQL.
func FindProgram(_ context.Context, name string) (string, error) { return exec.LookPath(name) }
