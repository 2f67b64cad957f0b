//go:build linux || darwin

package embedded

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// launch is one start of a server, from the locked folder to the first connection.
type launch struct {
	Config
	dir  folder
	lock *os.File

	data     database
	who      identity
	programs programs
	password string
}

func (l *launch) start(ctx context.Context) (*Server, error) {
	if err := l.prepare(ctx); err != nil {
		return nil, err
	}
	server, err := l.serve(ctx)
	if errors.Is(err, errWrongPassword) {
		if err := l.resetPassword(ctx); err != nil {
			return nil, err
		}
		server, err = l.serve(ctx)
	}
	if err != nil {
		return nil, fmt.Errorf("start PostgreSQL: %w", err)
	}
	return server, nil
}

// prepare leaves a complete database, its password and the programs to run it.
func (l *launch) prepare(ctx context.Context) error {
	// The state of a dead server. While we hold the lock nobody may read it as that of ours.
	if err := os.RemoveAll(l.dir.file(stateFile)); err != nil {
		return fmt.Errorf("remove a left-over file: %w", explain(err, l.dir.path))
	}
	if err := l.clearLeftovers(); err != nil {
		return err
	}
	var err error
	if l.data, err = findDatabase(l.dir); err != nil {
		return err
	}
	if l.who, err = chooseIdentity(l.dir, l.data); err != nil {
		return err
	}
	if l.programs, err = l.findPrograms(ctx); err != nil {
		return err
	}
	if err := l.ensurePassword(); err != nil {
		return err
	}
	if l.data.exists() {
		return l.data.clearStalePID()
	}
	if l.Temporary {
		// The watcher that removes the folder runs as the server's user.
		if err := l.who.own(l.dir.path); err != nil {
			return fmt.Errorf("give %s to user %s: %w", l.dir.path, l.who.name, err)
		}
	}
	return l.initdb(ctx)
}

// program is a run of initdb or postgres that ends with this process.
func (l *launch) program(work workplace, name string, args ...string) program {
	p := program{
		identity: l.who, lock: l.lock, work: work,
		signal: "INT", path: filepath.Join(l.programs.dir, name), args: args,
	}
	if l.Temporary {
		p.signal, p.remove = "QUIT", l.dir.path
	}
	return p
}
