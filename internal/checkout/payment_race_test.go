package checkout_test

import (
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"cartwright/gen/client"
	"cartwright/internal/app/shoptest"
	"cartwright/internal/payments/stripesim"
)

func TestTwentyPaymentsOfOneOrderAtOnceAreOneCharge(t *testing.T) {
	t.Parallel()
	const times = 20
	shop := setup(t)
	order := shop.Order(1, shop.Product(5))
	var paid atomic.Int32
	shoptest.Together(times, func(int) {
		answer, err := shop.Pay(t.Context(), order.ID, "pm_card_visa")
		switch {
		case err != nil:
			t.Error(err)
		case answer.StatusCode() == http.StatusOK:
			paid.Add(1)
		case answer.StatusCode() != http.StatusConflict:
			t.Errorf("status %d: %s", answer.StatusCode(), answer.Body)
		}
	})
	require.EqualValues(t, 1, paid.Load())
	require.Len(t, shop.Stripe.Charges(), 1)
	require.EqualValues(t, 21599, captured(shop))
}

func TestTenShoppersAskingForTheSecretAtOnceGetOneIntent(t *testing.T) {
	t.Parallel()
	shop := setup(t)
	order := shop.Order(1, shop.Product(5))
	shoptest.Together(10, func(int) {
		answer, err := shop.Guest.PayOrderWithResponse(t.Context(), order.ID, nil, client.PaymentCreate{})
		if err != nil || answer.StatusCode() != http.StatusOK {
			t.Errorf("%v %s", err, answer.Body)
		}
	})
	require.Len(t, shop.Stripe.Intents(), 1)
}

// held blocks Stripe at the requests whose path ends so, until it is let go.
type held struct {
	suffix  string
	reached chan struct{}
	release chan struct{}
}

func hold(suffix string) *held {
	return &held{suffix: suffix, reached: make(chan struct{}, 100), release: make(chan struct{})}
}

func (h *held) intercept(call stripesim.Call) stripesim.Fault {
	if strings.HasSuffix(call.Path, h.suffix) {
		h.reached <- struct{}{}
		<-h.release
	}
	return stripesim.Proceed
}

func TestNoTransactionIsOpenWhileStripeThinks(t *testing.T) {
	t.Parallel()
	for name, suffix := range map[string]string{"creating": "/payment_intents", "confirming": "/confirm"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			stripe := hold(suffix)
			shop := setup(t, shoptest.WithIntercept(stripe.intercept), shoptest.WithoutJobs(), shoptest.WithoutWebhooks())
			order := shop.Order(1, shop.Product(5))
			done := payMeanwhile(t, shop, order)
			<-stripe.reached
			var open, locks int
			err := shop.DB.QueryRow(t.Context(), `SELECT
				(SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in transaction%'),
				(SELECT count(*) FROM pg_locks l JOIN pg_database d ON d.oid = l.database
				WHERE d.datname = current_database() AND l.mode LIKE 'Row%')`).Scan(&open, &locks)
			close(stripe.release)
			require.Equal(t, http.StatusOK, <-done)
			require.NoError(t, err)
			require.Zero(t, open)
			require.Zero(t, locks)
		})
	}
}

// payMeanwhile pays in the background and tells the status.
func payMeanwhile(t *testing.T, shop *shoptest.Shop, order client.Order) <-chan int {
	t.Helper()
	done := make(chan int, 1)
	go func() {
		defer close(done)
		paid, err := shop.Pay(t.Context(), order.ID, "pm_card_visa")
		if err != nil {
			t.Error(err)
			return
		}
		done <- paid.StatusCode()
	}()
	return done
}

func TestAnOrderIsNotCancelledUnderAPaymentOnItsWay(t *testing.T) {
	t.Parallel()
	stripe := hold("/confirm")
	shop := setup(t, shoptest.WithIntercept(stripe.intercept))
	order := shop.Order(1, shop.Product(5))
	done := payMeanwhile(t, shop, order)
	<-stripe.reached
	cancel, err := shop.Staff.CancelOrderWithResponse(t.Context(), order.ID, nil, client.OrderCancel{})
	close(stripe.release)
	require.NoError(t, err)
	require.Equal(t, http.StatusConflict, cancel.StatusCode())
	require.Equal(t, "payment_in_progress", cancel.ApplicationProblemJSON409.Code)
	require.Equal(t, http.StatusOK, <-done)
	require.Equal(t, client.PaymentStatusPAID, shop.ReadOrder(order.ID).PaymentStatus)
}

// ended tells whether an order is in one of the two states that a race of paying and ending may leave.
func ended(t *testing.T, shop *shoptest.Shop, order client.Order) {
	t.Helper()
	drain(t, shop)
	require.Eventually(t, func() bool {
		switch now := shop.ReadOrder(order.ID); {
		case now.Status == client.OrderStatusCONFIRMED && now.PaymentStatus == client.PaymentStatusPAID:
			return true
		case now.Status == client.OrderStatusCANCELLED && now.PaymentStatus == client.PaymentStatusREFUNDED:
			return true
		case now.Status == client.OrderStatusCANCELLED && now.PaymentStatus == client.PaymentStatusPENDING:
			return captured(shop)%21599 == 0
		}
		return false
	}, soon, tick)
}

