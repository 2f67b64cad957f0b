package orders_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cartwright/internal/errs"
	"cartwright/internal/money"
	"cartwright/internal/orders"
	"cartwright/internal/page"
)

var byStaff = orders.Cause{Type: "fulfilled", Actor: "user:1"}

// stocked adds a product with so many variants, and is their ids. The first is the product's, too.
func (r rig) stocked(t *testing.T, variants int) (ids []uuid.UUID) {
	t.Helper()
	for range variants {
		ids = append(ids, uuid.Must(uuid.NewV7()))
	}
	for _, statement := range []string{
		`INSERT INTO categories (id, name, slug, created_at) VALUES (($1::uuid[])[1], 'c', 'c', now())`,
		`INSERT INTO products (id, category_id, name, slug, status, created_at, updated_at)
		 VALUES (($1::uuid[])[1], ($1::uuid[])[1], 'p', 'p', 'ACTIVE', now(), now())`,
		`INSERT INTO product_variants (id, product_id, is_default, name, sku, price_minor, currency, options, created_at, updated_at)
		 SELECT v, ($1::uuid[])[1], v = ($1::uuid[])[1], v::text, v::text, 1, 'USD', jsonb_build_object('n', v), now(), now() FROM unnest($1::uuid[]) v`,
	} {
		_, err := r.db.Exec(context.Background(), statement, ids)
		require.NoError(t, err)
	}
	return ids
}

// order places an order of so many of each variant.
func (r rig) order(t require.TestingT, variants []uuid.UUID, quantities ...int32) orders.Order {
	zero := money.New(0, "USD")
	order := orders.Order{
		ID: uuid.Must(uuid.NewV7()), CartID: uuid.New(), Email: "customer@example.com",
		Subtotal: zero, Discount: zero, Shipping: zero, Tax: zero, Total: zero, ExpiresAt: time.Now().Add(time.Hour),
	}
	for i, quantity := range quantities {
		order.Items = append(order.Items, orders.Item{
			ID: uuid.Must(uuid.NewV7()), ProductID: variants[0], VariantID: variants[i], Quantity: quantity, Price: zero,
		})
	}
	require.NoError(t, r.db.InTx(context.Background(), func(ctx context.Context, tx pgx.Tx) (err error) {
		order, err = r.orders.CreateTx(ctx, tx, order, orders.Cause{Type: "placed", Actor: "customer"})
		return err
	}))
	return order
}

// bought is a paid order of so many of each of as many variants.
func (r rig) bought(t *testing.T, quantities ...int32) orders.Order {
	t.Helper()
	order := r.order(t, r.stocked(t, len(quantities)), quantities...)
	require.NoError(t, r.move(order.ID, paid, orders.Cause{Type: "paid", Actor: "stripe"}))
	return r.read(t, order.ID)
}

// sent are all fulfilments of an order.
func (r rig) sent(t require.TestingT, order uuid.UUID) []orders.Fulfillment {
	found, err := r.orders.Fulfillments(context.Background(), orders.Key{Order: order, Staff: true}, page.Request{Limit: 100})
	require.NoError(t, err)
	return found.Items
}

func some(item orders.Item, quantity int32) orders.FulfillmentItem {
	return orders.FulfillmentItem{ItemID: item.ID, Quantity: quantity}
}

func TestHoweverManySendAtOnceNoMoreIsSentThanWasOrdered(t *testing.T) {
	t.Parallel()
	r := setup(t)
	order := r.bought(t, 7, 5)
	var done sync.WaitGroup
	var lock sync.Mutex
	sent, refused := map[uuid.UUID]int32{}, 0
	for i := range 40 {
		item := order.Items[i%2]
		done.Go(func() {
			one, err := r.orders.Fulfill(context.Background(),
				orders.Fulfill{Order: order.ID, Items: []orders.FulfillmentItem{some(item, 1)}}, byStaff)
			lock.Lock()
			defer lock.Unlock()
			if err == nil {
				sent[one.Items[0].ItemID]++
				return
			}
			assert.True(t, errors.Is(err, orders.ErrTooMany) || errors.Is(err, orders.ErrNothingLeft), err)
			refused++
		})
	}
	done.Wait()
	require.Equal(t, map[uuid.UUID]int32{order.Items[0].ID: 7, order.Items[1].ID: 5}, sent)
	require.Equal(t, 28, refused)
	read := r.read(t, order.ID)
	require.Equal(t, orders.Shipped, read.Status)
	require.Equal(t, orders.Fulfilled, read.Fulfillment)
	for _, item := range read.Items {
		require.Equal(t, item.Quantity, item.Fulfilled)
	}
	require.Len(t, r.sent(t, order.ID), 12)
	events, err := r.orders.Events(t.Context(), order.ID)
	require.NoError(t, err)
	require.Len(t, events, 14, "each is an event")
	_, err = r.db.Exec(t.Context(), "UPDATE order_items SET fulfilled_quantity = quantity + 1")
	require.ErrorContains(t, err, "order_items_never_sent_beyond_ordered")
}

