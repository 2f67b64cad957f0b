package idempotency_test

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cartwright/internal/idempotency"
	"cartwright/internal/postgres"
	"cartwright/internal/postgres/pgtest"
)

var command = idempotency.Command{Scope: "guest POST /things", Key: "key-1", Hash: []byte("body")}

func ok(text string) idempotency.Reply {
	return idempotency.Reply{
		Status: http.StatusCreated, ContentType: "application/json", Headers: map[string]string{"Location": "/things/1"}, Body: []byte(text),
	}
}

// modes are both ways to run a command.
func modes(store *idempotency.Store) map[string]func(context.Context, idempotency.Command, idempotency.Run) (idempotency.Reply, bool, error) {
	return map[string]func(context.Context, idempotency.Command, idempotency.Run) (idempotency.Reply, bool, error){
		"atomic": store.Do, "staged": store.DoStaged,
	}
}

var secret = []byte("a secret that only tests know, 0123456789")

// with is a store that seals with the first of these secrets.
func with(t *testing.T, db *postgres.DB, now func() time.Time, secrets ...[]byte) *idempotency.Store {
	t.Helper()
	store, err := idempotency.New(db, secrets, now)
	require.NoError(t, err)
	return store
}

func setup(t *testing.T) (*idempotency.Store, *postgres.DB, func(time.Duration)) {
	t.Helper()
	db := pgtest.New(t)
	_, err := db.Exec(t.Context(), `CREATE TABLE effects (what text)`)
	require.NoError(t, err)
	var mu sync.Mutex
	now := time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)
	store := with(t, db, func() time.Time {
		mu.Lock()
		defer mu.Unlock()
		return now
	}, secret)
	return store, db, func(d time.Duration) {
		mu.Lock()
		defer mu.Unlock()
		now = now.Add(d)
	}
}

func effects(t *testing.T, db *postgres.DB) (count int) {
	t.Helper()
	require.NoError(t, db.QueryRow(t.Context(), `SELECT count(*) FROM effects`).Scan(&count))
	return count
}

func TestAReplyIsKeptByteForByte(t *testing.T) {
	t.Parallel()
	for _, mode := range []string{"atomic", "staged"} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			store, _, _ := setup(t)
			do := modes(store)[mode]
			want := ok("{\"a\": 1,\n\t\"b\":1.10}\n\x00\xff")
			got, replayed, err := do(t.Context(), command, func(context.Context) (idempotency.Reply, error) { return want, nil })
			require.NoError(t, err)
			require.False(t, replayed)
			require.Equal(t, want, got)
			got, replayed, err = do(t.Context(), command, never(t))
			require.NoError(t, err)
			require.True(t, replayed)
			require.Equal(t, want, got)

			other := command
			other.Hash = []byte("another body")
			_, _, err = do(t.Context(), other, never(t))
			require.ErrorIs(t, err, idempotency.ErrReused)
		})
	}
}

func never(t *testing.T) idempotency.Run {
	return func(context.Context) (idempotency.Reply, error) {
		t.Error("the command ran again")
		return idempotency.Reply{}, nil
	}
}

