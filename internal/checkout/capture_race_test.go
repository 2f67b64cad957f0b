package checkout_test

import (
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"cartwright/gen/client"
	"cartwright/internal/app/shoptest"
	"cartwright/internal/payments/stripesim"
)

func TestTenWhoSendAtOnceTakeTheMoneyOnce(t *testing.T) {
	t.Parallel()
	shop := setup(t, shoptest.WithManualCapture())
	order, intent := authorized(t, shop, shop.Product(5))
	var sent atomic.Int32
	shoptest.Together(10, func(int) {
		answer, err := shop.Staff.FulfillOrderWithResponse(t.Context(), order.ID, nil, client.OrderFulfill{})
		switch {
		case err != nil:
			t.Error(err)
		case answer.StatusCode() == http.StatusCreated:
			sent.Add(1)
		case answer.StatusCode() != http.StatusConflict:
			t.Errorf("status %d: %s", answer.StatusCode(), answer.Body)
		}
	})
	require.EqualValues(t, 1, sent.Load())
	require.Equal(t, isShipped, stands(t, shop, order.ID))
	require.Equal(t, 1, captures(t, shop, intent))
	require.EqualValues(t, 21599, captured(shop))
	drain(t, shop)
	examined(t, shop)
}

func TestMoneyIsTakenOnceWhateverBecomesOfTheAnswer(t *testing.T) {
	t.Parallel()
	var fault atomic.Int64
	var stuck atomic.Bool // whatever is asked
	shop := setup(t, shoptest.WithManualCapture(), shoptest.WithoutWebhooks(), shoptest.WithIntercept(func(call stripesim.Call) stripesim.Fault {
		if !strings.HasSuffix(call.Path, "/capture") {
			return stripesim.Proceed
		}
		if stuck.Load() {
			return stripesim.Fault(fault.Load())
		}
		return stripesim.Fault(fault.Swap(int64(stripesim.Proceed)))
	}))
	product := shop.Product(100)
	// Of these, Stripe keeps its 500 under the key that it was asked with.
	for name, wrong := range map[string]stripesim.Fault{
		"it failed and did nothing": stripesim.FailBefore, "it failed and took it": stripesim.FailAfter,
		"the answer was lost": stripesim.LoseAnswer, "it was never asked": stripesim.BreakBefore, "it was too much": stripesim.RateLimit,
	} {
		t.Run(name, func(t *testing.T) {
			order, intent := authorized(t, shop, product)
			fault.Store(int64(wrong))
			sent := send(t, shop, order.ID)
			if wrong == stripesim.RateLimit || wrong == stripesim.FailBefore { // which whoever asks hears of
				require.Equal(t, http.StatusServiceUnavailable, sent.StatusCode(), string(sent.Body))
				sent = send(t, shop, order.ID)
			}
			require.Equal(t, http.StatusCreated, sent.StatusCode(), string(sent.Body))
			require.Equal(t, isShipped, stands(t, shop, order.ID))
			require.Equal(t, 1, captures(t, shop, intent))
		})
		t.Run(name+" again and again", func(t *testing.T) {
			order, intent := authorized(t, shop, product)
			fault.Store(int64(wrong))
			stuck.Store(true)
			first := send(t, shop, order.ID)
			stuck.Store(false)
			fault.Store(int64(stripesim.Proceed))
			if taken := slices.Contains([]stripesim.Fault{stripesim.FailAfter, stripesim.LoseAnswer}, wrong); taken {
				require.Equal(t, http.StatusCreated, first.StatusCode(), "reading the intent tells: %s", first.Body)
				require.Equal(t, 1, captures(t, shop, intent))
				return
			}
			require.Equal(t, http.StatusServiceUnavailable, first.StatusCode(), string(first.Body))
			require.Equal(t, isAuthorized, stands(t, shop, order.ID))
			require.Zero(t, captures(t, shop, intent))
			sent := send(t, shop, order.ID)
			require.Equal(t, http.StatusCreated, sent.StatusCode(), string(sent.Body))
			require.Equal(t, 1, captures(t, shop, intent))
		})
	}
	examined(t, shop)
}

// Either the money is taken, and given back, or it is let go, and nothing is sent.
func TestCancellingWhileTheMoneyIsTakenEndsInOneOfBoth(t *testing.T) {
	t.Parallel()
	shop := setup(t, shoptest.WithManualCapture())
	product := shop.Product(1000)
	ends := map[[2]string]int{}
	for round := range 24 {
		order, intent := authorized(t, shop, product)
		statuses := [2]int{}
		shoptest.Together(2, func(i int) {
			if (i+round)%2 == 0 {
				if taken, err := shop.Staff.CaptureOrderWithResponse(t.Context(), order.ID, nil); err == nil {
					statuses[0] = taken.StatusCode()
				}
				return
			}
			if cancelled, err := shop.Staff.CancelOrderWithResponse(t.Context(), order.ID, nil, client.OrderCancel{}); err == nil {
				statuses[1] = cancelled.StatusCode()
			}
		})
		require.Contains(t, []int{http.StatusOK, http.StatusConflict}, statuses[0])
		require.Equal(t, http.StatusOK, statuses[1], "it is cancelled in any case")
		settled(t, shop)
		drain(t, shop)
		end, at := stands(t, shop, order.ID), ""
		if intent, found := shop.Stripe.Intent(intent); found {
			at = intent.Status
		}
		ends[end]++
		require.Contains(t, [][2]string{isLetGo, {"CANCELLED", "REFUNDED"}}, end)
		require.Equal(t, end == isLetGo, at == "canceled", "%s, and %s at Stripe", end, at)
		require.Equal(t, end != isLetGo, captures(t, shop, intent) == 1)
	}
	t.Log(ends)
	require.Equal(t, [2]int32{1000, 0}, stock(t, shop, product.ID))
	examined(t, shop)
}

