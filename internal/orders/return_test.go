package orders_test

import (
	"context"
	"errors"
	"sync"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cartwright/internal/errs"
	"cartwright/internal/orders"
	"cartwright/internal/page"
)

// delivered is an order of which all was sent.
func (r rig) delivered(t *testing.T, quantities ...int32) orders.Order {
	t.Helper()
	order := r.bought(t, quantities...)
	_, err := r.orders.Fulfill(t.Context(), orders.Fulfill{Order: order.ID}, byStaff)
	require.NoError(t, err)
	return r.read(t, order.ID)
}

func back(item orders.Item, quantity int32) orders.ReturnItem {
	return orders.ReturnItem{ItemID: item.ID, Quantity: quantity, Reason: "OTHER"}
}

// request asks as staff do.
func (r rig) request(order uuid.UUID, items ...orders.ReturnItem) (orders.Return, error) {
	return r.orders.RequestReturn(context.Background(), orders.Key{Order: order, Staff: true}, items, "user:1")
}

// receive counts what came of a return.
func (r rig) receive(id uuid.UUID, came ...orders.ReturnItem) error {
	return r.db.InTx(context.Background(), func(ctx context.Context, tx pgx.Tx) error {
		order, one, err := r.orders.LockReturnTx(ctx, tx, id)
		if err != nil {
			return err
		}
		_, err = r.orders.ReceiveReturnTx(ctx, tx, order, one, came, "user:1")
		return err
	})
}

func came(item orders.Item, received, restocked int32) orders.ReturnItem {
	return orders.ReturnItem{ItemID: item.ID, Received: received, Restocked: restocked}
}

func (r rig) returns(t require.TestingT, order uuid.UUID) []orders.Return {
	found, err := r.orders.ReturnsOf(context.Background(), orders.Key{Order: order, Staff: true}, page.Request{Limit: 100})
	require.NoError(t, err)
	return found.Items
}

func TestHoweverManyReturnAtOnceNoMoreComesBackThanWasSent(t *testing.T) {
	t.Parallel()
	r := setup(t)
	order := r.bought(t, 7, 5)
	_, err := r.request(order.ID, back(order.Items[0], 1))
	require.ErrorIs(t, err, orders.ErrNothingToReturn, "nothing was sent")
	_, err = r.orders.Fulfill(t.Context(), orders.Fulfill{Order: order.ID, Items: []orders.FulfillmentItem{
		some(order.Items[0], 6), some(order.Items[1], 5),
	}}, byStaff)
	require.NoError(t, err)
	var done sync.WaitGroup
	var lock sync.Mutex
	asked, refused := map[uuid.UUID]int32{}, 0
	for i := range 30 {
		item := order.Items[i%2]
		done.Go(func() {
			one, err := r.request(order.ID, back(item, 1))
			lock.Lock()
			defer lock.Unlock()
			if err == nil {
				asked[one.Items[0].ItemID]++
				return
			}
			assert.True(t, errors.Is(err, orders.ErrReturnExceeds) || errors.Is(err, orders.ErrNothingToReturn), err)
			refused++
		})
	}
	done.Wait()
	require.Equal(t, map[uuid.UUID]int32{order.Items[0].ID: 6, order.Items[1].ID: 5}, asked)
	require.Equal(t, 19, refused)
	numbers := map[string]bool{}
	for _, one := range r.returns(t, order.ID) {
		numbers[one.Number] = true
	}
	require.Len(t, numbers, 11)
	require.True(t, numbers[order.Number+"-R11"])
}

