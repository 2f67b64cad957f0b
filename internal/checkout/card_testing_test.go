package checkout_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"cartwright/gen/client"
	"cartwright/internal/app"
	"cartwright/internal/app/shoptest"
	"cartwright/internal/payments/stripesim"
)

// stolen are cards that a bank declines, each for a reason of its own.
var stolen = []string{"4000000000000002", "4000000000009995", "4000000000009987", "4000000000009979", "4000000000006975", "4000000000000069", "4000000000000127", "4000000000000119"}

// method makes a payment method of a card, as Stripe.js does for a page.
func method(t *testing.T, shop *shoptest.Shop, number string) string {
	t.Helper()
	answer := atStripe(shop, "sk_test_page", "/v1/payment_methods", url.Values{
		"type": {"card"}, "card[number]": {number}, "card[exp_month]": {"12"}, "card[exp_year]": {"2031"},
	})
	require.Equal(t, http.StatusOK, answer.Code, answer.Body)
	var made struct{ ID string }
	require.NoError(t, json.Unmarshal(answer.Body.Bytes(), &made))
	return made.ID
}

// orderFor places an order of one unit for an e-mail address.
func orderFor(t *testing.T, shop *shoptest.Shop, product client.Product, email string) client.Order {
	t.Helper()
	placed, err := shop.Guest.PlaceOrderWithResponse(t.Context(), nil, client.OrderPlace{
		CartID: shop.Cart(1, product).ID, Email: email, ShippingAddress: shoptest.Address(),
	})
	require.NoError(t, err)
	require.Equal(t, http.StatusCreated, placed.StatusCode(), string(placed.Body))
	return *placed.JSON201
}

// through is a client that asks from an address of this machine's, of which it has many.
func through(t *testing.T, local string) *http.Client {
	t.Helper()
	dialer := &net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(local)}}
	transport := &http.Transport{DialContext: dialer.DialContext, MaxIdleConnsPerHost: 100}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport, Timeout: time.Minute}
}

// payAs pays as the client, which says what it likes of where it asks from.
func payAs(as *http.Client, shop *shoptest.Shop, order client.Order, method, forwarded string) (status int, problem client.Problem, err error) {
	body := `{}`
	if method != "" {
		body = fmt.Sprintf(`{"paymentMethodId":%q}`, method)
	}
	request, err := http.NewRequest(http.MethodPost, shop.URL+"/api/v1/orders/"+order.ID.String()+"/payment", strings.NewReader(body))
	if err != nil {
		return 0, problem, err
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set(shoptest.OrderTokenHeader, *order.OrderToken)
	if forwarded != "" {
		request.Header.Set("X-Forwarded-For", forwarded)
	}
	response, err := as.Do(request)
	if err != nil {
		return 0, problem, err
	}
	defer func() { _ = response.Body.Close() }()
	read, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode >= 400 {
		err = json.Unmarshal(bytes.TrimSpace(read), &problem)
	}
	return response.StatusCode, problem, err
}

// 1,000 tries from one address, many at once, each with another card, for another e-mail address and with another forged
// address: what the shop allows reaches Stripe, and whoever shops elsewhere notices nothing.
func TestABotThatTriesCardsIsStoppedBeforeStripe(t *testing.T) {
	t.Parallel()
	const tries, orders, atOnce = 1000, 100, 40
	forged := func() string { return fmt.Sprintf("198.18.%d.%d", rand.IntN(256), rand.IntN(256)) }
	for name, c := range map[string]struct {
		options        []shoptest.Option
		bot, elsewhere func() string // what stands in X-Forwarded-For
	}{
		"that forges what nobody believes": {nil, forged, func() string { return "" }},
		"behind a proxy": {
			[]shoptest.Option{shoptest.WithEdge("https://shop.example.com", []string{"127.0.0.0/8"}, nil)},
			func() string { return forged() + ", 203.0.113.7" }, func() string { return "203.0.113.9" },
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var confirmed atomic.Int32
			shop := setup(t, append(c.options, shoptest.WithFraud(app.FraudDefaults()), shoptest.WithIntercept(func(call stripesim.Call) stripesim.Fault {
				if strings.HasSuffix(call.Path, "/confirm") {
					confirmed.Add(1)
				}
				return stripesim.Proceed
			}))...)
			product := shop.Product(orders + 10)
			placed, cards := make([]client.Order, orders), make([]string, tries)
			for i := range placed {
				placed[i] = orderFor(t, shop, product, fmt.Sprintf("bot-%d@example.com", i))
			}
			for i := range cards {
				cards[i] = method(t, shop, stolen[i%len(stolen)])
			}
			honest := make([]client.Order, 5)
			for i := range honest {
				honest[i] = orderFor(t, shop, product, "customer@example.com")
			}
			bot, shopper := through(t, "127.0.0.1"), through(t, "127.0.0.2")
			var mu sync.Mutex
			answers := map[string]int{}
			var together sync.WaitGroup
			together.Go(func() {
				for _, order := range honest {
					status, problem, err := payAs(shopper, shop, order, "pm_card_visa", c.elsewhere())
					if err != nil || status != http.StatusOK {
						t.Errorf("an honest shopper is told %d %s: %v", status, problem.Code, err)
					}
				}
			})
			shoptest.Together(atOnce, func(i int) {
				for ; i < tries; i += atOnce {
					status, problem, err := payAs(bot, shop, placed[i%orders], cards[i], c.bot())
					if err != nil {
						t.Error(err)
					}
					mu.Lock()
					answers[fmt.Sprintf("%d %s %s", status, problem.Code, problem.Detail)]++
					mu.Unlock()
				}
			})
			together.Wait()
			t.Log(answers)
			declined, refused := 0, 0
			for answer, times := range answers {
				switch {
				case strings.HasPrefix(answer, "402 payment_declined"):
					declined += times
				case strings.HasPrefix(answer, "429 payment_refused"):
					refused += times
				default:
					// Two tries of one order met, or one met the end of what another's refusal ended.
					require.Regexp(t, "^409 payment_(in_progress|ended) ", answer)
				}
			}
			require.Positive(t, declined)
			limit := int(app.FraudDefaults().DeclinesPerIP)
			require.LessOrEqual(t, declined, limit)
			require.LessOrEqual(t, int(confirmed.Load()), limit+len(honest), "what reached Stripe")
			require.Greater(t, refused, tries/2)
			require.EqualValues(t, 5*21599, captured(shop), "the honest ones paid")
		})
	}
}

