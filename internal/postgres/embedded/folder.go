//go:build linux || darwin

package embedded

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
)

const (
	lockFile     = "postgres.lock"
	stateFile    = "postgres.json"
	passwordFile = "postgres.password"
	logFile      = "postgres.log"
)

// folder is the data folder. What root writes into it is given to its owner, so that a start by root does not lock
// that owner out.
type folder struct {
	path     string
	uid, gid int
}

func openFolder(cfg Config) (folder, error) {
	if cfg.Temporary {
		parent := os.TempDir()
		if cfg.InMemory {
			parent = cmp.Or(memoryDir(), parent)
		}
		path, err := os.MkdirTemp(parent, "cartwright-pg-")
		if err != nil {
			return folder{}, fmt.Errorf("make a temporary folder for PostgreSQL: %w", explain(err, parent))
		}
		return folder{path: path, uid: os.Geteuid(), gid: os.Getegid()}, nil
	}
	if err := os.MkdirAll(cfg.DataDir, 0o755); err != nil {
		return folder{}, fmt.Errorf("make the data folder: %w", explain(err, cfg.DataDir))
	}
	uid, gid, err := ownerOf(cfg.DataDir)
	if err != nil {
		return folder{}, fmt.Errorf("look at the data folder: %w", err)
	}
	return folder{path: cfg.DataDir, uid: uid, gid: gid}, nil
}

func (f folder) file(name string) string { return filepath.Join(f.path, name) }

// tryLock returns nil when another process, or a server it left behind, holds the lock. Only closing gives the lock
// up, and only when the last inherited copy is closed too; LOCK_UN would take it from the server.
func (f folder) tryLock() (*os.File, error) {
	lock, err := os.OpenFile(f.file(lockFile), os.O_RDONLY|os.O_CREATE|syscall.O_NOFOLLOW, 0o644)
	if err != nil {
		return nil, fmt.Errorf("lock the data folder: %w", explain(err, f.path))
	}
	err = syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	switch {
	case err == nil:
		return lock, f.give(lock.Name())
	case errors.Is(err, syscall.EWOULDBLOCK):
		lock.Close()
		return nil, nil
	default:
		lock.Close()
		return nil, fmt.Errorf("lock %s: %w", lock.Name(), err)
	}
}

// write replaces a file in one step, so that a reader or a crash never meets half of it.
func (f folder) write(name string, content []byte, perm fs.FileMode) error {
	temp := f.file(name + ".new")
	if err := os.Remove(temp); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return explain(err, f.path)
	}
	if err := os.WriteFile(temp, content, perm); err != nil {
		return explain(err, f.path)
	}
	if err := f.give(temp); err != nil {
		return err
	}
	return explain(os.Rename(temp, f.file(name)), f.path)
}

func (f folder) give(path string) error {
	if os.Geteuid() != 0 || f.uid == 0 {
		return nil
	}
	return os.Lchown(path, f.uid, f.gid)
}

func ownerOf(path string) (uid, gid int, err error) {
	info, err := os.Stat(path)
	if err != nil {
		return 0, 0, err
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return 0, 0, fmt.Errorf("%s has no owner", path)
	}
	return int(stat.Uid), int(stat.Gid), nil
}

func userName(uid int) string {
	if u, err := user.LookupId(strconv.Itoa(uid)); err == nil {
		return u.Username
	}
	return strconv.Itoa(uid)
}
