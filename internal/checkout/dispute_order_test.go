package checkout_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"cartwright/gen/client"
	"cartwright/internal/app/shoptest"
	"cartwright/internal/payments/stripesim"
)

// ofDispute are the events about a dispute, oldest first.
func ofDispute(t *testing.T, shop *shoptest.Shop, dispute string) (events []stripesim.Event) {
	t.Helper()
	for _, event := range shop.Stripe.Events() {
		var object struct{ ID string }
		require.NoError(t, json.Unmarshal(event.Data.Object, &object))
		if object.ID == dispute {
			events = append(events, event)
		}
	}
	return events
}

// tellAll delivers all events about a dispute by hand.
func tellAll(t *testing.T, shop *shoptest.Shop, dispute string) {
	t.Helper()
	for _, event := range ofDispute(t, shop, dispute) {
		require.Equal(t, http.StatusOK, tell(t, shop, event))
	}
}

// A dispute stands where Stripe has it, and its history reads the same, whenever which of its news come and however often.
func TestNewsOfADisputeInAnyOrderAndManyTimesLeadToTheSameEnd(t *testing.T) {
	t.Parallel()
	shop := setup(t, shoptest.WithoutWebhooks())
	product := shop.Product(1000)
	turns := permutations(5)
	for turn, at := range turns {
		order, intent := paid(t, shop, "pm_card_visa", 1, product)
		opened, err := shop.Stripe.OpenDispute(intent, stripesim.NewDispute{})
		require.NoError(t, err)
		if turn%10 == 0 { // some are told before more happens, and again later
			require.Equal(t, http.StatusOK, tell(t, shop, ofDispute(t, shop, opened.ID)[turn/10%2]))
		}
		prove(t, shop, opened.ID, []string{"winning_evidence", "It was sent."}[turn%2])
		if turn%2 == 1 {
			require.NoError(t, shop.Stripe.DecideDispute(opened.ID, true))
		}
		events := ofDispute(t, shop, opened.ID)
		require.Len(t, events, len(at))
		for _, n := range at {
			for range 3 {
				require.Equal(t, http.StatusOK, tell(t, shop, events[n]))
			}
		}
		require.Equal(t, "WON withdrawn reinstated", known(t, shop, opened.ID), "told as %v", at)
		require.Equal(t, "dispute_opened, dispute_funds_withdrawn, dispute_closed, dispute_funds_reinstated", scan[string](t, shop,
			"SELECT string_agg(type, ', ' ORDER BY sequence) FROM order_events WHERE order_id = $1 AND type LIKE 'dispute%' AND type <> 'dispute_won'", order.ID),
			"told as %v", at)
	}
	require.Equal(t, len(turns), scan[int](t, shop, "SELECT count(*) FROM disputes"))
}

// disputesAnew stands before Stripe and may answer something else when it is asked for disputes.
type disputesAnew struct {
	mu      sync.Mutex
	last    []byte
	rewrite func(answer []byte) []byte
}

func (d *disputesAnew) front(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/v1/disputes" {
			next.ServeHTTP(w, r)
			return
		}
		answer := httptest.NewRecorder()
		next.ServeHTTP(answer, r)
		d.mu.Lock()
		defer d.mu.Unlock()
		if d.last = answer.Body.Bytes(); d.rewrite != nil {
			d.last = d.rewrite(d.last)
		}
		_, _ = w.Write(d.last)
	})
}

// Two may read Stripe at once, and the one who read first be heard last.
func TestLateNewsOpenNoDisputeAgain(t *testing.T) {
	t.Parallel()
	stripe := &disputesAnew{}
	shop := setup(t, shoptest.WithoutWebhooks(), shoptest.WithStripeFront(stripe.front))
	order, intent := paid(t, shop, "pm_card_visa", 1, shop.Product(5))
	opened, err := shop.Stripe.OpenDispute(intent, stripesim.NewDispute{})
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, tell(t, shop, ofDispute(t, shop, opened.ID)[0]))
	require.Equal(t, "NEEDS_RESPONSE withdrawn", known(t, shop, opened.ID))
	before := bytes.Clone(stripe.last)
	prove(t, shop, opened.ID, "winning_evidence")
	events := ofDispute(t, shop, opened.ID)
	require.Equal(t, http.StatusOK, tell(t, shop, events[3]))
	require.Equal(t, "WON withdrawn reinstated", known(t, shop, opened.ID))

	stripe.rewrite = func([]byte) []byte { return before }
	require.Equal(t, http.StatusOK, tell(t, shop, events[1]))
	require.Equal(t, "APPLIED", outcome(t, shop, events[1].ID))
	require.Equal(t, "WON withdrawn reinstated", known(t, shop, opened.ID))
	stripe.rewrite = nil
	giveBack(t, shop, order, client.RefundCreate{Amount: money("1.00")})

	// A bank that thinks again, and takes more than was paid, takes no more than is left.
	stripe.rewrite = func(answer []byte) []byte {
		answer = bytes.ReplaceAll(answer, []byte(`"won"`), []byte(`"lost"`))
		return bytes.ReplaceAll(answer, []byte(`"amount": 21599`), []byte(`"amount": 99999`))
	}
	require.Equal(t, http.StatusOK, tell(t, shop, events[4]))
	require.Equal(t, "APPLIED", outcome(t, shop, events[4].ID))
	require.Equal(t, "LOST withdrawn reinstated", known(t, shop, opened.ID))
	require.EqualValues(t, 99999, scan[int64](t, shop, "SELECT amount_minor FROM disputes"))
	require.Equal(t, [3]string{"0.00", "0.00", "1.00"}, amounts(shop, order))
	examined(t, shop)
}

