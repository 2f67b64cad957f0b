//go:build linux || darwin

package embedded

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// database is the pg<major> folder; the zero value says that there is none yet.
type database struct {
	path     string
	major    int
	uid, gid int
}

func (d database) exists() bool { return d.path != "" }

// findDatabase looks for the newest pg<major>. It never falls back to an older one beside it: a shop that silently
// shows last year's data is worse than one that does not start.
func findDatabase(dir folder) (database, error) {
	entries, err := os.ReadDir(dir.path)
	if err != nil {
		return database{}, fmt.Errorf("read the data folder: %w", explain(err, dir.path))
	}
	var newest database
	for _, entry := range entries {
		major, isMajor := majorOf(entry.Name())
		if !isMajor || major < newest.major || isEmpty(dir.file(entry.Name())) {
			continue
		}
		newest = database{path: dir.file(entry.Name()), major: major}
	}
	if !newest.exists() {
		return database{}, nil
	}
	return newest.verified()
}

func majorOf(name string) (int, bool) {
	digits, ok := strings.CutPrefix(name, "pg")
	if !ok {
		return 0, false
	}
	major, err := strconv.Atoi(digits)
	return major, err == nil && major > 0
}

// isEmpty is true for what somebody made with mkdir. What we may not read is not ours to call empty.
func isEmpty(path string) bool {
	entries, err := os.ReadDir(path)
	return err == nil && len(entries) == 0
}

func (d database) verified() (database, error) {
	var err error
	if d.uid, d.gid, err = ownerOf(d.path); err != nil {
		return database{}, fmt.Errorf("look at the database: %w", err)
	}
	version, err := os.ReadFile(filepath.Join(d.path, "PG_VERSION"))
	switch {
	case errors.Is(err, fs.ErrPermission):
		return d, nil // of another user; chooseIdentity says so
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ENOTDIR):
		return database{}, fmt.Errorf("%s is not a PostgreSQL database (it has no PG_VERSION): move it away to start with an empty one", d.path)
	case err != nil:
		return database{}, fmt.Errorf("read the database's version: %w", err)
	}
	if found := strings.TrimSpace(string(version)); found != strconv.Itoa(d.major) {
		return database{}, fmt.Errorf("%s holds a database of PostgreSQL %s: rename the folder to pg%s, or move it away", d.path, found, found)
	}
	return d, nil
}

// clearStalePID removes postmaster.pid when its process id now belongs to a stranger, which PostgreSQL would take for
// itself. A dead process id is left to PostgreSQL, which knows how to look for survivors in shared memory.
func (d database) clearStalePID() error {
	path := filepath.Join(d.path, "postmaster.pid")
	content, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read %s: %w", path, err)
	}
	first, _, _ := strings.Cut(string(content), "\n")
	pid, err := strconv.Atoi(strings.TrimSpace(first))
	switch {
	case err == nil && pid > 0 && !alive(pid):
		return nil
	case err == nil && pid > 0 && serverRunsIn(pid, d.path):
		return fmt.Errorf("PostgreSQL, started by somebody else as process %d, already works on %s: end it (kill -INT %d), or set DATABASE_URL to use it",
			pid, d.path, pid)
	}
	if err := os.Remove(path); err != nil {
		return fmt.Errorf("remove a left-over lock file: %w", err)
	}
	return nil
}

func alive(pid int) bool {
	err := syscall.Kill(pid, 0)
	return err == nil || errors.Is(err, syscall.EPERM)
}