func TestPayingAndCancellingRaceToOneEnd(t *testing.T) {
	t.Parallel()
	const rounds = 12
	shop := setup(t)
	product := shop.Product(rounds)
	for i := range rounds {
		order := shop.Order(1, product)
		intent := ask(t, shop, order.ID)
		shoptest.Together(2, func(who int) {
			switch {
			case who == 0:
				_, err := shop.Staff.CancelOrderWithResponse(t.Context(), order.ID, nil, client.OrderCancel{})
				if err != nil {
					t.Error(err)
				}
			case i%2 == 0:
				if answer, err := shop.Pay(t.Context(), order.ID, "pm_card_visa"); err != nil || answer.StatusCode() >= 500 {
					t.Errorf("%v %s", err, answer.Body)
				}
			default:
				atStripe(shop, "pk_test_browser", "/v1/payment_intents/"+intent.ID+"/confirm", map[string][]string{
					"client_secret": {*intent.ClientSecret}, "payment_method": {"pm_card_visa"}, "use_stripe_sdk": {"true"},
				})
			}
		})
		ended(t, shop, order)
	}
}

func TestPayingAndExpiringRaceToOneEnd(t *testing.T) {
	t.Parallel()
	const buyers = 12
	shop := setup(t)
	product := shop.Product(buyers)
	placed, intents := make([]client.Order, buyers), make([]client.PaymentIntent, buyers)
	for i := range placed {
		placed[i] = shop.Order(1, product)
		intents[i] = ask(t, shop, placed[i].ID)
	}
	for _, order := range placed {
		expire(t, shop, order.ID)
	}
	shoptest.Together(buyers, func(i int) {
		if i%2 == 0 {
			answer, err := shop.Pay(t.Context(), placed[i].ID, "pm_card_visa")
			if err != nil || answer.StatusCode() >= 500 {
				t.Errorf("%v %s", err, answer.Body)
			}
			return
		}
		atStripe(shop, "pk_test_browser", "/v1/payment_intents/"+intents[i].ID+"/confirm", map[string][]string{
			"client_secret": {*intents[i].ClientSecret}, "payment_method": {"pm_card_visa"}, "use_stripe_sdk": {"true"},
		})
	})
	for _, order := range placed {
		ended(t, shop, order)
	}
	sold := scan[int32](t, shop, "SELECT count(*)::int FROM orders WHERE status = 'CONFIRMED'")
	require.Equal(t, buyers-sold, shop.ReadProduct(product.ID).InventoryQuantity)
}

// The intent is paid in the moment between the decision to end the order and Stripe's answer to the cancellation.
func TestAPaymentThatWinsAgainstCancellationCounts(t *testing.T) {
	t.Parallel()
	setupPaidMeanwhile := func(t *testing.T, begin func(*shoptest.Shop, client.Order)) (*shoptest.Shop, client.Order) {
		stripe := hold("/cancel")
		shop := setup(t, shoptest.WithIntercept(stripe.intercept), shoptest.WithoutWebhooks())
		order := shop.Order(1, shop.Product(5))
		intent := ask(t, shop, order.ID)
		begin(shop, order)
		<-stripe.reached
		inBrowser(t, shop, intent, "pm_card_visa", http.StatusOK)
		close(stripe.release)
		return shop, order
	}
	t.Run("expiry leaves the paid order alone", func(t *testing.T) {
		t.Parallel()
		shop, order := setupPaidMeanwhile(t, func(shop *shoptest.Shop, order client.Order) { expire(t, shop, order.ID) })
		require.Eventually(t, func() bool {
			return scan[bool](t, shop, "SELECT bool_or(state = 'completed') FROM river_job WHERE kind = 'order_expire'")
		}, soon, tick)
		require.Equal(t, client.OrderStatusCONFIRMED, shop.ReadOrder(order.ID).Status)
		require.Equal(t, client.PaymentStatusPAID, shop.ReadOrder(order.ID).PaymentStatus)
		require.Zero(t, refunded(shop))
	})
	t.Run("staff who meant to cancel give it back", func(t *testing.T) {
		t.Parallel()
		done := make(chan struct{})
		shop, order := setupPaidMeanwhile(t, func(shop *shoptest.Shop, order client.Order) {
			go func() {
				defer close(done)
				cancelled, err := shop.Staff.CancelOrderWithResponse(t.Context(), order.ID, nil, client.OrderCancel{})
				if err != nil || cancelled.StatusCode() != http.StatusOK {
					t.Errorf("%v %s", err, cancelled.Body)
				}
			}()
		})
		<-done
		becomes(t, shop, order.ID, client.OrderStatusCANCELLED, client.PaymentStatusREFUNDED)
		require.EqualValues(t, 21599, refunded(shop))
	})
}
