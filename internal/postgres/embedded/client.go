//go:build linux || darwin

package embedded

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
)

// FindProgram returns the path of a program that comes with PostgreSQL, such as pg_dump: that of the same folder as the
// server that Open would start, else the one on PATH.
func FindProgram(ctx context.Context, name string) (string, error) {
	for _, dir := range (&launch{}).binDirs(ctx) {
		path := filepath.Join(dir, name)
		if info, err := os.Stat(path); err == nil && !info.IsDir() {
			return path, nil
		}
	}
	return exec.LookPath(name)
}
