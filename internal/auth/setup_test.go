package auth_test

import (
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cartwright/internal/auth"
	"cartwright/internal/postgres"
	"cartwright/internal/postgres/pgtest"
)

const (
	email    = "someone@example.com"
	password = "a password of tests"
)

var secret = []byte("a secret that only tests know, 0123456789")

// watch is a clock that tests move.
type watch struct {
	mu  sync.Mutex
	now time.Time
}

func (w *watch) Now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *watch) add(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d)
}

// setup is a service with one customer.
func setup(t *testing.T) (*auth.Service, *postgres.DB, *watch) {
	t.Helper()
	db := pgtest.New(t)
	clock := &watch{now: time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)}
	service, err := auth.New(db, secret, clock.Now)
	require.NoError(t, err)
	require.NoError(t, service.CreateUser(t.Context(), email, password, auth.Customer))
	return service, db, clock
}