func TestOfThoseWhoDecideOnAReturnAtOnceOneDoes(t *testing.T) {
	t.Parallel()
	r := setup(t)
	order := r.delivered(t, 10)
	key := orders.Key{Order: order.ID, Staff: true}
	cancel := func(id uuid.UUID) error {
		_, err := r.orders.CancelReturn(context.Background(), key, id, orders.Cause{Type: "return_cancelled", Actor: "user:1"})
		return err
	}
	approve := func(id uuid.UUID) error {
		_, err := r.orders.ApproveReturn(context.Background(), id, "user:1")
		return err
	}
	reject := func(id uuid.UUID) error {
		_, err := r.orders.RejectReturn(context.Background(), id, "Too late.", "user:1")
		return err
	}
	receive := func(id uuid.UUID) error { return r.receive(id, came(order.Items[0], 1, 1)) }
	for name, deciding := range map[string]struct {
		first func(uuid.UUID) error
		race  []func(uuid.UUID) error
	}{
		"two approve":                {nil, []func(uuid.UUID) error{approve, approve, approve}},
		"one approves, one rejects":  {nil, []func(uuid.UUID) error{approve, reject, reject}},
		"two receive":                {approve, []func(uuid.UUID) error{receive, receive, receive}},
		"one receives, one cancels":  {approve, []func(uuid.UUID) error{receive, cancel, cancel}},
		"nobody receives unapproved": {reject, []func(uuid.UUID) error{receive, receive, approve, cancel}},
	} {
		one, err := r.request(order.ID, back(order.Items[0], 1))
		require.NoError(t, err, name)
		wins := 1
		if deciding.first != nil {
			require.NoError(t, deciding.first(one.ID), name)
		}
		if name == "nobody receives unapproved" {
			wins = 0
		}
		results := make([]error, len(deciding.race))
		var done sync.WaitGroup
		for i, decide := range deciding.race {
			done.Go(func() { results[i] = decide(one.ID) })
		}
		done.Wait()
		won := 0
		for _, err := range results {
			if err == nil {
				won++
				continue
			}
			var refusal *errs.Error
			require.ErrorAs(t, err, &refusal, name)
			require.Equal(t, orders.ErrTransition.Code, refusal.Code, name)
			require.Contains(t, refusal.Message, "return cannot go from ", name)
		}
		require.Equal(t, wins, won, name)
	}
}

func TestOnlyWhatWasToComeIsReceivedAndTheRestMayComeAgain(t *testing.T) {
	t.Parallel()
	r := setup(t)
	order := r.delivered(t, 4, 2)
	one, err := r.request(order.ID, back(order.Items[0], 3))
	require.NoError(t, err)
	_, err = r.orders.ApproveReturn(t.Context(), one.ID, "user:1")
	require.NoError(t, err)
	invalid := func(err error, field, code string) {
		t.Helper()
		var refusal *errs.Error
		require.ErrorAs(t, err, &refusal)
		require.Equal(t, [2]string{field, code}, [2]string{refusal.Fields[0].Name, refusal.Fields[0].Code})
	}
	first := order.Items[0]
	invalid(r.receive(one.ID, came(order.Items[1], 1, 0)), "items[0].orderItemId", "unknown")
	invalid(r.receive(one.ID, came(first, 1, 0), came(first, 1, 0)), "items[1].orderItemId", "duplicate")
	invalid(r.receive(one.ID, came(first, 1, 2)), "items[0].restockedQuantity", "too_large")
	invalid(r.receive(one.ID, came(first, 0, 0)), "items", "nothing_came")
	invalid(r.receive(one.ID, came(first, 4, 0)), "items[0].receivedQuantity", "receipt_exceeds_return")
	_, err = r.request(order.ID, back(first, 2))
	require.ErrorIs(t, err, orders.ErrReturnExceeds, "three of four are on their way")
	require.NoError(t, r.receive(one.ID, came(first, 1, 0)))
	_, err = r.request(order.ID, back(first, 4))
	require.ErrorIs(t, err, orders.ErrReturnExceeds)
	again, err := r.request(order.ID, back(first, 3))
	require.NoError(t, err, "two that did not come, and one that was kept")

	_, err = r.orders.CancelFulfillment(t.Context(), order.ID, r.sent(t, order.ID)[0].ID, byStaff)
	require.ErrorIs(t, err, orders.ErrOnReturn)
	require.Equal(t, orders.Fulfilled, r.read(t, order.ID).Fulfillment)
	_, err = r.request(order.ID, back(orders.Item{ID: uuid.New()}, 1))
	invalid(err, "items[0].orderItemId", "unknown")
	_, err = r.request(order.ID, back(order.Items[1], 1), back(order.Items[1], 1))
	invalid(err, "items[1].orderItemId", "duplicate")
	require.Len(t, r.returns(t, order.ID), 2)
	require.Equal(t, order.Number+"-R2", again.Number)
}

