package orders_test

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"cartwright/internal/orders"
)

func held(state orders.State) orders.State {
	state = paid(state)
	state.Review = orders.Held
	return state
}

func TestAnOrderOnHoldIsNotSentWhicheverWay(t *testing.T) {
	t.Parallel()
	r := setup(t)
	order := r.place(t)
	require.NoError(t, r.move(order.ID, held, orders.Cause{Type: "held", Actor: "system"}))
	ways := map[string]func(*orders.State){
		"packed":           func(s *orders.State) { s.Status = orders.Processing },
		"shipped":          func(s *orders.State) { s.Status, s.Fulfillment = orders.Shipped, orders.Fulfilled },
		"sent in part":     func(s *orders.State) { s.Fulfillment = orders.Partial },
		"sent":             func(s *orders.State) { s.Fulfillment = orders.Fulfilled },
		"released on exit": func(s *orders.State) { s.Fulfillment, s.Review = orders.Fulfilled, orders.Released },
	}
	for name, change := range ways {
		err := r.move(order.ID, func(s orders.State) orders.State { change(&s); return s }, orders.Cause{Type: "moved", Actor: "user:1"})
		require.ErrorIs(t, err, orders.ErrOnHold, name)
	}
	for _, status := range []orders.Status{orders.Processing, orders.Shipped} {
		_, err := r.orders.SetStatus(t.Context(), order.ID, status, orders.Cause{Type: "status_changed", Actor: "user:1"})
		require.ErrorIs(t, err, orders.ErrOnHold)
	}
	for range 2 { // again changes nothing
		released, err := r.orders.Release(t.Context(), order.ID, orders.Cause{Type: "released", Actor: "user:1", Reason: "called"})
		require.NoError(t, err)
		require.Equal(t, orders.Released, released.Review)
	}
	shipped, err := r.orders.SetStatus(t.Context(), order.ID, orders.Shipped, orders.Cause{Type: "status_changed", Actor: "user:1"})
	require.NoError(t, err)
	require.Equal(t, orders.Fulfilled, shipped.Fulfillment)
	events, err := r.orders.Events(t.Context(), order.ID)
	require.NoError(t, err)
	require.Len(t, events, 4)
	require.Equal(t, orders.Cause{Type: "released", Actor: "user:1", Reason: "called"}, events[2].Cause)
}

func TestOnlyAnOrderOnHoldIsReleased(t *testing.T) {
	t.Parallel()
	r := setup(t)
	order := r.place(t)
	_, err := r.orders.Release(t.Context(), order.ID, orders.Cause{Type: "released", Actor: "user:1"})
	require.ErrorIs(t, err, orders.ErrTransition)
	require.NoError(t, r.move(order.ID, held, orders.Cause{Type: "held", Actor: "system"}))
	require.NoError(t, r.move(order.ID, func(s orders.State) orders.State { s.Status = orders.Cancelled; return s }, orders.Cause{Type: "cancelled", Actor: "user:1"}))
	require.Equal(t, orders.Rejected, r.read(t, order.ID).Review, "its end decides")
	_, err = r.orders.Release(t.Context(), order.ID, orders.Cause{Type: "released", Actor: "user:1"})
	require.ErrorIs(t, err, orders.ErrTransition)
}

func TestAJudgementIsKeptWithAnEventOnce(t *testing.T) {
	t.Parallel()
	r := setup(t)
	order := r.place(t)
	for _, reasons := range [][]string{{"cards_per_ip"}, {"cards_per_ip"}, {"cards_per_ip", "declines_per_ip"}, {"cards_per_ip", "declines_per_ip"}} {
		r.tx(t, func(ctx context.Context, tx pgx.Tx) error {
			locked, err := r.orders.LockTx(ctx, tx, order.ID)
			if err != nil {
				return err
			}
			_, err = r.orders.JudgeTx(ctx, tx, locked, orders.Judgement{Verdict: "BLOCK", Reasons: reasons}, orders.Cause{Type: "payment_blocked", Actor: "system"})
			return err
		})
	}
	read := r.read(t, order.ID)
	require.Equal(t, orders.Judgement{Verdict: "BLOCK", Reasons: []string{"cards_per_ip", "declines_per_ip"}}, read.Judgement)
	require.Equal(t, order.State, read.State)
	events, err := r.orders.Events(t.Context(), order.ID)
	require.NoError(t, err)
	require.Len(t, events, 3)
}