func TestAnAtomicCommandAndItsReplyCommitTogether(t *testing.T) {
	t.Parallel()
	store, db, _ := setup(t)
	run := func(reply idempotency.Reply, failure error) idempotency.Run {
		return func(ctx context.Context) (idempotency.Reply, error) {
			require.True(t, postgres.InsideTx(ctx))
			_, err := db.Exec(ctx, `INSERT INTO effects VALUES ('done')`)
			require.NoError(t, err)
			return reply, failure
		}
	}
	crash := errors.New("crash")
	_, _, err := store.Do(t.Context(), command, run(idempotency.Reply{}, crash))
	require.ErrorIs(t, err, crash)
	require.Zero(t, effects(t, db))

	const refuse = `CREATE CONSTRAINT TRIGGER refuse AFTER INSERT ON effects DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse()`
	for _, statement := range []string{
		`CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'not committed'; END $$`, refuse,
	} {
		_, err = db.Exec(t.Context(), statement)
		require.NoError(t, err)
	}
	_, _, err = store.Do(t.Context(), command, run(ok("done"), nil))
	require.ErrorContains(t, err, "not committed")
	known, err := store.Known(t.Context(), command)
	require.NoError(t, err)
	require.False(t, known, "no reply is kept of what was not done")
	_, err = db.Exec(t.Context(), `DROP TRIGGER refuse ON effects`)
	require.NoError(t, err)

	discarded := ok("later")
	discarded.Status, discarded.Discard = http.StatusServiceUnavailable, true
	reply, replayed, err := store.Do(t.Context(), command, run(discarded, nil))
	require.NoError(t, err)
	require.False(t, replayed)
	require.Equal(t, discarded, reply)
	require.Zero(t, effects(t, db))

	refused := ok("no")
	refused.Status = http.StatusConflict
	_, _, err = store.Do(t.Context(), command, run(refused, nil))
	require.NoError(t, err)
	require.Zero(t, effects(t, db), "half of a refused command is undone, its reply is kept")
	reply, replayed, err = store.Do(t.Context(), command, never(t))
	require.NoError(t, err)
	require.True(t, replayed)
	require.Equal(t, refused, reply)
}

func TestAStagedCommandHoldsItsKeyUntilItsClaimRunsOut(t *testing.T) {
	t.Parallel()
	store, _, pass := setup(t)
	crashed := func(ctx context.Context) (idempotency.Reply, error) {
		require.False(t, postgres.InsideTx(ctx), "nothing is open while it speaks to the outside")
		_, _, err := store.DoStaged(ctx, command, never(t))
		require.ErrorIs(t, err, idempotency.ErrInUse)
		pass(91 * time.Second) // as if the process had died: another takes the key over
		reply, replayed, err := store.DoStaged(ctx, command, func(context.Context) (idempotency.Reply, error) { return ok("second"), nil })
		require.NoError(t, err)
		require.False(t, replayed)
		return reply, nil
	}
	_, _, err := store.DoStaged(t.Context(), command, crashed)
	require.NoError(t, err)
	reply, replayed, err := store.DoStaged(t.Context(), command, never(t))
	require.NoError(t, err)
	require.True(t, replayed)
	require.Equal(t, "second", string(reply.Body))
}

func TestAStagedFailureLeavesTheKeyFree(t *testing.T) {
	t.Parallel()
	store, _, _ := setup(t)
	ctx, cancel := context.WithCancel(t.Context())
	crash := errors.New("crash")
	_, _, err := store.DoStaged(ctx, command, func(context.Context) (idempotency.Reply, error) {
		cancel() // the client has left as well
		return idempotency.Reply{}, crash
	})
	require.ErrorIs(t, err, crash)
	reply, replayed, err := store.DoStaged(t.Context(), command, func(context.Context) (idempotency.Reply, error) { return ok("fine"), nil })
	require.NoError(t, err)
	require.False(t, replayed)
	require.Equal(t, "fine", string(reply.Body))
}

func TestKeysOfOthersAndForgottenKeysAreNew(t *testing.T) {
	t.Parallel()
	store, _, pass := setup(t)
	do := func(c idempotency.Command, text string) string {
		reply, _, err := store.Do(t.Context(), c, func(context.Context) (idempotency.Reply, error) { return ok(text), nil })
		require.NoError(t, err)
		return string(reply.Body)
	}
	other := command
	other.Scope = "user:1 POST /things"
	require.Equal(t, "mine", do(command, "mine"))
	require.Equal(t, "theirs", do(other, "theirs"))
	pass(71 * time.Hour)
	require.NoError(t, store.Prune(t.Context(), idempotency.Prune{}))
	require.Equal(t, "mine", do(command, "new"))
	pass(2 * time.Hour)
	require.NoError(t, store.Prune(t.Context(), idempotency.Prune{}))
	require.Equal(t, "new", do(command, "new"))
}