func TestACustomerWithdrawsWhatNobodyHasDecidedOn(t *testing.T) {
	t.Parallel()
	r := setup(t)
	order, customer := r.delivered(t, 2), r.customer(t)
	_, err := r.db.Exec(t.Context(), "UPDATE orders SET user_id = $1", customer)
	require.NoError(t, err)
	theirs, another := orders.Key{Order: order.ID, Customer: customer}, orders.Key{Order: order.ID, Customer: r.customer(t)}
	item := back(order.Items[0], 1)
	item.Note = "It buzzes."
	_, err = r.orders.RequestReturn(t.Context(), another, []orders.ReturnItem{item}, "customer")
	require.ErrorIs(t, err, orders.ErrNotFound)
	first, err := r.orders.RequestReturn(t.Context(), theirs, []orders.ReturnItem{item}, "customer")
	require.NoError(t, err)
	second, err := r.orders.RequestReturn(t.Context(), theirs, []orders.ReturnItem{item}, "customer")
	require.NoError(t, err)
	cancel := func(key orders.Key, id uuid.UUID) error {
		_, err := r.orders.CancelReturn(t.Context(), key, id, orders.Cause{Type: "return_cancelled", Actor: "customer"})
		return err
	}
	require.ErrorIs(t, cancel(another, first.ID), orders.ErrNotFound)
	require.ErrorIs(t, cancel(theirs, uuid.New()), orders.ErrNoReturn)
	foreign := r.place(t)
	require.ErrorIs(t, cancel(orders.Key{Order: foreign.ID, Staff: true}, first.ID), orders.ErrNoReturn)
	require.NoError(t, cancel(theirs, first.ID))
	_, err = r.orders.ApproveReturn(t.Context(), second.ID, "user:1")
	require.NoError(t, err)
	require.ErrorIs(t, cancel(theirs, second.ID), orders.ErrReturnApproved)
	require.NoError(t, cancel(orders.Key{Order: order.ID, Staff: true}, second.ID))
	third, err := r.orders.RequestReturn(t.Context(), theirs, []orders.ReturnItem{item}, "customer")
	require.NoError(t, err)
	_, err = r.orders.RejectReturn(t.Context(), third.ID, "It was used.", "user:1")
	require.NoError(t, err)
	told, err := r.orders.Timeline(t.Context(), theirs, page.Request{Limit: 100})
	require.NoError(t, err)
	last := told.Items[len(told.Items)-1]
	require.Equal(t, "return_rejected", last.Type)
	require.Equal(t, [3]any{third.ID, orders.ReturnRequested, orders.ReturnRejected}, [3]any{last.Return, last.Stood, last.Stands})

	listed, err := r.orders.Returns(t.Context(), orders.ReturnCancelled, page.Request{Limit: 1})
	require.NoError(t, err)
	require.Equal(t, second.ID, listed.Items[0].ID, "the newest first")
	listed, err = r.orders.Returns(t.Context(), orders.ReturnCancelled, page.Request{Limit: 1, Cursor: listed.Next})
	require.NoError(t, err)
	require.Equal(t, first.ID, listed.Items[0].ID)
	require.Empty(t, listed.Next)
	_, err = r.orders.Returns(t.Context(), "", page.Request{Limit: 3})
	require.NoError(t, err)

	require.NoError(t, r.db.InTx(t.Context(), func(ctx context.Context, tx pgx.Tx) error { return r.orders.EraseCustomerTx(ctx, tx, customer) }))
	for _, one := range r.returns(t, order.ID) {
		require.Empty(t, one.Reply)
		require.Empty(t, one.Items[0].Note)
	}
}