func TestWhatMayNotBeSentIsRefusedByItsRule(t *testing.T) {
	t.Parallel()
	r := setup(t)
	variants := r.stocked(t, 1)
	status := func(status orders.Status) func(orders.State) orders.State {
		return func(s orders.State) orders.State { s.Status = status; return s }
	}
	for name, tc := range map[string]struct {
		moves []func(orders.State) orders.State
		code  string
		says  string
	}{
		"unpaid":    {nil, "order_not_paid", "not paid"},
		"cancelled": {[]func(orders.State) orders.State{status(orders.Cancelled)}, "transition_not_allowed", "status cannot go from CANCELLED to PROCESSING"},
		"on hold":   {[]func(orders.State) orders.State{held}, "order_on_hold", "on hold"},
		"given back": {[]func(orders.State) orders.State{paid, status(orders.Refunded)}, "transition_not_allowed",
			"status cannot go from REFUNDED to PROCESSING"},
	} {
		t.Run(name, func(t *testing.T) {
			order := r.order(t, variants, 2)
			for _, move := range tc.moves {
				require.NoError(t, r.move(order.ID, move, orders.Cause{Type: "moved", Actor: "system"}))
			}
			before := r.read(t, order.ID)
			for _, items := range [][]orders.FulfillmentItem{nil, {some(order.Items[0], 1)}, {some(order.Items[0], 9)}} {
				_, err := r.orders.Fulfill(t.Context(), orders.Fulfill{Order: order.ID, Items: items}, byStaff)
				var refusal *errs.Error
				require.ErrorAs(t, err, &refusal)
				require.Equal(t, tc.code, refusal.Code)
				require.Contains(t, refusal.Message, tc.says)
			}
			require.Equal(t, before, r.read(t, order.ID))
			require.Empty(t, r.sent(t, order.ID))
		})
	}
	_, err := r.orders.Fulfill(t.Context(), orders.Fulfill{Order: uuid.New()}, byStaff)
	require.ErrorIs(t, err, orders.ErrNotFound)
}

func TestNothingMoreIsSentOfWhatIsOnHold(t *testing.T) {
	t.Parallel()
	r := setup(t)
	order := r.bought(t, 3)
	send := func() error {
		_, err := r.orders.Fulfill(t.Context(), orders.Fulfill{Order: order.ID, Items: []orders.FulfillmentItem{some(order.Items[0], 1)}}, byStaff)
		return err
	}
	require.NoError(t, send())
	hold := func(state orders.State) orders.State {
		state.Review = orders.Held
		return state
	}
	require.NoError(t, r.move(order.ID, hold, orders.Cause{Type: "held", Actor: "system"}))
	require.ErrorIs(t, send(), orders.ErrOnHold, "although that would leave it as far as it is")
}

func TestOnlyLinesOfTheOrderAreSentEachOnce(t *testing.T) {
	t.Parallel()
	r := setup(t)
	order := r.bought(t, 3, 2)
	unknown := orders.FulfillmentItem{ItemID: uuid.New(), Quantity: 1}
	for name, tc := range map[string]struct {
		items  []orders.FulfillmentItem
		code   string
		fields []string
	}{
		"another's":  {[]orders.FulfillmentItem{some(order.Items[0], 1), unknown}, "validation_failed", []string{"items[1].orderItemId"}},
		"twice":      {[]orders.FulfillmentItem{some(order.Items[0], 1), some(order.Items[0], 1)}, "validation_failed", []string{"items[1].orderItemId"}},
		"too many":   {[]orders.FulfillmentItem{some(order.Items[0], 4), some(order.Items[1], 3)}, "fulfillment_exceeds_order", []string{"items[0].quantity", "items[1].quantity"}},
		"one is too": {[]orders.FulfillmentItem{some(order.Items[1], 2), some(order.Items[0], 4)}, "fulfillment_exceeds_order", []string{"items[1].quantity"}},
	} {
		_, err := r.orders.Fulfill(t.Context(), orders.Fulfill{Order: order.ID, Items: tc.items}, byStaff)
		var refusal *errs.Error
		require.ErrorAs(t, err, &refusal, name)
		require.Equal(t, tc.code, refusal.Code, name)
		var fields []string
		for _, field := range refusal.Fields {
			fields = append(fields, field.Name)
		}
		require.Equal(t, tc.fields, fields, name)
	}
	require.Equal(t, order, r.read(t, order.ID))
}

