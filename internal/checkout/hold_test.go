package checkout_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cartwright/gen/client"
	"cartwright/internal/app"
	"cartwright/internal/app/shoptest"
)

// judging holds for whatever Stripe and the bank find, and counts nothing.
func judging() app.FraudConfig {
	return app.FraudConfig{
		Window: app.Window(time.Hour), HoldRisk: "elevated", BlockRisk: "highest", HoldChecks: []string{"cvc", "postal_code", "line1"},
	}
}

func TestADoubtfulPaymentHoldsItsOrder(t *testing.T) {
	t.Parallel()
	with := setup(t, shoptest.WithFraud(judging()), shoptest.WithLetting())
	without := setup(t, shoptest.WithLetting())
	product, other := with.Product(100), without.Product(100)
	ways := map[string]func(*testing.T, *shoptest.Shop, client.Order, string){
		"charged by the shop": func(t *testing.T, shop *shoptest.Shop, order client.Order, method string) {
			paid := pay(t, shop, order.ID, method)
			require.True(t, paid.Success, "the shopper hears that it is paid")
			require.Nil(t, paid.Order.Review, "and no more")
		},
		"charged past the shop": func(t *testing.T, shop *shoptest.Shop, order client.Order, method string) {
			inBrowser(t, shop, ask(t, shop, order.ID), method, http.StatusOK)
			drain(t, shop)
		},
	}
	for method, want := range map[string]struct {
		verdict client.OrderVerdict
		reasons []string
	}{
		"pm_card_visa":                     {client.OrderVerdictALLOW, []string{}},
		"pm_card_riskLevelElevated":        {client.OrderVerdictHOLD, []string{"risk_elevated"}},
		"pm_card_riskLevelHighest":         {client.OrderVerdictBLOCK, []string{"risk_highest"}},
		"pm_card_cvcCheckFail":             {client.OrderVerdictHOLD, []string{"cvc_failed"}},
		"pm_card_cvcCheckFailElevatedRisk": {client.OrderVerdictHOLD, []string{"cvc_failed", "risk_elevated"}},
		"pm_card_avsFail":                  {client.OrderVerdictHOLD, []string{"line1_failed", "postal_code_failed"}},
		"pm_card_avsLine1Fail":             {client.OrderVerdictHOLD, []string{"line1_failed"}},
		"pm_card_avsZipFail":               {client.OrderVerdictHOLD, []string{"postal_code_failed"}},
		"pm_usBankAccount":                 {client.OrderVerdictALLOW, []string{}},
	} {
		for way, charge := range ways {
			if method == "pm_usBankAccount" && way == "charged by the shop" {
				continue // the shopper hears nothing at once of money that takes days
			}
			t.Run(method+" "+way, func(t *testing.T) {
				order, unruled := with.Order(1, product), without.Order(1, other)
				charge(t, with, order, method)
				charge(t, without, unruled, method)
				if method == "pm_usBankAccount" {
					for shop, order := range map[*shoptest.Shop]client.Order{with: order, without: unruled} {
						require.NoError(t, shop.Stripe.FinishProcessing(*shop.ReadOrder(order.ID).StripePaymentIntentID, true))
						drain(t, shop)
					}
				}
				for shop, order := range map[*shoptest.Shop]client.Order{with: order, without: unruled} {
					now := shop.ReadOrder(order.ID)
					require.Equal(t, client.PaymentStatusPAID, now.PaymentStatus)
					require.Equal(t, client.OrderStatusCONFIRMED, now.Status)
					require.Nil(t, now.Review, "shoppers are told nothing")
				}
				review := reviewOf(t, with, order.ID)
				require.Equal(t, want.verdict, *review.Verdict)
				require.Equal(t, want.reasons, review.Reasons)
				require.Equal(t, want.verdict != client.OrderVerdictALLOW, review.Status == client.OrderReviewStatusHELD)
				require.Equal(t, client.OrderReviewStatusNONE, reviewOf(t, without, unruled.ID).Status, "without the rules")
			})
		}
	}
}