// A page that has a client secret tries cards at Stripe itself: the shop hears of it afterwards.
func TestCardsTriedPastTheShopEndTheirIntent(t *testing.T) {
	t.Parallel()
	rules := app.FraudConfig{Window: app.Window(time.Hour), DeclinesPerSession: 3}
	shop := setup(t, shoptest.WithFraud(rules))
	order := shop.Order(1, shop.Product(5))
	intent := ask(t, shop, order.ID)
	for i := range 3 {
		inBrowser(t, shop, intent, method(t, shop, stolen[i]), http.StatusPaymentRequired)
		drain(t, shop)
	}
	require.Eventually(t, func() bool {
		now, _ := shop.Stripe.Intent(intent.ID)
		return now.Status == "canceled"
	}, soon, tick, "no more can be tried with it")
	drain(t, shop)
	refused, err := shop.Guest.PayOrderWithResponse(t.Context(), order.ID, nil, client.PaymentCreate{})
	require.NoError(t, err)
	require.Equal(t, http.StatusTooManyRequests, refused.StatusCode(), string(refused.Body))
	require.Equal(t, "payment_refused", refused.ApplicationProblemJSON429.Code)
	require.Equal(t, "3600", refused.HTTPResponse.Header.Get("Retry-After"))
	review := reviewOf(t, shop, order.ID)
	require.Equal(t, client.OrderVerdictBLOCK, *review.Verdict)
	require.Equal(t, []string{"declines_per_session"}, review.Reasons)
	require.Equal(t, client.OrderReviewStatusNONE, review.Status, "nothing was paid that could be held")

	exec(t, shop, "UPDATE payment_tries SET created_at = created_at - interval '1 hour'")
	require.True(t, pay(t, shop, order.ID, "pm_card_visa").Success, "later it can be paid")
	require.Equal(t, client.OrderVerdictALLOW, *reviewOf(t, shop, order.ID).Verdict)
}

func TestNobodyGathersClientSecrets(t *testing.T) {
	t.Parallel()
	shop := setup(t, shoptest.WithFraud(app.FraudConfig{Window: app.Window(time.Hour), IntentsPerIP: 3}))
	product := shop.Product(10)
	for range 3 {
		order := shop.Order(1, product)
		ask(t, shop, order.ID)
		ask(t, shop, order.ID)
	}
	refused, err := shop.Guest.PayOrderWithResponse(t.Context(), shop.Order(1, product).ID, nil, client.PaymentCreate{})
	require.NoError(t, err)
	require.Equal(t, http.StatusTooManyRequests, refused.StatusCode(), string(refused.Body))
	require.Len(t, shop.Stripe.Intents(), 3)
}

// A secret that was handed out before is worth nothing once its shopper is refused.
func TestWhoeverIsRefusedLosesTheirSecret(t *testing.T) {
	t.Parallel()
	shop := setup(t, shoptest.WithFraud(app.FraudConfig{Window: app.Window(time.Hour), DeclinesPerEmail: 2}))
	product := shop.Product(10)
	secret := shop.Order(1, product)
	intent := ask(t, shop, secret.ID)
	for range 2 {
		declined, err := shop.Pay(t.Context(), shop.Order(1, product).ID, "pm_card_chargeDeclined")
		require.NoError(t, err)
		require.Equal(t, http.StatusPaymentRequired, declined.StatusCode(), string(declined.Body))
	}
	refused, err := shop.Pay(t.Context(), secret.ID, "pm_card_visa")
	require.NoError(t, err)
	require.Equal(t, http.StatusTooManyRequests, refused.StatusCode(), string(refused.Body))
	require.Eventually(t, func() bool {
		now, _ := shop.Stripe.Intent(intent.ID)
		return now.Status == "canceled"
	}, soon, tick)
}

