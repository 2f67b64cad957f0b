package fraud_test

import (
	"context"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"cartwright/internal/fraud"
)

// The tries are locked as by a query that never ends: a payment that is judged meanwhile asks no other connection, and
// of the callers who refresh only the one that queries waits.
func TestSurge_NoTransactionWaitsForItsQuery(t *testing.T) {
	t.Parallel()
	rules := fraud.Rules{DeclinesPerAddress: 4, Surge: fraud.Surge{Window: time.Minute, Share: 50, Tries: 1}}
	r := setup(t, rules)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	refreshed := make(chan error, 1)
	require.NoError(t, r.db.InTx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		_, err := tx.Exec(ctx, "LOCK TABLE payment_tries IN ACCESS EXCLUSIVE MODE")
		require.NoError(t, err)
		go func() { refreshed <- r.RefreshSurge(t.Context()) }()
		require.Eventually(t, func() bool {
			var waiting bool
			err := tx.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pg_locks WHERE relation = 'payment_tries'::regclass AND NOT granted)").Scan(&waiting)
			return err == nil && waiting
		}, time.Minute, time.Millisecond)
		try := r.try()
		verdict, err := r.AdmitTx(ctx, tx, try)
		require.NoError(t, err)
		require.Equal(t, fraud.Allow, verdict.Decision)
		_, err = r.ConcludeTx(ctx, tx, try.Who, news(try, false))
		require.NoError(t, err)
		require.NoError(t, r.RefreshSurge(ctx), "another caller")
		return nil
	}))
	<-refreshed //nolint:errcheck // in time or not
	r.pass(time.Minute / 2)
	require.NoError(t, r.RefreshSurge(ctx))
	for range 2 {
		r.declined(t, r.try(fromOneAddress))
	}
	require.True(t, r.admit(t, r.try(fromOneAddress)).Blocked(), "the surge is seen at the next look")
}