func TestAPaymentThatRadarBlocksIsDeclined(t *testing.T) {
	t.Parallel()
	shop := setup(t, shoptest.WithFraud(judging()))
	for _, method := range []string{"pm_card_radarBlock", "pm_card_riskLevelHighest"} {
		declined, err := shop.Pay(t.Context(), shop.Order(1, shop.Product(5)).ID, method)
		require.NoError(t, err)
		require.Equal(t, http.StatusPaymentRequired, declined.StatusCode(), string(declined.Body))
	}
	require.Zero(t, captured(shop))
}

func TestAnOrderOnHoldWaitsForStaff(t *testing.T) {
	t.Parallel()
	shop := setup(t, shoptest.WithFraud(judging()))
	product := shop.Product(10)
	order, fine := shop.Order(1, product), shop.Order(1, product)
	pay(t, shop, order.ID, "pm_card_riskLevelElevated")
	pay(t, shop, fine.ID, "pm_card_visa")
	onHold := func() (ids []string) {
		held := client.OrderReviewStatusHELD
		listed, err := shop.Staff.ListOrdersWithResponse(t.Context(), &client.ListOrdersParams{Review: &held})
		require.NoError(t, err)
		require.Equal(t, http.StatusOK, listed.StatusCode(), string(listed.Body))
		for _, found := range listed.JSON200.Data {
			require.Equal(t, []string{"risk_elevated"}, found.Review.Reasons)
			ids = append(ids, found.ID.String())
		}
		return ids
	}
	move := func(status client.OrderStatus) *client.UpdateOrderStatusResponse {
		moved, err := shop.Staff.UpdateOrderStatusWithResponse(t.Context(), order.ID, nil, client.OrderStatusUpdate{Status: status})
		require.NoError(t, err)
		return moved
	}
	require.Equal(t, []string{order.ID.String()}, onHold())
	for _, status := range []client.OrderStatus{client.OrderStatusPROCESSING, client.OrderStatusSHIPPED} {
		refused := move(status)
		require.Equal(t, http.StatusConflict, refused.StatusCode(), string(refused.Body))
		require.Equal(t, "order_on_hold", refused.ApplicationProblemJSON409.Code)
	}
	t.Run("released, it is sent", func(t *testing.T) {
		released, err := shop.Staff.ReleaseOrderWithResponse(t.Context(), order.ID, nil, client.OrderRelease{})
		require.NoError(t, err)
		require.Equal(t, http.StatusOK, released.StatusCode(), string(released.Body))
		require.Equal(t, client.OrderReviewStatusRELEASED, released.JSON200.Review.Status)
		require.Empty(t, onHold())
		require.Equal(t, client.OrderStatusSHIPPED, move(client.OrderStatusSHIPPED).JSON200.Status)
	})
	t.Run("cancelled, its money goes back", func(t *testing.T) {
		order := shop.Order(1, product)
		pay(t, shop, order.ID, "pm_card_riskLevelElevated")
		require.Equal(t, []string{order.ID.String()}, onHold())
		cancelled, err := shop.Staff.CancelOrderWithResponse(t.Context(), order.ID, nil, client.OrderCancel{})
		require.NoError(t, err)
		require.Equal(t, http.StatusOK, cancelled.StatusCode(), string(cancelled.Body))
		require.Equal(t, client.OrderReviewStatusREJECTED, cancelled.JSON200.Review.Status)
		becomes(t, shop, order.ID, client.OrderStatusCANCELLED, client.PaymentStatusREFUNDED)
		require.Empty(t, onHold())
	})
	t.Run("given back by hand, it waits no more", func(t *testing.T) {
		order := shop.Order(1, product)
		pay(t, shop, order.ID, "pm_card_riskLevelElevated")
		inDashboard(t, shop, *shop.ReadOrder(order.ID).StripePaymentIntentID, "")
		becomes(t, shop, order.ID, client.OrderStatusREFUNDED, client.PaymentStatusREFUNDED)
		require.Empty(t, onHold())
	})
}
