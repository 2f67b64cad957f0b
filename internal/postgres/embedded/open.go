//go:build linux || darwin

package embedded

import (
	"context"
	"fmt"
	"os"
	"time"
)

const (
	// attachPatience is how long Open waits for the process that holds the lock to become ready, or to go.
	attachPatience = 60 * time.Second
	// orphanPatience is how long a server whose starter is dead gets to end before Open attaches to it all the same.
	orphanPatience = 5 * time.Second
	pollEvery      = 20 * time.Millisecond
)

// Open attaches to the server that runs on the data folder, else starts one. It returns when the server accepts
// connections and database and role cartwright exist. Errors are sentences that tell a person what to do.
func Open(ctx context.Context, cfg Config) (*Server, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	dir, err := openFolder(cfg)
	if err != nil {
		return nil, err
	}
	began := time.Now()
	for {
		lock, err := dir.tryLock()
		if err != nil {
			return nil, err
		}
		if lock != nil {
			return start(ctx, cfg, dir, lock)
		}
		server, err := attach(ctx, dir, time.Since(began) > orphanPatience)
		if server != nil || err != nil {
			return server, err
		}
		if err := pause(ctx, began, dir); err != nil {
			return nil, err
		}
	}
}

func pause(ctx context.Context, began time.Time, dir folder) error {
	if time.Since(began) > attachPatience {
		return fmt.Errorf("another process holds %s, but its PostgreSQL does not answer: end that process, or set DATA_DIR to another folder",
			dir.file(lockFile))
	}
	select {
	case <-ctx.Done():
		return fmt.Errorf("wait for the PostgreSQL of another process: %w", context.Cause(ctx))
	case <-time.After(pollEvery):
		return nil
	}
}

// start launches a server under the lock, which then belongs to the server.
func start(ctx context.Context, cfg Config, dir folder, lock *os.File) (*Server, error) {
	l := &launch{Config: cfg, dir: dir, lock: lock}
	server, err := l.start(ctx)
	if err == nil {
		return server, nil
	}
	lock.Close()
	if cfg.Temporary {
		_ = os.RemoveAll(dir.path)
	}
	return nil, err
}
