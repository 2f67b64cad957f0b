package orders_test

import (
	"context"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"cartwright/internal/errs"
	"cartwright/internal/orders"
	"cartwright/internal/page"
)

// command is something that staff or the shop do to an order.
type command func(t *rapid.T, r rig, order orders.Order) error

func to(change func(*orders.State)) command {
	return func(_ *rapid.T, r rig, order orders.Order) error {
		return r.move(order.ID, func(s orders.State) orders.State { change(&s); return s }, orders.Cause{Type: "moved", Actor: "system"})
	}
}

func one(t *rapid.T, r rig, order uuid.UUID) uuid.UUID {
	ids := []uuid.UUID{uuid.New()}
	for _, sent := range r.sent(t, order) {
		ids = append(ids, sent.ID)
	}
	return rapid.SampledFrom(ids).Draw(t, "fulfillment")
}

var commands = map[string]command{
	"pay":       to(func(s *orders.State) { s.Status, s.Payment = orders.Confirmed, orders.PaymentPaid }),
	"authorize": to(func(s *orders.State) { s.Status, s.Payment = orders.Confirmed, orders.PaymentAuthorized }),
	"capture":   to(func(s *orders.State) { s.Payment = orders.PaymentPaid }),
	"let go":    to(func(s *orders.State) { s.Status, s.Payment = orders.Cancelled, orders.PaymentFailed }),
	"fail":      to(func(s *orders.State) { s.Payment = orders.PaymentFailed }),
	"hold":      to(func(s *orders.State) { s.Review = orders.Held }),
	"cancel":    to(func(s *orders.State) { s.Status = orders.Cancelled }),
	"refund":    to(func(s *orders.State) { s.Status, s.Payment = orders.Refunded, orders.PaymentRefunded }),
	"release": func(_ *rapid.T, r rig, order orders.Order) error {
		_, err := r.orders.Release(context.Background(), order.ID, orders.Cause{Type: "released", Actor: "user:1"})
		return err
	},
	"set status": func(t *rapid.T, r rig, order orders.Order) error {
		status := rapid.SampledFrom(append(statuses, orders.Shipped, orders.Delivered, orders.Delivered)).Draw(t, "status")
		_, err := r.orders.SetStatus(context.Background(), order.ID, status, orders.Cause{Type: "status_changed", Actor: "user:1"})
		return err
	},
	"send all": func(_ *rapid.T, r rig, order orders.Order) error {
		_, err := r.orders.Fulfill(context.Background(), orders.Fulfill{Order: order.ID}, byStaff)
		return err
	},
	"send some": func(t *rapid.T, r rig, order orders.Order) error {
		item := rapid.SampledFrom(order.Items).Draw(t, "item")
		items := []orders.FulfillmentItem{some(item, rapid.Int32Range(1, 3).Draw(t, "quantity"))}
		_, err := r.orders.Fulfill(context.Background(), orders.Fulfill{Order: order.ID, Items: items}, byStaff)
		return err
	},
	"deliver": func(t *rapid.T, r rig, order orders.Order) error {
		_, err := r.orders.Deliver(context.Background(), order.ID, one(t, r, order.ID), orders.Cause{Type: "delivered", Actor: "user:1"})
		return err
	},
	"take back": func(t *rapid.T, r rig, order orders.Order) error {
		_, err := r.orders.CancelFulfillment(context.Background(), order.ID, one(t, r, order.ID), byStaff)
		return err
	},
	"request return": func(t *rapid.T, r rig, order orders.Order) error {
		item := rapid.SampledFrom(order.Items).Draw(t, "item")
		_, err := r.request(order.ID, back(item, rapid.Int32Range(1, 3).Draw(t, "quantity")))
		return err
	},
	"decide on return": func(t *rapid.T, r rig, order orders.Order) error {
		id := aReturn(t, r, order.ID).ID
		switch rapid.SampledFrom([]string{"approve", "approve", "approve", "reject", "cancel"}).Draw(t, "decision") {
		case "approve":
			_, err := r.orders.ApproveReturn(context.Background(), id, "user:1")
			return err
		case "reject":
			_, err := r.orders.RejectReturn(context.Background(), id, "No.", "user:1")
			return err
		}
		_, err := r.orders.CancelReturn(context.Background(), orders.Key{Order: order.ID, Staff: true}, id, byStaff)
		return err
	},
	"receive return": func(t *rapid.T, r rig, order orders.Order) error {
		one := aReturn(t, r, order.ID)
		if len(one.Items) == 0 {
			return r.receive(one.ID)
		}
		received := rapid.Int32Range(0, 3).Draw(t, "received")
		return r.receive(one.ID, orders.ReturnItem{
			ItemID: one.Items[0].ItemID, Received: received, Restocked: rapid.Int32Range(0, received).Draw(t, "restocked"),
		})
	},
}

