package idempotency_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"cartwright/internal/idempotency"
)

// keep stores a reply to the command in one of both ways.
func keep(t *testing.T, store *idempotency.Store, mode string, command idempotency.Command, text string) {
	t.Helper()
	_, replayed, err := modes(store)[mode](t.Context(), command, func(context.Context) (idempotency.Reply, error) { return ok(text), nil })
	require.NoError(t, err)
	require.False(t, replayed)
}

func TestTheDatabaseDoesNotTellWhatWasAnswered(t *testing.T) {
	t.Parallel()
	for _, mode := range []string{"atomic", "staged"} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			store, db, _ := setup(t)
			keep(t, store, mode, command, `{"orderToken":"canary-token"}`)
			var dump string
			require.NoError(t, db.QueryRow(t.Context(), `SELECT k::text || encode(body, 'escape') FROM idempotency_keys k`).Scan(&dump))
			require.NotContains(t, dump, "canary")
			other := command
			other.Key = "key-2"
			keep(t, store, mode, other, "another")
			_, err := db.Exec(t.Context(), `UPDATE idempotency_keys SET body = (SELECT body FROM idempotency_keys WHERE key = 'key-1') WHERE key = 'key-2'`)
			require.NoError(t, err)
			_, _, err = modes(store)[mode](t.Context(), other, never(t))
			require.ErrorIs(t, err, idempotency.ErrLost, "put into another's place")
		})
	}
}

func TestRepliesOutliveTheSecretThatSealsThemAsLongAsItIsKnown(t *testing.T) {
	t.Parallel()
	store, db, _ := setup(t)
	keep(t, store, "atomic", command, "mine")
	next := []byte("the secret that follows, 0123456789")
	reply, replayed, err := with(t, db, time.Now, next, secret).Do(t.Context(), command, never(t))
	require.NoError(t, err)
	require.True(t, replayed)
	require.Equal(t, "mine", string(reply.Body))
	_, _, err = with(t, db, time.Now, next).Do(t.Context(), command, never(t))
	require.ErrorIs(t, err, idempotency.ErrLost, "it is not done again")

	_, err = db.Exec(t.Context(), `UPDATE idempotency_keys SET body = 'plain', sealed = false`)
	require.NoError(t, err)
	reply, _, err = store.Do(t.Context(), command, never(t))
	require.NoError(t, err)
	require.Equal(t, "plain", string(reply.Body), "from before replies were sealed")
}

func TestRepliesToSomebodyAreForgottenByAnIndex(t *testing.T) {
	t.Parallel()
	store, db, _ := setup(t)
	user, order := uuid.New(), uuid.New()
	scopes := map[string]string{
		"of":  fmt.Sprintf("user:%s POST /api/v1/carts", user),
		"at":  fmt.Sprintf("guest POST /api/v1/orders/%s/payment 0123abcd", order),
		"not": fmt.Sprintf("user:%s POST /api/v1/orders/%s/cancel", uuid.New(), uuid.New()),
	}
	for key, scope := range scopes {
		keep(t, store, map[bool]string{true: "staged", false: "atomic"}[key == "at"], idempotency.Command{Scope: scope, Key: key, Hash: []byte("body")}, "kept")
	}
	_, err := db.Exec(t.Context(), `INSERT INTO idempotency_keys (scope, named, key, request_hash, status, created_at)
		SELECT 'guest', ARRAY[gen_random_uuid()], n::text, '', 200, now() FROM generate_series(1, 5000) n`)
	require.NoError(t, err)
	_, err = db.Exec(t.Context(), `ANALYZE idempotency_keys`)
	require.NoError(t, err)
	rows, err := db.Query(t.Context(), `EXPLAIN DELETE FROM idempotency_keys WHERE named && $1::uuid[]`, []uuid.UUID{user, order})
	require.NoError(t, err)
	plan, err := pgx.CollectRows(rows, pgx.RowTo[string])
	require.NoError(t, err)
	require.Contains(t, fmt.Sprint(plan), "idempotency_keys_by_named")
	require.NoError(t, db.InTx(t.Context(), func(ctx context.Context, tx pgx.Tx) error { return store.ForgetTx(ctx, tx, []uuid.UUID{user, order}) }))
	var left string
	require.NoError(t, db.QueryRow(t.Context(), `SELECT string_agg(key, ' ') FROM idempotency_keys WHERE scope <> 'guest'`).Scan(&left))
	require.Equal(t, "not", left)
}
