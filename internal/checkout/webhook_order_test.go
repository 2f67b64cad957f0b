package checkout_test

import (
	"net/http"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"cartwright/gen/client"
	"cartwright/internal/app/shoptest"
)

// permutations of the numbers below n.
func permutations(n int) (all [][]int) {
	if n == 0 {
		return [][]int{nil}
	}
	for _, rest := range permutations(n - 1) {
		for at := range n {
			all = append(all, slices.Insert(slices.Clone(rest), at, n-1))
		}
	}
	return all
}

// A history happens at Stripe while the shop hears nothing of it.
var histories = map[string]struct {
	happen func(t *testing.T, shop *shoptest.Shop, intent client.PaymentIntent)
	types  []string
	status client.OrderStatus
	paid   client.PaymentStatus
}{
	"declined, then paid through a bank": {
		happen: func(t *testing.T, shop *shoptest.Shop, intent client.PaymentIntent) {
			inBrowser(t, shop, intent, "pm_card_chargeDeclined", http.StatusPaymentRequired)
			inBrowser(t, shop, intent, "pm_usBankAccount", http.StatusOK)
			require.NoError(t, shop.Stripe.FinishProcessing(intent.ID, true))
		},
		types:  []string{"payment_intent.payment_failed", "payment_intent.processing", "payment_intent.succeeded"},
		status: client.OrderStatusCONFIRMED, paid: client.PaymentStatusPAID,
	},
	"bounced by the bank": {
		happen: func(t *testing.T, shop *shoptest.Shop, intent client.PaymentIntent) {
			inBrowser(t, shop, intent, "pm_usBankAccount", http.StatusOK)
			require.NoError(t, shop.Stripe.FinishProcessing(intent.ID, false))
		},
		types:  []string{"payment_intent.processing", "payment_intent.payment_failed"},
		status: client.OrderStatusPENDING, paid: client.PaymentStatusFAILED,
	},
	"authentication refused": {
		happen: func(t *testing.T, shop *shoptest.Shop, intent client.PaymentIntent) {
			inBrowser(t, shop, intent, "pm_card_authenticationRequired", http.StatusOK)
			require.NoError(t, shop.Stripe.Authenticate(intent.ID, false))
		},
		types:  []string{"payment_intent.requires_action", "payment_intent.payment_failed"},
		status: client.OrderStatusPENDING, paid: client.PaymentStatusFAILED,
	},
	"paid and given back in two parts": {
		happen: func(t *testing.T, shop *shoptest.Shop, intent client.PaymentIntent) {
			inBrowser(t, shop, intent, "pm_card_chargeDeclined", http.StatusPaymentRequired)
			inBrowser(t, shop, intent, "pm_card_visa", http.StatusOK)
			inDashboard(t, shop, intent.ID, "1000")
			inDashboard(t, shop, intent.ID, "")
		},
		types:  []string{"payment_intent.payment_failed", "payment_intent.succeeded", "charge.refunded"},
		status: client.OrderStatusREFUNDED, paid: client.PaymentStatusREFUNDED,
	},
	"paid and given back, which a bank sent back": {
		happen: func(t *testing.T, shop *shoptest.Shop, intent client.PaymentIntent) {
			inBrowser(t, shop, intent, "pm_card_refundFail", http.StatusOK)
			inDashboard(t, shop, intent.ID, "")
		},
		types:  []string{"payment_intent.succeeded", "refund.created", "charge.refunded", "charge.refund.updated"},
		status: client.OrderStatusCONFIRMED, paid: client.PaymentStatusPAID,
	},
	"paid and given back in part": {
		happen: func(t *testing.T, shop *shoptest.Shop, intent client.PaymentIntent) {
			inBrowser(t, shop, intent, "pm_card_visa", http.StatusOK)
			inDashboard(t, shop, intent.ID, "1000")
		},
		types:  []string{"payment_intent.succeeded", "charge.refunded"},
		status: client.OrderStatusCONFIRMED, paid: client.PaymentStatusPARTIALLYREFUNDED,
	},
}

