package app

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// dataDir is the folder where dev mode keeps what outlives it. What root writes there is given to
// the folder's owner, so that a start by root locks nobody out.
type dataDir struct {
	path  string // absolute
	owner owner
}

// openDataDir makes the folder when it is missing. Root makes it for the owner of the place it
// stands in, which in a checkout is whoever works there.
func openDataDir(path string) (dataDir, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return dataDir{}, fmt.Errorf("find the data folder: %w", err)
	}
	dir := dataDir{path: path}
	if err := dir.make(path); err != nil {
		return dir, err
	}
	dir.owner, err = ownerOf(path)
	return dir, err
}

// make is like os.MkdirAll, but each new folder belongs to the owner of its parent.
func (d dataDir) make(path string) error {
	info, err := os.Stat(path)
	switch {
	case err == nil && info.IsDir():
		return nil
	case err == nil:
		return d.explain(syscall.ENOTDIR)
	case !errors.Is(err, fs.ErrNotExist):
		return d.explain(err)
	}
	parent := filepath.Dir(path)
	if err := d.make(parent); err != nil {
		return err
	}
	if err := os.Mkdir(path, 0o755); err != nil && !errors.Is(err, fs.ErrExist) { // the database's user must pass
		return d.explain(err)
	}
	owner, err := ownerOf(parent)
	if err != nil {
		return err
	}
	return owner.give(path)
}

func (d dataDir) file(name string) string { return filepath.Join(d.path, name) }

// give hands a file to the folder's owner, if there is such a file.
func (d dataDir) give(name string) error {
	if err := d.owner.give(d.file(name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// readable tells in a sentence why a file cannot be read. A missing one is fine.
func (d dataDir) readable(name string) error {
	file, err := os.Open(d.file(name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return d.explain(err)
	}
	return file.Close()
}

// secret is the one kept in a file, which is made when there is none.
func (d dataDir) secret(name, prefix string) (string, error) {
	text, err := os.ReadFile(d.file(name))
	if kept := strings.TrimSpace(string(text)); err == nil && len(kept) >= minSecret {
		return kept, nil
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", d.explain(err)
	}
	var random [36]byte
	_, _ = rand.Read(random[:]) // never fails: crypto/rand ends the program first
	secret := prefix + base64.RawURLEncoding.EncodeToString(random[:])
	if err := os.WriteFile(d.file(name), []byte(secret+"\n"), 0o600); err != nil {
		return "", d.explain(err)
	}
	return secret, d.give(name)
}

// explain turns what the system says about the folder into a sentence on what to do.
func (d dataDir) explain(err error) error {
	var at *fs.PathError
	path := d.path
	if errors.As(err, &at) {
		path = at.Path
	}
	switch {
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("%s is not accessible to this user: run as its owner, or set DATA_DIR to another folder", path)
	case errors.Is(err, syscall.ENOSPC):
		return fmt.Errorf("the disk that holds %s is full: free some space and start again", path)
	case errors.Is(err, syscall.EROFS):
		return fmt.Errorf("%s is on a read-only disk: set DATA_DIR to a folder that can be written", path)
	case errors.Is(err, syscall.ENOTDIR):
		return fmt.Errorf("%s is not a folder: move it away, or set DATA_DIR to another place", path)
	}
	return fmt.Errorf("use the data folder: %w", err)
}