func TestNewsOfHeldMoneyInAnyOrderAndManyTimesLeadToTheSameEnd(t *testing.T) {
	t.Parallel()
	shop := setup(t, shoptest.WithManualCapture(), shoptest.WithoutWebhooks())
	product := shop.Product(1000)
	take := func(t *testing.T, intent string) {
		require.Equal(t, http.StatusOK, atStripe(shop, "sk_test_dashboard", "/v1/payment_intents/"+intent+"/capture", nil).Code)
	}
	for name, history := range map[string]struct {
		types []string
		then  func(t *testing.T, intent string)
		know  bool // that it was authorized
		end   [2]string
	}{
		"authorized":           {types: []string{"payment_intent.amount_capturable_updated"}, end: isAuthorized},
		"authorized and taken": {[]string{"payment_intent.amount_capturable_updated", "charge.captured", "payment_intent.succeeded"}, take, false, isPaid},
		"taken, of what is known to be held": {
			[]string{"payment_intent.amount_capturable_updated", "charge.captured", "payment_intent.succeeded"}, take, true, isPaid,
		},
		"let go, of what is known to be held": {
			[]string{"payment_intent.amount_capturable_updated", "charge.refunded", "payment_intent.canceled"},
			func(t *testing.T, intent string) { require.NoError(t, shop.Stripe.ExpireHold(intent)) }, true, isLetGo,
		},
		"only of its charge": {[]string{"charge.captured"}, take, false, isPaid},
	} {
		t.Run(name, func(t *testing.T) {
			for turn := 0; ; turn++ {
				order := shop.Order(1, product)
				before := len(of(shop, history.types...))
				var id string
				if history.know {
					id = *pay(t, shop, order.ID, "pm_card_visa").Order.StripePaymentIntentID
				} else {
					intent := ask(t, shop, order.ID)
					inBrowser(t, shop, intent, "pm_card_visa", http.StatusOK)
					id = intent.ID
				}
				if history.then != nil {
					history.then(t, id)
				}
				told := of(shop, history.types...)[before:]
				require.Len(t, told, len(history.types))
				turns := permutations(len(told))
				for _, at := range turns[turn] {
					for range 3 {
						require.Equal(t, http.StatusOK, tell(t, shop, told[at]))
					}
				}
				require.Equal(t, history.end, stands(t, shop, order.ID), "told as %v", turns[turn])
				if turn == len(turns)-1 {
					return
				}
			}
		})
	}
	require.Zero(t, scan[int](t, shop, "SELECT count(*) FROM webhook_events WHERE outcome = 'SET_ASIDE'"))
	settled(t, shop)
	examined(t, shop)
}

func TestHeldMoneyOfWhichNobodyWasToldIsFound(t *testing.T) {
	t.Parallel()
	shop := setup(t, shoptest.WithManualCapture(), shoptest.WithoutWebhooks())
	product := shop.Product(100)
	unheard := func() (client.Order, string) {
		order := shop.Order(1, product)
		intent := ask(t, shop, order.ID)
		inBrowser(t, shop, intent, "pm_card_visa", http.StatusOK)
		return order, intent.ID
	}
	t.Run("by the sweep", func(t *testing.T) {
		order, _ := unheard()
		_, foreign := unheard()
		require.NoError(t, shop.CatchUp(t.Context()))
		require.Equal(t, isAuthorized, stands(t, shop, order.ID))
		require.NoError(t, shop.Stripe.ExpireHold(foreign))
		require.NoError(t, shop.CatchUp(t.Context()))
		require.Equal(t, 1, scan[int](t, shop, "SELECT count(*) FROM orders WHERE status = 'CANCELLED'"))
	})
	t.Run("by comparing, and so is what became of it", func(t *testing.T) {
		order, intent := unheard()
		lapsed, gone := authorized(t, shop, product)
		taken, captured := authorized(t, shop, product)
		require.NoError(t, shop.Stripe.ExpireHold(gone))
		require.Equal(t, http.StatusOK, atStripe(shop, "sk_test_dashboard", "/v1/payment_intents/"+captured+"/capture", nil).Code)
		compare(t, shop)
		require.Equal(t, isAuthorized, stands(t, shop, order.ID))
		require.Equal(t, isLetGo, stands(t, shop, lapsed.ID))
		require.Equal(t, isPaid, stands(t, shop, taken.ID))
		require.Empty(t, findings(t, shop, client.PaymentFindingStatusOPEN))
		compare(t, shop)
		require.Len(t, findings(t, shop, client.PaymentFindingStatusRESOLVED), 3, "what agrees is not found again: %s", intent)
	})
	t.Run("by the end of the time to pay", func(t *testing.T) {
		order, _ := unheard()
		expire(t, shop, order.ID)
		settled(t, shop)
		require.Equal(t, isAuthorized, stands(t, shop, order.ID))
	})
	t.Run("and written for another version of the API", func(t *testing.T) {
		order, intent := authorized(t, shop, product)
		shop.Stripe.SetEventVersion("2019-01-01")
		require.Equal(t, http.StatusOK, atStripe(shop, "sk_test_dashboard", "/v1/payment_intents/"+intent+"/capture", nil).Code)
		events := of(shop, "charge.captured")
		require.Equal(t, http.StatusOK, tell(t, shop, events[len(events)-1]))
		require.Equal(t, isPaid, stands(t, shop, order.ID))
	})
	settled(t, shop)
	examined(t, shop)
}