// aReturn is one of the order's, or one that there is not.
func aReturn(t *rapid.T, r rig, order uuid.UUID) orders.Return {
	return rapid.SampledFrom(append(r.returns(t, order), orders.Return{ID: uuid.New()})).Draw(t, "return")
}

var commandNames = []string{
	"pay", "pay", "pay", "authorize", "authorize", "capture", "let go", "fail", "hold", "release", "cancel", "refund", "set status", "set status",
	"send all", "send some", "send some", "send some", "deliver", "deliver", "take back",
	"request return", "request return", "request return", "decide on return", "decide on return", "receive return",
}

func TestWhateverStaffDoTheBooksOfWhatWasSentAgree(t *testing.T) {
	t.Parallel()
	r := setup(t)
	variants := r.stocked(t, 2)
	rapid.Check(t, func(t *rapid.T) {
		order := r.order(t, variants, rapid.Int32Range(1, 3).Draw(t, "of one"), rapid.Int32Range(1, 3).Draw(t, "of two"))
		for range rapid.IntRange(1, 14).Draw(t, "steps") {
			before := r.books(t, order.ID)
			name := rapid.SampledFrom(commandNames).Draw(t, "command")
			err := commands[name](t, r, order)
			after := r.books(t, order.ID)
			if err != nil {
				var refusal *errs.Error
				require.ErrorAs(t, err, &refusal, "%s: nothing else goes wrong", name)
				require.Equal(t, before, after, "%s was refused with %s and changed nothing", name, refusal.Code)
				continue
			}
			if after.left < before.left {
				require.True(t, before.order.Paid() && before.order.Review != orders.Held, "%s sent what is unpaid or on hold", name)
				require.Contains(t, []orders.Status{orders.Confirmed, orders.Processing}, before.order.Status, name)
			}
		}
	})
}

// books are all there is to know of an order.
type books struct {
	order  orders.Order
	sent   []orders.Fulfillment
	back   []orders.Return
	events []orders.Event
	left   int32
}

// books reads them, and makes sure that they agree.
func (r rig) books(t *rapid.T, id uuid.UUID) (b books) {
	var err error
	b.order, err = r.orders.Get(context.Background(), id)
	require.NoError(t, err)
	b.sent, b.back = r.sent(t, id), r.returns(t, id)
	b.events, err = r.orders.Events(context.Background(), id)
	require.NoError(t, err)
	require.Equal(t, b.order.State, b.events[len(b.events)-1].State, "the events fold to the row")
	for i, event := range b.events[1:] {
		require.Equal(t, b.events[i].State, *event.Before)
	}
	b.returnsAgree(t)
	counted, onTheirWay, sent := map[uuid.UUID]int32{}, 0, int32(0)
	for _, one := range b.sent {
		if one.Status == orders.Sent {
			onTheirWay++
		}
		for _, item := range one.Items {
			if one.Status != orders.TakenBack {
				counted[item.ItemID] += item.Quantity
			}
		}
	}
	for _, item := range b.order.Items {
		require.Equal(t, counted[item.ID], item.Fulfilled)
		require.LessOrEqual(t, item.Fulfilled, item.Quantity)
		sent += item.Fulfilled
		b.left += item.Quantity - item.Fulfilled
	}
	want := orders.Partial
	if sent == 0 {
		want = orders.Unfulfilled
	} else if b.left == 0 {
		want = orders.Fulfilled
	}
	require.Equal(t, want, b.order.Fulfillment)
	switch b.order.Status {
	case orders.Shipped:
		require.Equal(t, orders.Fulfilled, want)
	case orders.Delivered:
		require.Equal(t, orders.Fulfilled, want)
		require.Zero(t, onTheirWay)
	case orders.Pending, orders.Confirmed, orders.Cancelled:
		require.Zero(t, sent)
	}
	return b
}

// returnsAgree makes sure that the events fold to the returns, too, and that no more comes back than was sent.
func (b books) returnsAgree(t *rapid.T) {
	stands := map[uuid.UUID]orders.ReturnStatus{}
	for _, event := range b.events {
		if event.Return != uuid.Nil {
			require.Equal(t, stands[event.Return], event.Stood)
			stands[event.Return] = event.Stands
		}
	}
	require.Len(t, stands, len(b.back))
	came := map[uuid.UUID]int32{}
	for _, one := range b.back {
		require.Equal(t, stands[one.ID], one.Status)
		for _, item := range one.Items {
			switch one.Status {
			case orders.ReturnRequested, orders.ReturnApproved:
				came[item.ItemID] += item.Quantity
				require.Zero(t, item.Received)
			case orders.ReturnReceived:
				came[item.ItemID] += item.Received
			}
		}
	}
	for _, item := range b.order.Items {
		require.LessOrEqual(t, came[item.ID], item.Fulfilled, "no more comes back than was sent")
	}
}