func TestAnOrderIsSentInPartsAndDeliveredOnceAllHasArrived(t *testing.T) {
	t.Parallel()
	r := setup(t)
	order := r.bought(t, 3, 2)
	first, err := r.orders.Fulfill(t.Context(), orders.Fulfill{
		Order: order.ID, Items: []orders.FulfillmentItem{some(order.Items[0], 1)},
		Carrier: "UPS", TrackingNumber: "1Z", TrackingURL: "https://example.com/1Z",
	}, byStaff)
	require.NoError(t, err)
	state := func() [2]string {
		read := r.read(t, order.ID)
		return [2]string{string(read.Status), string(read.Fulfillment)}
	}
	require.Equal(t, [2]string{"PROCESSING", "PARTIAL"}, state())
	require.ErrorIs(t, r.move(order.ID, func(s orders.State) orders.State { s.Status = orders.Cancelled; return s },
		orders.Cause{Type: "cancelled", Actor: "user:1"}), orders.ErrSent, "its stock would come back")
	mistake, err := r.orders.Fulfill(t.Context(), orders.Fulfill{Order: order.ID}, byStaff)
	require.NoError(t, err)
	require.Equal(t, []orders.FulfillmentItem{some(order.Items[0], 2), some(order.Items[1], 2)}, mistake.Items)
	require.Equal(t, [2]string{"SHIPPED", "FULFILLED"}, state())
	_, err = r.orders.SetStatus(t.Context(), order.ID, orders.Processing, orders.Cause{Type: "status_changed", Actor: "user:1"})
	require.ErrorIs(t, err, orders.ErrTransition, "only a fulfilment that is taken back leads there")

	for range 2 { // again changes nothing
		back, err := r.orders.CancelFulfillment(t.Context(), order.ID, mistake.ID, orders.Cause{Type: "fulfillment_cancelled", Actor: "user:1"})
		require.NoError(t, err)
		require.Equal(t, orders.TakenBack, back.Status)
		require.Equal(t, mistake.Items, back.Items)
		require.Equal(t, [2]string{"PROCESSING", "PARTIAL"}, state())
	}
	delivered := orders.Cause{Type: "delivered", Actor: "user:1"}
	_, err = r.orders.Deliver(t.Context(), order.ID, mistake.ID, delivered)
	require.ErrorIs(t, err, orders.ErrTransition)
	require.ErrorContains(t, err, "transition_not_allowed")
	for range 2 {
		arrived, err := r.orders.Deliver(t.Context(), order.ID, first.ID, delivered)
		require.NoError(t, err)
		require.Equal(t, orders.Arrived, arrived.Status)
		require.NotNil(t, arrived.DeliveredAt)
	}
	require.Equal(t, [2]string{"PROCESSING", "PARTIAL"}, state(), "more is to come")
	rest, err := r.orders.Fulfill(t.Context(), orders.Fulfill{Order: order.ID}, byStaff)
	require.NoError(t, err)
	require.Equal(t, [2]string{"SHIPPED", "FULFILLED"}, state())
	_, err = r.orders.Fulfill(t.Context(), orders.Fulfill{Order: order.ID}, byStaff)
	require.ErrorIs(t, err, orders.ErrNothingLeft)
	_, err = r.orders.Deliver(t.Context(), order.ID, rest.ID, delivered)
	require.NoError(t, err)
	require.Equal(t, [2]string{"DELIVERED", "FULFILLED"}, state())
	_, err = r.orders.CancelFulfillment(t.Context(), order.ID, rest.ID, delivered)
	require.ErrorIs(t, err, orders.ErrTransition)
	for _, id := range []uuid.UUID{uuid.New(), r.bystander(t)} {
		_, err = r.orders.Deliver(t.Context(), order.ID, id, delivered)
		require.ErrorIs(t, err, orders.ErrNoFulfillment, "of another order it is none of this one's")
	}

	events, err := r.orders.Events(t.Context(), order.ID)
	require.NoError(t, err)
	var told []string
	for _, event := range events {
		told = append(told, event.Type)
	}
	require.Equal(t, []string{"placed", "paid", "fulfilled", "fulfilled", "fulfillment_cancelled", "delivered", "fulfilled", "delivered"}, told)
	require.Equal(t, first.ID, events[2].Cause.Fulfillment)
}

// bystander is a fulfilment of another order.
func (r rig) bystander(t *testing.T) uuid.UUID {
	t.Helper()
	other := r.place(t)
	require.NoError(t, r.move(other.ID, paid, orders.Cause{Type: "paid", Actor: "stripe"}))
	sent, err := r.orders.Fulfill(t.Context(), orders.Fulfill{Order: other.ID}, byStaff)
	require.NoError(t, err)
	return sent.ID
}
