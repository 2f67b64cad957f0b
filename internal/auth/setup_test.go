package auth_test

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"cartwright/internal/auth"
	"cartwright/internal/errs"
	"cartwright/internal/jobs"
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

func (w *watch) set(now time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = now
}

// tokenOf is the challenge that an error carries.
func tokenOf(t *testing.T, err error) string {
	t.Helper()
	var known *errs.Error
	require.ErrorAs(t, err, &known)
	require.NotEmpty(t, known.Challenge)
	return known.Challenge
}

// setup is a service with one customer.
func setup(t *testing.T) (*auth.Service, *postgres.DB, *watch) {
	t.Helper()
	db := pgtest.New(t)
	clock := &watch{now: time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)}
	service := with(t, db, clock, secret)
	require.NoError(t, service.CreateUser(t.Context(), email, password, auth.Customer))
	return service, db, clock
}

// with is a service on a database, with these secrets, that hashes cheaply.
func with(t *testing.T, db *postgres.DB, clock *watch, secrets ...[]byte) *auth.Service {
	t.Helper()
	return hashing(t, db, clock, auth.HashCost{Memory: 64, Iterations: 1}, secrets...)
}

// hashing is a service that hashes at this cost.
func hashing(t *testing.T, db *postgres.DB, clock *watch, cost auth.HashCost, secrets ...[]byte) *auth.Service {
	t.Helper()
	queue, err := jobs.New(db, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	jobs.Handle(queue, func(context.Context, auth.SendLetter) error { return nil })
	service, err := auth.New(auth.Config{DB: db, Secrets: secrets, Jobs: queue, HashCost: cost, Now: clock.Now})
	require.NoError(t, err)
	return service
}

// login signs the customer in.
func login(t *testing.T, service *auth.Service) auth.TokenPair {
	t.Helper()
	pair, err := service.Login(t.Context(), auth.Login{Email: email, Password: password})
	require.NoError(t, err)
	return pair
}

// written are the letters that jobs would send now, the oldest first.
func written(t *testing.T, service *auth.Service, db *postgres.DB) (letters []auth.Letter) {
	t.Helper()
	rows, err := db.Query(t.Context(), `SELECT (args->>'letterId')::uuid FROM river_job WHERE kind = 'auth_send_letter' ORDER BY id`)
	require.NoError(t, err)
	ids, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	require.NoError(t, err)
	for _, id := range ids {
		letter, owed, err := service.Write(t.Context(), id)
		require.NoError(t, err)
		if owed {
			letters = append(letters, letter)
		}
	}
	return letters
}

// last is the letter written last.
func last(t *testing.T, service *auth.Service, db *postgres.DB, purpose auth.Purpose) auth.Letter {
	t.Helper()
	letters := written(t, service, db)
	require.NotEmpty(t, letters)
	letter := letters[len(letters)-1]
	require.Equal(t, purpose, letter.Purpose)
	return letter
}

// together runs n functions at once and waits for all.
func together(n int, run func(i int)) {
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() { run(i) })
	}
	all.Wait()
}

// patiently tries again while too many try at once.
func patiently(try func() error) (err error) {
	for err = try(); errors.Is(err, auth.ErrBusy); {
		err = try()
	}
	return err
}
