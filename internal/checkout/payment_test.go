package checkout_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"cartwright/gen/client"
)

func TestADeclinedMethodLeavesTheOrderPayable(t *testing.T) {
	t.Parallel()
	for method, code := range map[string]string{
		"pm_card_chargeDeclined":                  "generic_decline",
		"pm_card_chargeDeclinedInsufficientFunds": "insufficient_funds",
		"pm_card_chargeDeclinedExpiredCard":       "expired_card",
	} {
		t.Run(code, func(t *testing.T) {
			t.Parallel()
			shop := setup(t)
			order := shop.Order(2, shop.Product(50))
			refused, err := shop.Pay(t.Context(), order.ID, method)
			require.NoError(t, err)
			require.Equal(t, http.StatusPaymentRequired, refused.StatusCode())
			require.Equal(t, "payment_declined", refused.ApplicationProblemJSON402.Code)
			require.Equal(t, code, *refused.ApplicationProblemJSON402.DeclineCode)
			now := shop.ReadOrder(order.ID)
			require.Equal(t, client.OrderStatusPENDING, now.Status)
			require.Equal(t, client.PaymentStatusFAILED, now.PaymentStatus)
			require.EqualValues(t, 48, shop.ReadProduct(order.Items[0].ProductID).InventoryQuantity, "still held")

			paid := pay(t, shop, order.ID, "pm_card_visa")
			require.True(t, paid.Success)
			require.Equal(t, client.OrderStatusCONFIRMED, paid.Order.Status)
			require.Equal(t, client.PaymentStatusPAID, paid.Order.PaymentStatus)
			require.EqualValues(t, 43198, captured(shop))
			require.Len(t, shop.Stripe.Intents(), 1, "both tries used one intent")
		})
	}
}

func TestAPaidOrderIsNotPaidAgain(t *testing.T) {
	t.Parallel()
	shop := setup(t)
	order := shop.Order(1, shop.Product(5))
	pay(t, shop, order.ID, "pm_card_visa")
	for _, method := range []string{"pm_card_visa", "pm_card_chargeDeclined"} {
		again, err := shop.Pay(t.Context(), order.ID, method)
		require.NoError(t, err)
		require.Equal(t, http.StatusConflict, again.StatusCode())
		require.Equal(t, "order_already_paid", again.ApplicationProblemJSON409.Code)
	}
	require.EqualValues(t, 21599, captured(shop))
}

func TestAnOrderThatRequiresActionWaitsForTheShopper(t *testing.T) {
	t.Parallel()
	for name, passed := range map[string]bool{"passed": true, "refused": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			shop := setup(t)
			order := shop.Order(1, shop.Product(5))
			asked := pay(t, shop, order.ID, "pm_card_authenticationRequired")
			require.False(t, asked.Success)
			require.Equal(t, client.OrderStatusPENDING, asked.Order.Status)
			require.Equal(t, client.PaymentStatusPENDING, asked.Order.PaymentStatus)
			require.Equal(t, client.PaymentIntentStatusRequiresAction, asked.PaymentIntent.Status)
			require.NotEmpty(t, *asked.PaymentIntent.ClientSecret)
			require.Equal(t, "redirect_to_url", asked.PaymentIntent.NextAction.Type)
			require.Contains(t, asked.PaymentIntent.NextAction.AdditionalProperties, "redirect_to_url")
			drain(t, shop)
			require.Equal(t, client.OrderStatusPENDING, shop.ReadOrder(order.ID).Status)

			require.NoError(t, shop.Stripe.Authenticate(asked.PaymentIntent.ID, passed))
			drain(t, shop)
			if !passed {
				require.Equal(t, client.PaymentStatusFAILED, shop.ReadOrder(order.ID).PaymentStatus)
				require.True(t, pay(t, shop, order.ID, "pm_card_visa").Success)
			}
			now := shop.ReadOrder(order.ID)
			require.Equal(t, client.OrderStatusCONFIRMED, now.Status)
			require.Equal(t, client.PaymentStatusPAID, now.PaymentStatus)
			require.EqualValues(t, 21599, captured(shop))
		})
	}
}

func TestAShopperMayChooseAnotherCardInsteadOfAuthenticating(t *testing.T) {
	t.Parallel()
	shop := setup(t)
	order := shop.Order(1, shop.Product(5))
	pay(t, shop, order.ID, "pm_card_authenticationRequired")
	require.True(t, pay(t, shop, order.ID, "pm_card_visa").Success)
	require.EqualValues(t, 21599, captured(shop))
}

