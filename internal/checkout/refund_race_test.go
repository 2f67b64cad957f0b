package checkout_test

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"cartwright/gen/client"
	"cartwright/internal/app/shoptest"
	"cartwright/internal/payments/stripesim"
)

// ways are the ways in which money is given back.
var ways = map[string]func(shop *shoptest.Shop, order client.Order, intent string, cents int64) (status int){
	"amount": func(shop *shoptest.Shop, order client.Order, _ string, cents int64) int {
		return asked(shop, order, client.RefundCreate{Amount: money(strconv.FormatInt(cents, 10) + "e-2")})
	},
	"item": func(shop *shoptest.Shop, order client.Order, _ string, cents int64) int {
		item := order.Items[cents%int64(len(order.Items))]
		return asked(shop, order, client.RefundCreate{Items: []client.RefundItemInput{{OrderItemID: item.ID, Quantity: 1 + int32(cents%2)}}})
	},
	"rest": func(shop *shoptest.Shop, order client.Order, _ string, _ int64) int {
		return asked(shop, order, client.RefundCreate{})
	},
	"dashboard": func(shop *shoptest.Shop, _ client.Order, intent string, cents int64) int {
		form := url.Values{"payment_intent": {intent}, "amount": {strconv.FormatInt(cents, 10)}}
		if atStripe(shop, "sk_test_dashboard", "/v1/refunds", form).Code == http.StatusOK {
			return http.StatusCreated
		}
		return http.StatusConflict
	},
}

func asked(shop *shoptest.Shop, order client.Order, body client.RefundCreate) int {
	got, err := shop.Staff.RefundOrderWithResponse(context.Background(), order.ID, nil, body)
	if err != nil {
		return 0
	}
	return got.StatusCode()
}

// At no time is more given back than was paid, and in the end it is exactly that.
func TestRefundsInAnyOrderAndAtOnceEndExactlyAtWhatWasPaid(t *testing.T) {
	t.Parallel()
	shop := setup(t)
	lamp, cable := shop.Product(100_000), shop.Product(100_000, func(p *client.ProductCreate) { p.Price = "0.07" })
	rounds := 0
	rapid.Check(t, func(r *rapid.T) {
		if rounds++; rounds > 30 { // each takes a while
			return
		}
		quantity := rapid.Int32Range(1, 3).Draw(r, "quantity")
		method := rapid.SampledFrom([]string{"pm_card_visa", "pm_card_visa", "pm_card_pendingRefund", "pm_card_refundFail"}).Draw(r, "method")
		order, intent := paid(t, shop, method, quantity, lamp, cable)
		total := scan[int64](t, shop, "SELECT total_minor FROM orders WHERE id = $1", order.ID)
		atMost := func() {
			var sum int64
			for _, refund := range shop.Stripe.Refunds() {
				if *refund.PaymentIntent == intent && refund.Status != "failed" && refund.Status != "canceled" {
					sum += refund.Amount
				}
			}
			require.LessOrEqual(r, sum, total)
			require.LessOrEqual(r, scan[int64](t, shop, "SELECT refunded_minor FROM payments WHERE order_id = $1", order.ID), total)
		}
		for range rapid.IntRange(1, 3).Draw(r, "rounds") {
			names := rapid.SliceOfN(rapid.SampledFrom([]string{"amount", "amount", "item", "item", "item", "rest", "dashboard"}), 2, 5).Draw(r, "ways")
			cents := rapid.SliceOfN(rapid.Int64Range(1, total), len(names), len(names)).Draw(r, "cents")
			statuses := make([]int, len(names))
			shoptest.Together(len(names), func(i int) { statuses[i] = ways[names[i]](shop, order, intent, cents[i]) })
			for i, status := range statuses {
				require.Contains(r, []int{http.StatusCreated, http.StatusConflict}, status, names[i])
			}
			atMost()
		}
		settle(t, shop, intent, method != "pm_card_pendingRefund" || total%2 == 0)
		if method == "pm_card_refundFail" {
			require.Equal(r, client.PaymentStatusPAID, shop.ReadOrder(order.ID).PaymentStatus)
			return // whatever is given back comes back
		}
		if asked(shop, order, client.RefundCreate{}) == http.StatusCreated {
			settle(t, shop, intent, true)
		}
		require.Equal(r, client.PaymentStatusREFUNDED, shop.ReadOrder(order.ID).PaymentStatus)
		require.EqualValues(r, total, scan[int64](t, shop, "SELECT refunded_minor FROM payments WHERE order_id = $1", order.ID))
		require.Equal(r, "0.00", shop.ReadOrder(order.ID).RefundableAmount.String())
		atMost()
	})
}

// settle has every pending refund of an intent succeed, or every other fail, and the shop hear of all.
func settle(t *testing.T, shop *shoptest.Shop, intent string, all bool) {
	t.Helper()
	for i, refund := range shop.Stripe.Refunds() {
		if *refund.PaymentIntent == intent && refund.Status == "pending" {
			require.NoError(t, shop.Stripe.FinishRefund(refund.ID, all || i%2 == 0))
		}
	}
	drain(t, shop)
}

// Stripe keeps a 500 under its key for a day, and may have given the money back all the same.
func TestARefundThatStripeFailedAtIsMadeOnceWhenItHasForgottenThat(t *testing.T) {
	t.Parallel()
	var fault atomic.Int32
	shop := setup(t, shoptest.WithIntercept(func(call stripesim.Call) stripesim.Fault {
		if call.Path == "/v1/refunds" {
			return stripesim.Fault(fault.Load())
		}
		return stripesim.Proceed
	}))
	lamp := shop.Product(9)
	before, _ := paid(t, shop, "pm_card_visa", 1, lamp)
	after, _ := paid(t, shop, "pm_card_visa", 1, lamp)
	fault.Store(int32(stripesim.FailBefore))
	require.Equal(t, client.RefundStatusPENDING, giveBack(t, shop, before, client.RefundCreate{Amount: money("10.00")}).Status)
	fault.Store(int32(stripesim.FailAfter))
	require.Equal(t, client.RefundStatusPENDING, giveBack(t, shop, after, client.RefundCreate{Amount: money("10.00")}).Status)
	fault.Store(0)
	for range 3 { // which would use up its attempts
		lookAtRefunds(t, shop)
		require.Eventually(t, func() bool {
			return scan[int](t, shop, "SELECT count(*) FROM river_job WHERE kind = 'payment_refund' AND state NOT IN ('scheduled', 'completed')") == 0
		}, soon, tick)
	}
	require.Equal(t, [3]string{"205.99", "10.00", "0.00"}, amounts(shop, before))
	require.Equal(t, [3]string{"205.99", "0.00", "10.00"}, amounts(shop, after))
	require.Equal(t, 1, scan[int](t, shop, "SELECT max(attempt) FROM river_job WHERE kind = 'payment_refund'"))
	shop.Stripe.ForgetKeys()
	lookAtRefunds(t, shop)
	require.Eventually(t, func() bool { return amounts(shop, before) == [3]string{"205.99", "0.00", "10.00"} }, soon, tick)
	require.EqualValues(t, 2000, refunded(shop))
}