func TestNewsInAnyOrderAndManyTimesLeadsToTheSameEnd(t *testing.T) {
	t.Parallel()
	for name, history := range histories {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			shop := setup(t, shoptest.WithoutWebhooks())
			product := shop.Product(1000)
			for turn := 0; ; turn++ {
				order := shop.Order(1, product)
				intent := ask(t, shop, order.ID)
				before := len(of(shop, history.types...))
				history.happen(t, shop, intent)
				told := of(shop, history.types...)[before:]
				turns := permutations(len(told))
				for _, at := range turns[turn] {
					for range 3 {
						require.Equal(t, http.StatusOK, tell(t, shop, told[at]))
					}
				}
				now := shop.ReadOrder(order.ID)
				require.Equal(t, history.status, now.Status, "told as %v", turns[turn])
				require.Equal(t, history.paid, now.PaymentStatus, "told as %v", turns[turn])
				payment := scan[string](t, shop, "SELECT status FROM payments WHERE order_id = $1", order.ID)
				require.NotEqual(t, "PROCESSING", payment, "told as %v", turns[turn])
				if turn == len(turns)-1 {
					return
				}
			}
		})
	}
}

func TestARefundMayBeHeardOfBeforeThePayment(t *testing.T) {
	t.Parallel()
	shop := setup(t, shoptest.WithoutWebhooks())
	order, succeeded := paidUnheard(t, shop)
	intent := *shop.ReadOrder(order.ID).StripePaymentIntentID
	inDashboard(t, shop, intent, "1000")
	require.Equal(t, http.StatusOK, tell(t, shop, of(shop, "charge.refunded")[0]))
	now := shop.ReadOrder(order.ID)
	require.Equal(t, client.PaymentStatusPARTIALLYREFUNDED, now.PaymentStatus)
	require.Equal(t, client.OrderStatusCONFIRMED, now.Status)
	require.Equal(t, "10.00", now.RefundedAmount.String())
	require.Equal(t, http.StatusOK, tell(t, shop, succeeded))
	require.Equal(t, client.PaymentStatusPARTIALLYREFUNDED, shop.ReadOrder(order.ID).PaymentStatus)
	inDashboard(t, shop, intent, "")
	require.Equal(t, http.StatusOK, tell(t, shop, of(shop, "charge.refunded")[1]))
	now = shop.ReadOrder(order.ID)
	require.Equal(t, client.PaymentStatusREFUNDED, now.PaymentStatus)
	require.Equal(t, client.OrderStatusREFUNDED, now.Status)
	require.Equal(t, "215.99", now.RefundedAmount.String())
}

func TestARefundLargerThanItsPaymentIsSetAside(t *testing.T) {
	t.Parallel()
	shop := setup(t)
	order := shop.Order(1, shop.Product(5))
	pay(t, shop, order.ID, "pm_card_visa")
	charge := shop.Stripe.Charges()[0]
	charge.AmountRefunded = charge.Amount + 1
	event := shop.Stripe.EmitObject("charge.refunded", charge)
	drain(t, shop)
	require.Equal(t, "SET_ASIDE", outcome(t, shop, event.ID))
	require.Equal(t, client.PaymentStatusPAID, shop.ReadOrder(order.ID).PaymentStatus)
}

// A late "processing" must neither keep the order from being paid nor hold its stock for ever.
func TestABankThatBouncedDoesNotBlockTheOrder(t *testing.T) {
	t.Parallel()
	for name, finish := range map[string]func(*testing.T, *shoptest.Shop, client.Order){
		"it can be paid": func(t *testing.T, shop *shoptest.Shop, order client.Order) {
			require.True(t, pay(t, shop, order.ID, "pm_card_visa").Success)
		},
		"it can be cancelled": func(t *testing.T, shop *shoptest.Shop, order client.Order) {
			cancelled, err := shop.Staff.CancelOrderWithResponse(t.Context(), order.ID, nil, client.OrderCancel{})
			require.NoError(t, err)
			require.Equal(t, http.StatusOK, cancelled.StatusCode(), string(cancelled.Body))
		},
		"it expires": func(t *testing.T, shop *shoptest.Shop, order client.Order) {
			expire(t, shop, order.ID)
			becomes(t, shop, order.ID, client.OrderStatusCANCELLED, client.PaymentStatusPENDING)
			require.EqualValues(t, 5, shop.ReadProduct(order.Items[0].ProductID).InventoryQuantity)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			shop := setup(t, shoptest.WithoutWebhooks())
			order := shop.Order(1, shop.Product(5))
			begun := pay(t, shop, order.ID, "pm_usBankAccount")
			require.NoError(t, shop.Stripe.FinishProcessing(begun.PaymentIntent.ID, false))
			finish(t, shop, order) // although the news of the bounce never came
		})
	}
}