func TestNewsOfADisputeThatMakeNoSenseAreSetAside(t *testing.T) {
	t.Parallel()
	stripe := &disputesAnew{}
	shop := setup(t, shoptest.WithoutWebhooks(), shoptest.WithStripeFront(stripe.front))
	order, intent := paid(t, shop, "pm_card_visa", 1, shop.Product(5))
	told := func(event stripesim.Event) string {
		require.Equal(t, http.StatusOK, tell(t, shop, event))
		return outcome(t, shop, event.ID)
	}
	emit := func(object map[string]any) stripesim.Event {
		return shop.Stripe.EmitObject("charge.dispute.created", object)
	}
	require.Equal(t, "IGNORED", told(emit(map[string]any{"id": "dp_1"})), "a charge made without an intent is none of ours")
	require.Equal(t, "SET_ASIDE", told(emit(map[string]any{"id": "dp_1", "payment_intent": "pi_nope"})))
	require.Equal(t, "SET_ASIDE", told(emit(map[string]any{"id": "dp_1", "payment_intent": 7})))
	opened, err := shop.Stripe.OpenDispute(intent, stripesim.NewDispute{})
	require.NoError(t, err)
	shop.Stripe.SetEventVersion("2099-01-01")
	prove(t, shop, opened.ID, "It was sent.")
	events := ofDispute(t, shop, opened.ID)
	for name, change := range map[string][2]string{
		"another currency":      {`"currency": "usd"`, `"currency": "eur"`},
		"a status nobody knows": {`"under_review"`, `"prevented"`},
	} {
		stripe.rewrite = func(answer []byte) []byte { return bytes.ReplaceAll(answer, []byte(change[0]), []byte(change[1])) }
		event := events[0]
		event.ID = "evt_" + strings.Fields(name)[0]
		require.Equal(t, "SET_ASIDE", told(event), name)
		require.Zero(t, scan[int](t, shop, "SELECT count(*) FROM disputes"), name)
	}
	stripe.rewrite = nil
	require.Equal(t, "APPLIED", told(events[2]), "of another API version it is read anew")
	require.Equal(t, "UNDER_REVIEW withdrawn", known(t, shop, opened.ID))
	require.Equal(t, "payment_disputed", notGivenBack(t, shop, order, client.RefundCreate{}))
	replayed, err := shop.Staff.ReplayStripeEventWithResponse(t.Context(), "evt_another", nil)
	require.NoError(t, err)
	require.NotNil(t, replayed.JSON200, string(replayed.Body))
	require.Equal(t, client.StripeEventOutcomeAPPLIED, replayed.JSON200.Outcome)
}

func TestNewsOfADisputeThatNeverCameAreFetched(t *testing.T) {
	t.Parallel()
	shop := setup(t, shoptest.WithoutWebhooks())
	order, _ := paid(t, shop, "pm_card_createDispute", 1, shop.Product(5))
	id := shop.Stripe.Disputes()[0].ID
	require.NoError(t, shop.CatchUp(t.Context()))
	require.Equal(t, "NEEDS_RESPONSE withdrawn", known(t, shop, id))
	require.Equal(t, "SWEPT", source(t, shop, ofDispute(t, shop, id)[0].ID))
	require.NoError(t, shop.Stripe.DecideDispute(id, true))
	require.NoError(t, shop.CatchUp(t.Context()))
	require.Equal(t, "WON withdrawn reinstated", known(t, shop, id))
	giveBack(t, shop, order, client.RefundCreate{})
}
