package app

import (
	"context"
	"io"
	"log/slog"
	"path/filepath"
	"time"

	"cartwright/internal/postgres/embedded"
)

// database is where the data is: a URL, and the server behind it when we run it ourselves.
type database struct {
	url    string
	server *embedded.Server // nil when DATABASE_URL says where
}

// openDatabase takes DATABASE_URL, else the server of the data folder, which it starts when it is
// not running. Errors are sentences that say what to do.
func openDatabase(ctx context.Context, config Config, progress io.Writer, logger *slog.Logger) (*database, error) {
	if config.DatabaseURL != "" {
		return &database{url: config.DatabaseURL}, nil
	}
	folder, err := filepath.Abs(config.DataDir)
	if err != nil {
		return nil, err
	}
	server, err := embedded.Open(ctx, embedded.Config{
		DataDir: folder, Download: true, Registry: config.PostgresMirror, Progress: progress, Logger: logger,
	})
	if err != nil {
		return nil, err
	}
	return &database{url: server.URL(), server: server}, nil
}

// gone is closed when a server of ours ends.
func (d *database) gone() <-chan struct{} {
	if d.server == nil {
		return nil
	}
	return d.server.Done()
}

// close stops the server if this process started it.
func (d *database) close() error {
	if d.server == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	return d.server.Stop(ctx)
}