func TestACustomerIsToldWhatChangedForThem(t *testing.T) {
	t.Parallel()
	r := setup(t)
	order := r.bought(t, 1)
	require.NoError(t, r.move(order.ID, held, orders.Cause{Type: "held", Actor: "system", Reason: "risk_elevated"}))
	_, err := r.orders.Release(t.Context(), order.ID, orders.Cause{Type: "released", Actor: "user:1", Reason: "called"})
	require.NoError(t, err)
	_, err = r.orders.Fulfill(t.Context(), orders.Fulfill{Order: order.ID}, byStaff)
	require.NoError(t, err)
	walk := func(key orders.Key) (types []string, places []int32) {
		request := page.Request{Limit: 2}
		for {
			found, err := r.orders.Timeline(t.Context(), key, request)
			require.NoError(t, err)
			for _, event := range found.Items {
				types, places = append(types, event.Type), append(places, event.Sequence)
			}
			if request.Cursor = found.Next; found.Next == "" {
				return types, places
			}
		}
	}
	types, places := walk(orders.Key{Order: order.ID, Staff: true})
	require.Equal(t, []string{"placed", "paid", "held", "released", "fulfilled"}, types)
	require.Equal(t, []int32{1, 2, 3, 4, 5}, places)
	_, err = r.orders.Timeline(t.Context(), orders.Key{Order: order.ID}, page.Request{})
	require.ErrorIs(t, err, orders.ErrNotFound)

	customer := r.customer(t)
	_, err = r.db.Exec(t.Context(), "UPDATE orders SET user_id = $1", customer)
	require.NoError(t, err)
	types, places = walk(orders.Key{Order: order.ID, Customer: customer})
	require.Equal(t, []string{"placed", "paid", "fulfilled"}, types)
	require.Equal(t, []int32{1, 2, 3}, places, "no gap tells of the rest")
	staffs, err := r.orders.Timeline(t.Context(), orders.Key{Order: order.ID, Staff: true}, page.Request{Limit: 1})
	require.NoError(t, err)
	_, err = r.orders.Timeline(t.Context(), orders.Key{Order: order.ID, Customer: customer}, page.Request{Cursor: staffs.Next})
	require.ErrorIs(t, err, page.ErrCursor)
}

func TestANoteStaysAsItWasUntilItsCustomerGoes(t *testing.T) {
	t.Parallel()
	r := setup(t)
	customer, other := r.customer(t), r.customer(t)
	order, foreign := r.placeFor(t, customer, "customer@example.com"), r.placeFor(t, other, "other@example.com")
	for _, text := range []string{"first", "second", "third"} {
		_, err := r.orders.AddNote(t.Context(), order.ID, "user:1", text)
		require.NoError(t, err)
	}
	kept, err := r.orders.AddNote(t.Context(), foreign.ID, "user:1", "of another")
	require.NoError(t, err)
	_, err = r.orders.AddNote(t.Context(), uuid.New(), "user:1", "of none")
	require.ErrorIs(t, err, orders.ErrNotFound)
	_, err = r.orders.Notes(t.Context(), uuid.New(), page.Request{})
	require.ErrorIs(t, err, orders.ErrNotFound)
	texts := func() (texts []string) {
		request := page.Request{Limit: 2}
		for {
			found, err := r.orders.Notes(t.Context(), order.ID, request)
			require.NoError(t, err)
			for _, note := range found.Items {
				require.Equal(t, "user:1", note.Author)
				texts = append(texts, note.Text)
			}
			if request.Cursor = found.Next; found.Next == "" {
				return texts
			}
		}
	}
	require.Equal(t, []string{"third", "second", "first"}, texts())
	for _, sql := range []string{
		"UPDATE order_notes SET text = 'another'", "UPDATE order_notes SET author = 'user:2'", "DELETE FROM order_notes",
		"UPDATE order_notes SET text = NULL, created_at = now() + interval '1 day'",
	} {
		_, err := r.db.Exec(t.Context(), sql)
		require.ErrorContains(t, err, "append-only", sql)
	}
	require.NoError(t, r.move(order.ID, paid, orders.Cause{Type: "paid", Actor: "stripe"}))
	_, err = r.orders.Fulfill(t.Context(), orders.Fulfill{Order: order.ID, Carrier: "UPS", TrackingNumber: "1Z", TrackingURL: "https://example.com"}, byStaff)
	require.NoError(t, err)
	require.NoError(t, r.db.InTx(t.Context(), func(ctx context.Context, tx pgx.Tx) error { return r.orders.EraseCustomerTx(ctx, tx, customer) }))
	require.Equal(t, []string{"", "", ""}, texts())
	sent := r.sent(t, order.ID)[0]
	require.Equal(t, [3]string{"UPS", "", ""}, [3]string{sent.Carrier, sent.TrackingNumber, sent.TrackingURL})
	others, err := r.orders.Notes(t.Context(), foreign.ID, page.Request{})
	require.NoError(t, err)
	require.Equal(t, kept.Text, others.Items[0].Text)
}
