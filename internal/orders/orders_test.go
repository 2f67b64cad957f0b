package orders_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"cartwright/internal/errs"
	"cartwright/internal/money"
	"cartwright/internal/orders"
	"cartwright/internal/page"
	"cartwright/internal/postgres"
	"cartwright/internal/postgres/pgtest"
)

type rig struct {
	db     *postgres.DB
	orders *orders.Service
}

func setup(t *testing.T) rig {
	t.Helper()
	database := pgtest.New(t)
	return rig{database, orders.New(database, page.NewCodec([]byte("a key of tests")), time.Now)}
}

func (r rig) place(t require.TestingT) orders.Order {
	zero := money.New(0, "USD")
	var order orders.Order
	require.NoError(t, r.db.InTx(context.Background(), func(ctx context.Context, tx pgx.Tx) (err error) {
		order, err = r.orders.CreateTx(ctx, tx, orders.Order{
			ID: uuid.Must(uuid.NewV7()), CartID: uuid.New(), Email: "customer@example.com",
			Subtotal: zero, Discount: zero, Shipping: zero, Tax: zero, Total: zero, ExpiresAt: time.Now().Add(time.Hour),
		}, orders.Cause{Type: "placed", Actor: "customer"})
		return err
	}))
	return order
}

func (r rig) move(id uuid.UUID, to func(orders.State) orders.State, cause orders.Cause) error {
	return r.db.InTx(context.Background(), func(ctx context.Context, tx pgx.Tx) error {
		order, err := r.orders.LockTx(ctx, tx, id)
		if err != nil {
			return err
		}
		_, err = r.orders.MoveTx(ctx, tx, order, to(order.State), cause)
		return err
	})
}

var (
	statuses = []orders.Status{orders.Pending, orders.Confirmed, orders.Processing, orders.Shipped,
		orders.Delivered, orders.Cancelled, orders.Refunded}
	paymentStatuses = []orders.PaymentStatus{orders.PaymentPending, orders.PaymentAuthorized, orders.PaymentPaid, orders.PaymentFailed,
		orders.PaymentRefunded, orders.PaymentPartiallyRefunded}
	fulfillmentStatuses = []orders.FulfillmentStatus{orders.Unfulfilled, orders.Partial, orders.Fulfilled}
	reviewStatuses      = []orders.ReviewStatus{orders.NotReviewed, orders.Held, orders.Released, orders.Rejected}
)

// The rules once more, as a person would say them, to hold the tables to.
func allowed(from, to orders.State) map[string]bool {
	status := from.Status == to.Status
	switch from.Status {
	case orders.Pending:
		status = status || to.Status == orders.Confirmed || to.Status == orders.Cancelled
	case orders.Confirmed, orders.Processing:
		status = status || to.Status == orders.Shipped || to.Status == orders.Cancelled || to.Status == orders.Refunded ||
			from.Status == orders.Confirmed && to.Status == orders.Processing ||
			from.Status == orders.Processing && to.Status == orders.Delivered // what was sent has arrived, and the rest is cancelled
	case orders.Shipped:
		status = status || to.Status == orders.Processing || to.Status == orders.Delivered || to.Status == orders.Refunded
	case orders.Delivered:
		status = status || to.Status == orders.Refunded
	case orders.Cancelled:
		status = status || to.Status == orders.Confirmed || to.Status == orders.Refunded
	}
	paid := func(p orders.PaymentStatus) bool {
		return p != orders.PaymentPending && p != orders.PaymentFailed && p != orders.PaymentAuthorized
	}
	payment := from.Payment == to.Payment
	switch {
	case !paid(from.Payment):
		payment = payment || to.Payment == orders.PaymentPaid || to.Payment == orders.PaymentFailed ||
			to.Payment == orders.PaymentAuthorized
	case from.Payment == orders.PaymentPaid:
		payment = payment || to.Payment == orders.PaymentRefunded || to.Payment == orders.PaymentPartiallyRefunded
	default: // what was given back may come back
		payment = payment || paid(to.Payment)
	}
	review := from.Review == to.Review || from.Review == orders.Held || to.Review == orders.Held
	return map[string]bool{"status": status, "paymentStatus": payment, "fulfillmentStatus": true, "review.status": review}
}

// sends tells whether a move brings an order nearer to its customer.
func sends(from, to orders.State) bool {
	nearer := to.Status == orders.Processing || to.Status == orders.Shipped || to.Status == orders.Delivered
	return from.Fulfillment != to.Fulfillment || from.Status != to.Status && nearer
}

