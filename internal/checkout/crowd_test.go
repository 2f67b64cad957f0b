package checkout_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cartwright/gen/client"
	"cartwright/internal/app"
	"cartwright/internal/app/shoptest"
	"cartwright/internal/payments/stripesim"
)

// crowdOf are the orders of so many buyers, each their own.
func crowdOf(t *testing.T, shop *shoptest.Shop, buyers int) []client.Order {
	t.Helper()
	product, placed := shop.Product(int32(4*buyers)), make([]client.Order, buyers)
	for i := range placed {
		placed[i] = orderFor(t, shop, product, fmt.Sprintf("buyer-%d@example.com", i))
	}
	return placed
}

func TestPay_AnHonestCrowdBehindOneAddressPays(t *testing.T) {
	t.Parallel()
	const buyers = 32
	for name, address := range map[string]string{"IPv4": "203.0.113.7", "IPv6": "2001:db8::7"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rules := app.FraudDefaults()
			rules.EmailsPerCard = 0 // the buyers' cards have one number
			shop := setup(t, behindProxy(), shoptest.WithFraud(rules))
			placed, cards := crowdOf(t, shop, buyers), make([]string, buyers)
			for i := range cards {
				cards[i] = method(t, shop, "4242424242424242")
			}
			shoptest.Together(buyers, func(i int) {
				status, problem, err := payAs(shop.HTTP(), shop, placed[i], cards[i], address)
				if err != nil || status != http.StatusOK {
					t.Errorf("a buyer is told %d %s: %v", status, problem.Code, err)
				}
			})
			for _, order := range placed {
				now := shop.ReadOrder(order.ID)
				require.Equal(t, client.PaymentStatusPAID, now.PaymentStatus)
				for _, reason := range reviewOf(t, shop, order.ID).Reasons {
					require.NotContains(t, reason, "_per_ip", "nor is it held for the others")
				}
			}
		})
	}
}

// While the first ones of a crowd are asked by their banks, which takes minutes, the others are asked, too.
func TestPay_ACrowdThatWaitsInVainIsAskedForSecureCards(t *testing.T) {
	t.Parallel()
	const buyers = 12
	rules := app.FraudConfig{Window: app.Window(time.Hour), HoldRisk: "none", BlockRisk: "none", DeclinesPerIP: 4}
	shop := setup(t, shoptest.WithFraud(rules))
	placed := crowdOf(t, shop, buyers)
	for i := range 4 {
		paid := pay(t, shop, placed[i].ID, "pm_card_authenticationRequired")
		require.False(t, paid.Success)
	}
	shoptest.Together(buyers-4, func(i int) {
		paid, err := shop.Pay(t.Context(), placed[4+i].ID, "pm_card_threeDSecureOptional")
		if err != nil || paid.StatusCode() != http.StatusOK || paid.JSON200.Success || paid.JSON200.PaymentIntent.NextAction == nil {
			t.Errorf("not asked for 3-D Secure: %v %s", err, paid.Body)
		}
	})
	for _, order := range placed {
		intent := *shop.ReadOrder(order.ID).StripePaymentIntentID
		require.NoError(t, shop.Stripe.Authenticate(intent, true))
	}
	drain(t, shop)
	require.EqualValues(t, buyers*21599, captured(shop))
}

func TestPay_RisingDoubtAsksForSecureCardsBeforeItRefuses(t *testing.T) {
	t.Parallel()
	shop := setup(t, shoptest.WithFraud(app.FraudConfig{Window: app.Window(time.Hour), HoldRisk: "none", BlockRisk: "none", DeclinesPerIP: 4}))
	placed := crowdOf(t, shop, 6)
	decline := func(order client.Order) {
		declined, err := shop.Pay(t.Context(), order.ID, "pm_card_chargeDeclined")
		require.NoError(t, err)
		require.Equal(t, http.StatusPaymentRequired, declined.StatusCode(), string(declined.Body))
	}
	decline(placed[0])
	require.True(t, pay(t, shop, placed[1].ID, "pm_card_threeDSecureOptional").Success, "one decline is no doubt")
	decline(placed[0])
	asked := pay(t, shop, placed[2].ID, "pm_card_threeDSecureOptional")
	require.False(t, asked.Success)
	require.NotNil(t, asked.PaymentIntent.NextAction)
	require.True(t, pay(t, shop, placed[3].ID, "pm_card_visa").Success, "a card that does not know it is charged")
	decline(placed[0])
	decline(placed[4])
	refused, err := shop.Pay(t.Context(), placed[5].ID, "pm_card_visa")
	require.NoError(t, err)
	require.Equal(t, http.StatusTooManyRequests, refused.StatusCode(), string(refused.Body))
}

// Whoever has a /48 has 65,536 networks of one /64 each.
func TestPay_NetworksOfOneSubscriberCountTogether(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		address func(int) string
		most    int
	}{
		"a /64": {func(i int) string { return fmt.Sprintf("2001:db8::%x", i+1) }, 10},
		"a /56": {func(i int) string { return fmt.Sprintf("2001:db8:0:%x::1", i) }, 13},
		"a /48": {func(i int) string { return fmt.Sprintf("2001:db8:0:%x00::1", i) }, 15},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var confirmed atomic.Int32
			rules := app.FraudConfig{Window: app.Window(time.Hour), HoldRisk: "none", BlockRisk: "none", DeclinesPerIP: 10}
			shop := setup(t, behindProxy(), shoptest.WithFraud(rules), shoptest.WithIntercept(func(call stripesim.Call) stripesim.Fault {
				if strings.HasSuffix(call.Path, "/confirm") {
					confirmed.Add(1)
				}
				return stripesim.Proceed
			}))
			placed := crowdOf(t, shop, 22)
			for i, order := range placed[:21] {
				want := http.StatusPaymentRequired
				if i >= c.most {
					want = http.StatusTooManyRequests
				}
				status, _, err := payAs(shop.HTTP(), shop, order, "pm_card_chargeDeclined", c.address(i))
				require.NoError(t, err)
				require.Equal(t, want, status, i)
			}
			require.EqualValues(t, c.most, confirmed.Load())
			status, _, err := payAs(shop.HTTP(), shop, placed[21], "pm_card_visa", "2001:db8:1::1")
			require.NoError(t, err)
			require.Equal(t, http.StatusOK, status, "another subscriber")
		})
	}
}
