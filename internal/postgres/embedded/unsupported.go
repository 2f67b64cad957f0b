//go:build !linux && !darwin

package embedded

import (
	"context"
	"fmt"
	"runtime"
)

// Open starts PostgreSQL on Linux and macOS. Elsewhere it says what to do instead.
func Open(context.Context, Config) (*Server, error) {
	return nil, fmt.Errorf("starting PostgreSQL is not supported on %s: set DATABASE_URL to a PostgreSQL 15 or newer", runtime.GOOS)
}