func TestAnHonestShopperMayMistypeAndIsNotHeld(t *testing.T) {
	t.Parallel()
	shop := setup(t, shoptest.WithFraud(app.FraudDefaults()))
	order := shop.Order(1, shop.Product(5))
	for _, method := range []string{"pm_card_chargeDeclinedIncorrectCvc", "pm_card_chargeDeclinedInsufficientFunds", "pm_card_chargeDeclinedIncorrectCvc"} {
		declined, err := shop.Pay(t.Context(), order.ID, method)
		require.NoError(t, err)
		require.Equal(t, http.StatusPaymentRequired, declined.StatusCode(), string(declined.Body))
	}
	require.True(t, pay(t, shop, order.ID, "pm_card_visa").Success)
	review := reviewOf(t, shop, order.ID)
	require.Equal(t, client.OrderVerdictALLOW, *review.Verdict)
	require.Equal(t, client.OrderReviewStatusNONE, review.Status)
}

func TestWhatStripeNeverLookedAtDoesNotCount(t *testing.T) {
	t.Parallel()
	down := &atomic.Bool{}
	shop := setup(t, shoptest.WithFraud(app.FraudConfig{Window: app.Window(time.Hour), DeclinesPerSession: 2}),
		shoptest.WithIntercept(func(call stripesim.Call) stripesim.Fault {
			if down.Load() && strings.HasSuffix(call.Path, "/confirm") {
				return stripesim.RateLimit
			}
			return stripesim.Proceed
		}))
	order := shop.Order(1, shop.Product(5))
	down.Store(true)
	for range 4 {
		unavailable(t, shop, order.ID, "pm_card_visa")
	}
	down.Store(false)
	require.True(t, pay(t, shop, order.ID, "pm_card_visa").Success)
}

func TestAnAddressThatStripeRefusesDoesNotCount(t *testing.T) {
	t.Parallel()
	shop := setup(t, shoptest.WithFraud(app.FraudConfig{Window: app.Window(time.Hour), DeclinesPerSession: 2}))
	order := shop.Order(1, shop.Product(5))
	method, nowhere := "pm_card_visa", "https:///orders"
	for range 4 {
		refused, err := shop.Guest.PayOrderWithResponse(t.Context(), order.ID, nil, client.PaymentCreate{PaymentMethodID: &method, ReturnURL: &nowhere})
		require.NoError(t, err)
		require.Equal(t, http.StatusUnprocessableEntity, refused.StatusCode(), string(refused.Body))
		require.Equal(t, "returnUrl", refused.ApplicationProblemJSON422.Errors[0].Field)
	}
	require.True(t, pay(t, shop, order.ID, "pm_card_visa").Success)
}

func TestAMethodThatDoesNotExistCountsAsDeclined(t *testing.T) {
	t.Parallel()
	shop := setup(t, shoptest.WithFraud(app.FraudConfig{Window: app.Window(time.Hour), DeclinesPerSession: 2}))
	order := shop.Order(1, shop.Product(5))
	for i, want := range []int{http.StatusUnprocessableEntity, http.StatusUnprocessableEntity, http.StatusTooManyRequests} {
		refused, err := shop.Pay(t.Context(), order.ID, fmt.Sprintf("pm_nobody_knows_%d", i))
		require.NoError(t, err)
		require.Equal(t, want, refused.StatusCode(), string(refused.Body))
	}
}

func TestStaffWhoPayForOthersDoNotCountAsOneAddress(t *testing.T) {
	t.Parallel()
	shop := setup(t, shoptest.WithFraud(app.FraudConfig{Window: app.Window(time.Hour), DeclinesPerIP: 1}))
	product := shop.Product(5)
	declined := "pm_card_chargeDeclined"
	for range 3 {
		answer, err := shop.Staff.PayOrderWithResponse(t.Context(), shop.Order(1, product).ID, nil, client.PaymentCreate{PaymentMethodID: &declined})
		require.NoError(t, err)
		require.Equal(t, http.StatusPaymentRequired, answer.StatusCode(), string(answer.Body))
	}
}

// reviewOf is what staff are shown of an order.
func reviewOf(t *testing.T, shop *shoptest.Shop, order uuid.UUID) client.OrderReview {
	t.Helper()
	read, err := shop.Staff.GetOrderWithResponse(t.Context(), order, nil)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, read.StatusCode(), string(read.Body))
	require.NotNil(t, read.JSON200.Review)
	return *read.JSON200.Review
}
