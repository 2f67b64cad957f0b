package media

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Disk is a storage in a folder of this machine. Several machines need a folder that they share.
type Disk struct {
	folder string
	give   func(path string) error
}

var _ Storage = (*Disk)(nil)

// NewDisk keeps files in a folder, which is made with the first of them. What is new there is handed
// to give, so that files made by root belong to whoever owns the place.
func NewDisk(folder string, give func(path string) error) *Disk { return &Disk{folder, give} }

// unfinished is the folder of files that are being written; it holds none for longer than that takes.
const unfinished = "unfinished"

// Put writes beside the file's place and moves it there when every byte is on the disk.
func (d *Disk) Put(_ context.Context, name string, content []byte) error {
	if err := d.makeFolders(unfinished, filepath.Dir(name)); err != nil {
		return fmt.Errorf("make the folder of pictures: %w", err)
	}
	file, err := os.CreateTemp(filepath.Join(d.folder, unfinished), "*")
	if err != nil {
		return fmt.Errorf("begin a file: %w", err)
	}
	defer func() { _ = os.Remove(file.Name()) }() // not there any more when all went well
	_, err = file.Write(content)
	if err = errors.Join(err, file.Sync(), file.Close()); err != nil {
		return fmt.Errorf("write a file: %w", err)
	}
	if err := d.give(file.Name()); err != nil {
		return fmt.Errorf("give the file away: %w", err)
	}
	place := filepath.Join(d.folder, filepath.FromSlash(name))
	if err := os.Rename(file.Name(), place); err != nil {
		return fmt.Errorf("place a file: %w", err)
	}
	return syncFolder(filepath.Dir(place))
}

// makeFolders makes folders below the storage's own, and that one, where they are missing.
func (d *Disk) makeFolders(names ...string) error {
	for _, name := range names {
		if err := d.makeFolder(filepath.Join(d.folder, filepath.FromSlash(name))); err != nil {
			return err
		}
	}
	return nil
}

func (d *Disk) makeFolder(path string) error {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return nil
	}
	if parent := filepath.Dir(path); parent != path {
		if err := d.makeFolder(parent); err != nil {
			return err
		}
	}
	err := os.Mkdir(path, 0o755)
	if errors.Is(err, fs.ErrExist) {
		return nil // somebody was faster; a file in the way is noticed by whoever writes below it
	}
	if err != nil {
		return err
	}
	return errors.Join(d.give(path), syncFolder(filepath.Dir(path)))
}

// syncFolder makes sure that a name outlives a loss of power.
func syncFolder(path string) error {
	folder, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("open a folder: %w", err)
	}
	if err := errors.Join(folder.Sync(), folder.Close()); err != nil {
		return fmt.Errorf("sync a folder: %w", err)
	}
	return nil
}

// Open reads a file below the folder; no name leads out of it.
func (d *Disk) Open(_ context.Context, name string) (io.ReadSeekCloser, error) {
	root, err := os.OpenRoot(d.folder)
	if err != nil {
		return nil, err
	}
	file, err := root.Open(filepath.FromSlash(name))
	_ = root.Close() // the file stays open
	if err != nil {
		return nil, err
	}
	return file, nil
}

// Delete removes files, and the folders that they leave empty.
func (d *Disk) Delete(_ context.Context, names ...string) error {
	for _, name := range names {
		path := filepath.Join(d.folder, filepath.FromSlash(name))
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		for range strings.Count(name, "/") {
			path = filepath.Dir(path)
			_ = os.Remove(path) // fails while it holds something
		}
	}
	return d.tidy()
}

// tidy removes what a crash left half written.
func (d *Disk) tidy() error {
	entries, err := os.ReadDir(filepath.Join(d.folder, unfinished))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	for _, entry := range entries {
		if info, err := entry.Info(); err == nil && time.Since(info.ModTime()) > keepUnused {
			_ = os.Remove(filepath.Join(d.folder, unfinished, entry.Name()))
		}
	}
	return err
}
