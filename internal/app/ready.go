package app

import (
	"context"
	"errors"
	"time"

	"cartwright/internal/postgres"
)

var (
	errDraining = errors.New("the process is stopping")
	errPending  = errors.New("the database waits for migrations: run `cartwright migrate up`")
)

// ready tells why the process cannot serve, if it cannot.
func (s *Shop) ready(ctx context.Context) error {
	if s.draining.Load() {
		return errDraining
	}
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	if err := s.db.Ping(ctx); err != nil {
		return errors.New("the database does not answer")
	}
	if s.migrated.Load() {
		return nil
	}
	err := migrated(ctx, s.url)
	switch {
	case errors.Is(err, errPending):
		return err
	case err != nil:
		return errors.New("the database's migrations cannot be read")
	}
	s.migrated.Store(true)
	return nil
}

// migrated is errPending while a migration waits.
func migrated(ctx context.Context, url string) error {
	migrator, err := postgres.NewMigrator(ctx, url)
	if err != nil {
		return err
	}
	defer migrator.Close()
	pending, err := migrator.Pending(ctx)
	if err == nil && pending {
		err = errPending
	}
	return err
}