func TestABankDebitPaysWhenTheBankSaysSo(t *testing.T) {
	t.Parallel()
	for name, clears := range map[string]bool{"clears": true, "bounces": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			shop := setup(t)
			order := shop.Order(1, shop.Product(5))
			begun := pay(t, shop, order.ID, "pm_usBankAccount")
			require.False(t, begun.Success)
			require.Equal(t, client.PaymentIntentStatusProcessing, begun.PaymentIntent.Status)
			require.Equal(t, client.OrderStatusPENDING, begun.Order.Status)
			second, err := shop.Pay(t.Context(), order.ID, "pm_card_visa")
			require.NoError(t, err)
			require.Equal(t, http.StatusConflict, second.StatusCode(), "the bank may still pay")
			require.Equal(t, "payment_in_progress", second.ApplicationProblemJSON409.Code)
			cancel, err := shop.Staff.CancelOrderWithResponse(t.Context(), order.ID, nil, client.OrderCancel{})
			require.NoError(t, err)
			require.Equal(t, http.StatusConflict, cancel.StatusCode(), "nor can it be stopped")

			require.NoError(t, shop.Stripe.FinishProcessing(begun.PaymentIntent.ID, clears))
			drain(t, shop)
			if !clears {
				require.Equal(t, client.PaymentStatusFAILED, shop.ReadOrder(order.ID).PaymentStatus)
				require.True(t, pay(t, shop, order.ID, "pm_card_visa").Success)
			}
			require.Equal(t, client.PaymentStatusPAID, shop.ReadOrder(order.ID).PaymentStatus)
			require.EqualValues(t, 21599, captured(shop))
		})
	}
}

func TestTheWebhookAloneConfirmsWhatTheBrowserPaid(t *testing.T) {
	t.Parallel()
	shop := setup(t)
	order := shop.Order(2, shop.Product(5))
	intent := ask(t, shop, order.ID)
	require.Equal(t, client.PaymentIntentStatusRequiresPaymentMethod, intent.Status)
	require.Equal(t, intent.ID, ask(t, shop, order.ID).ID, "asking again is the same intent")
	inBrowser(t, shop, intent, "pm_card_chargeDeclined", http.StatusPaymentRequired)
	drain(t, shop)
	require.Equal(t, client.PaymentStatusFAILED, shop.ReadOrder(order.ID).PaymentStatus)
	inBrowser(t, shop, intent, "pm_card_visa", http.StatusOK)
	drain(t, shop)
	now := shop.ReadOrder(order.ID)
	require.Equal(t, client.OrderStatusCONFIRMED, now.Status)
	require.Equal(t, client.PaymentStatusPAID, now.PaymentStatus)
	require.Equal(t, intent.ID, *now.StripePaymentIntentID)
	require.EqualValues(t, 3, shop.ReadProduct(order.Items[0].ProductID).InventoryQuantity)
}

func TestAnUnknownMethodIsTheRequestsFault(t *testing.T) {
	t.Parallel()
	shop := setup(t)
	order := shop.Order(1, shop.Product(5))
	refused, err := shop.Pay(t.Context(), order.ID, "pm_nobody_knows")
	require.NoError(t, err)
	require.Equal(t, http.StatusUnprocessableEntity, refused.StatusCode(), string(refused.Body))
	require.Equal(t, "paymentMethodId", refused.ApplicationProblemJSON422.Errors[0].Field)
	require.True(t, pay(t, shop, order.ID, "pm_card_visa").Success)
}

func TestAnOrderOfNothingIsPaidWithoutStripe(t *testing.T) {
	t.Parallel()
	shop := setup(t)
	order := shop.Order(1, shop.Product(5, func(p *client.ProductCreate) { p.Price = "0" }))
	paid := pay(t, shop, order.ID, "pm_card_visa")
	require.True(t, paid.Success)
	require.Nil(t, paid.PaymentIntent)
	require.Equal(t, client.PaymentStatusPAID, paid.Order.PaymentStatus)
	require.Empty(t, shop.Stripe.Intents())
	cancelled, err := shop.Staff.CancelOrderWithResponse(t.Context(), order.ID, nil, client.OrderCancel{})
	require.NoError(t, err)
	require.Equal(t, client.OrderStatusCANCELLED, cancelled.JSON200.Status)
}

// Orders of before addresses were checked as mail reads them have such.
func TestAnAddressThatStripeDislikesDoesNotStandInTheWay(t *testing.T) {
	t.Parallel()
	shop := setup(t)
	order := shop.Order(1, shop.Product(5))
	_, err := shop.DB.Exec(t.Context(), "UPDATE orders SET email = 'a..b@example.com' WHERE id = $1", order.ID)
	require.NoError(t, err)
	require.True(t, pay(t, shop, order.ID, "pm_card_visa").Success)
}