func TestWhateverHappensTheEventsFoldToTheRow(t *testing.T) {
	t.Parallel()
	r := setup(t)
	rapid.Check(t, func(t *rapid.T) {
		order := r.place(t)
		state, moves := order.State, 1
		for range rapid.IntRange(0, 12).Draw(t, "steps") {
			to := state
			switch rapid.IntRange(0, 4).Draw(t, "axis") {
			case 0:
				to.Status = rapid.SampledFrom(statuses).Draw(t, "status")
			case 1:
				to.Payment = rapid.SampledFrom(paymentStatuses).Draw(t, "payment")
			case 2:
				to.Fulfillment = rapid.SampledFrom(fulfillmentStatuses).Draw(t, "fulfillment")
			case 3:
				to.Review = rapid.SampledFrom(reviewStatuses).Draw(t, "review")
			default:
				to.Status, to.Payment = orders.Confirmed, orders.PaymentPaid
			}
			err := r.move(order.ID, func(orders.State) orders.State { return to }, orders.Cause{Type: "moved", Actor: "system"})
			ended := to.Status == orders.Cancelled || to.Status == orders.Refunded || to.Fulfillment == orders.Fulfilled
			if to.Review == orders.Held && ended {
				to.Review = orders.Rejected // the end decides
			}
			may := allowed(state, to)
			if may["status"] && may["paymentStatus"] && may["fulfillmentStatus"] && may["review.status"] {
				if (state.Review == orders.Held || to.Review == orders.Held) && sends(state, to) {
					require.ErrorIs(t, err, orders.ErrOnHold, "%v to %v", state, to)
					continue
				}
				if to.Payment == orders.PaymentAuthorized && sends(state, to) &&
					(state.Fulfillment != to.Fulfillment || to.Status != orders.Processing) {
					require.ErrorIs(t, err, orders.ErrUnpaid, "%v to %v", state, to)
					continue
				}
				if state.Status != to.Status && to.Status == orders.Cancelled && to.Fulfillment != orders.Unfulfilled {
					require.ErrorIs(t, err, orders.ErrSent, "%v to %v", state, to)
					continue
				}
				require.NoError(t, err, "%v to %v", state, to)
				if state != to {
					moves++
				}
				state = to
				continue
			}
			require.ErrorIs(t, err, orders.ErrTransition, "%v to %v", state, to)
			var refusal *errs.Error
			require.ErrorAs(t, err, &refusal)
			require.False(t, may[refusal.Fields[0].Name], "%s is the axis that refuses", refusal.Fields[0].Name)
			require.Contains(t, refusal.Message, refusal.Fields[0].Message, "the sentence names the rule")
		}
		row, err := r.orders.Get(context.Background(), order.ID)
		require.NoError(t, err)
		require.Equal(t, state, row.State)
		events, err := r.orders.Events(context.Background(), order.ID)
		require.NoError(t, err)
		require.Len(t, events, moves, "a refusal and a move to the same place leave no event")
		folded := orders.State{}
		for i, event := range events {
			require.EqualValues(t, i+1, event.Sequence)
			if i > 0 {
				require.Equal(t, folded, *event.Before)
			}
			folded = event.State
		}
		require.Equal(t, row.State, folded)
	})
}

func TestStaffMoveOnlyWhatIsTheirs(t *testing.T) {
	t.Parallel()
	r := setup(t)
	for _, status := range statuses {
		order := r.place(t)
		_, err := r.orders.SetStatus(t.Context(), order.ID, status, orders.Cause{Type: "status_changed", Actor: "user:1"})
		if status == orders.Pending {
			require.NoError(t, err, "it is there already")
			continue
		}
		require.ErrorIs(t, err, orders.ErrTransition, status)
		now, err := r.orders.Get(t.Context(), order.ID)
		require.NoError(t, err)
		require.Equal(t, order.State, now.State)
	}
	_, err := r.orders.SetStatus(t.Context(), uuid.New(), orders.Shipped, orders.Cause{})
	require.ErrorIs(t, err, orders.ErrNotFound)
}

// paid is the state of an order whose money came.
func paid(state orders.State) orders.State {
	state.Status, state.Payment = orders.Confirmed, orders.PaymentPaid
	return state
}

func TestShippingFulfils(t *testing.T) {
	t.Parallel()
	r := setup(t)
	order := r.place(t)
	require.NoError(t, r.move(order.ID, paid, orders.Cause{Type: "paid", Actor: "stripe"}))
	shipped, err := r.orders.SetStatus(t.Context(), order.ID, orders.Shipped, orders.Cause{Type: "status_changed", Actor: "user:1", Reason: "left"})
	require.NoError(t, err)
	require.Equal(t, orders.State{
		Status: orders.Shipped, Payment: orders.PaymentPaid, Fulfillment: orders.Fulfilled, Review: orders.NotReviewed,
	}, shipped.State)
	events, err := r.orders.Events(t.Context(), order.ID)
	require.NoError(t, err)
	sent := r.sent(t, order.ID)
	require.Len(t, sent, 1)
	require.Equal(t, orders.Cause{Type: "status_changed", Actor: "user:1", Reason: "left", Fulfillment: sent[0].ID}, events[2].Cause)
	_, err = r.orders.SetStatus(t.Context(), order.ID, orders.Delivered, orders.Cause{Type: "status_changed", Actor: "user:1"})
	require.NoError(t, err)
	require.Equal(t, orders.Arrived, r.sent(t, order.ID)[0].Status)
}

func TestHistoryCannotBeRewritten(t *testing.T) {
	t.Parallel()
	r := setup(t)
	r.place(t)
	for _, sql := range []string{
		"UPDATE order_events SET reason = 'another'", "DELETE FROM order_events", "DELETE FROM orders",
	} {
		_, err := r.db.Exec(t.Context(), sql)
		require.Error(t, err, sql)
	}
}
