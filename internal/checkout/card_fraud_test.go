package checkout_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
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

// secretOf begins a setup that Stripe.js is to finish.
func secretOf(t *testing.T, who *shopper) client.CardSetup {
	t.Helper()
	begun := setUpCard(t, who, "")
	require.Equal(t, http.StatusCreated, begun.StatusCode(), string(begun.Body))
	return *begun.JSON201
}

// ends waits until Stripe lets nothing more be tried with a setup.
func ends(t *testing.T, shop *shoptest.Shop, setup client.CardSetup) {
	t.Helper()
	require.Eventually(t, func() bool {
		return slices.ContainsFunc(shop.Stripe.Setups(), func(now stripesim.SetupIntent) bool {
			return now.ClientSecret == *setup.ClientSecret && now.Status == "canceled"
		})
	}, soon, tick, "no more can be tried with it")
}

// notAdmitted asserts that somebody is let to save no card.
func notAdmitted(t *testing.T, who *shopper) {
	t.Helper()
	refused := setUpCard(t, who, "")
	require.Equal(t, http.StatusTooManyRequests, refused.StatusCode(), string(refused.Body))
	require.Equal(t, "payment_refused", refused.ApplicationProblemJSON429.Code)
}

// declines are how many tries count as declined.
func declines(t *testing.T, shop *shoptest.Shop) int {
	t.Helper()
	return scan[int](t, shop, "SELECT count(*) FROM payment_tries WHERE outcome = 'DECLINED'")
}

// A page that has a setup's client secret tries cards at Stripe itself: the shop hears of it by its news alone.
func TestCardsTriedBySavingThemPastTheShopEndTheirSetups(t *testing.T) {
	t.Parallel()
	down, option := failing("/cancel", stripesim.FailBefore)
	shop := setup(t, option, shoptest.WithFraud(app.FraudConfig{Window: app.Window(time.Hour), DeclinesPerSession: 3}))
	mine := buyer(shop, "customer@example.com")
	tried, unused, others := secretOf(t, mine), secretOf(t, mine), secretOf(t, buyer(shop, "other@example.com"))
	down.Store(true)
	for i := range 3 {
		require.Equal(t, i, declines(t, shop))
		tryInBrowser(t, shop, tried, method(t, shop, stolen[i]), http.StatusPaymentRequired)
		drain(t, shop)
	}
	require.Equal(t, 3, scan[int](t, shop, "SELECT count(DISTINCT fingerprint_hash) FROM payment_tries WHERE outcome = 'DECLINED'"))
	down.Store(false) // what was decided is done when Stripe is back
	ends(t, shop, tried)
	ends(t, shop, unused)
	drain(t, shop)
	notAdmitted(t, mine)
	for _, setup := range []client.CardSetup{tried, unused} {
		require.Equal(t, client.CardSetupStatusCanceled, setupOf(t, mine, setup.ID).Status)
		tryInBrowser(t, shop, setup, "pm_card_visa", http.StatusBadRequest)
	}
	require.Equal(t, 3, declines(t, shop))
	tryInBrowser(t, shop, others, "pm_card_visa", http.StatusOK)

	exec(t, shop, "UPDATE payment_tries SET created_at = created_at - interval '1 hour'")
	save(t, mine, "pm_card_visa")
}

func TestADeclineOfASetupCountsOnceHoweverItIsTold(t *testing.T) {
	t.Parallel()
	shop := setup(t, shoptest.WithoutWebhooks(), shoptest.WithFraud(app.FraudConfig{Window: app.Window(time.Hour), DeclinesPerSession: 100}))
	mine := buyer(shop, "customer@example.com")
	require.Equal(t, http.StatusPaymentRequired, setUpCard(t, mine, "pm_card_chargeDeclined").StatusCode())
	asked := setUpCard(t, mine, "pm_card_authenticationRequired").JSON201
	require.NoError(t, shop.Stripe.Authenticate(seti(*asked), false))
	begun := secretOf(t, mine)
	first, second := method(t, shop, stolen[0]), method(t, shop, stolen[1])
	for _, card := range []string{first, second, first} {
		tryInBrowser(t, shop, begun, card, http.StatusPaymentRequired)
	}
	const all = 5
	events := of(shop, "setup_intent.setup_failed", "setup_intent.requires_action")
	require.Len(t, events, all+1)
	backwards := slices.Clone(events)
	slices.Reverse(backwards)
	for _, order := range [][]stripesim.Event{backwards, events, backwards} {
		exec(t, shop, "DELETE FROM webhook_events")
		for _, event := range order {
			for range 3 {
				require.Equal(t, http.StatusOK, tell(t, shop, event))
			}
			setupOf(t, mine, begun.ID)
			setupOf(t, mine, asked.ID)
		}
		require.Equal(t, all, declines(t, shop))
		require.Zero(t, scan[int](t, shop, "SELECT count(*) FROM payment_tries WHERE outcome = 'OPEN'"))
	}
	t.Run("also once it has succeeded", func(t *testing.T) {
		tryInBrowser(t, shop, begun, "pm_card_visa", http.StatusOK)
		exec(t, shop, "DELETE FROM webhook_events")
		for _, event := range append(of(shop, "setup_intent.succeeded"), backwards...) {
			require.Equal(t, http.StatusOK, tell(t, shop, event))
		}
		require.Equal(t, all, declines(t, shop))
		require.Equal(t, client.CardSetupStatusSucceeded, setupOf(t, mine, begun.ID).Status)
		require.Zero(t, scan[int](t, shop, "SELECT count(*) FROM payment_tries WHERE outcome IN ('ASKED', 'OPEN')"))
	})
}

func TestWhatIsTriedBySavingAddsUpWithWhatIsTriedByPaying(t *testing.T) {
	t.Parallel()
	t.Run("for an e-mail address", func(t *testing.T) {
		t.Parallel()
		shop := setup(t, shoptest.WithFraud(app.FraudConfig{Window: app.Window(time.Hour), DeclinesPerEmail: 3}))
		mine, product := buyer(shop, "customer@example.com"), shop.Product(10)
		begun := secretOf(t, mine)
		tryInBrowser(t, shop, begun, "pm_card_chargeDeclined", http.StatusPaymentRequired)
		require.Equal(t, http.StatusPaymentRequired, setUpCard(t, mine, "pm_card_chargeDeclined").StatusCode())
		drain(t, shop)
		pays := func(email string) int {
			paid, err := shop.Pay(t.Context(), orderFor(t, shop, product, email).ID, "pm_card_chargeDeclined")
			require.NoError(t, err)
			return paid.StatusCode()
		}
		require.Equal(t, http.StatusPaymentRequired, pays("Customer@Example.com"))
		require.Equal(t, http.StatusTooManyRequests, pays("customer@example.com"))
		require.Equal(t, http.StatusPaymentRequired, pays("other@example.com"))
		notAdmitted(t, mine)
		ends(t, shop, begun)
	})
	t.Run("of a card", func(t *testing.T) {
		t.Parallel()
		shop := setup(t, shoptest.WithFraud(app.FraudConfig{Window: app.Window(time.Hour), DeclinesPerCard: 3}))
		for i := range 2 {
			begun := secretOf(t, buyer(shop, fmt.Sprintf("customer-%d@example.com", i)))
			tryInBrowser(t, shop, begun, method(t, shop, stolen[0]), http.StatusPaymentRequired)
		}
		drain(t, shop)
		order := shop.Order(1, shop.Product(5))
		declined, err := shop.Pay(t.Context(), order.ID, method(t, shop, stolen[0]))
		require.NoError(t, err)
		require.Equal(t, http.StatusPaymentRequired, declined.StatusCode(), string(declined.Body))
		require.Equal(t, []string{"declines_per_card"}, reviewOf(t, shop, order.ID).Reasons)
	})
}

func TestWhoeverIsNotLetSaveACardLosesTheirSecrets(t *testing.T) {
	t.Parallel()
	shop := setup(t, shoptest.WithFraud(app.FraudConfig{Window: app.Window(time.Hour), DeclinesPerEmail: 1}))
	mine := buyer(shop, "customer@example.com")
	begun := secretOf(t, mine)
	declined, err := shop.Pay(t.Context(), orderFor(t, shop, shop.Product(5), "customer@example.com").ID, "pm_card_chargeDeclined")
	require.NoError(t, err)
	require.Equal(t, http.StatusPaymentRequired, declined.StatusCode(), string(declined.Body))
	notAdmitted(t, mine)
	ends(t, shop, begun)
}

// Behind an address there may be many people, of whom one has a card at their bank.
func TestWhoeverIsNotLetSaveACardBecauseOfTheirAddressKeepsTheirSecrets(t *testing.T) {
	t.Parallel()
	shop := setup(t, shoptest.WithFraud(app.FraudConfig{Window: app.Window(time.Hour), IntentsPerIP: 2}))
	mine := buyer(shop, "customer@example.com")
	begun := secretOf(t, mine)
	secretOf(t, buyer(shop, "other@example.com"))
	notAdmitted(t, mine)
	settled(t, shop)
	tryInBrowser(t, shop, begun, "pm_card_visa", http.StatusOK)
	drain(t, shop)
	require.Len(t, cardsOf(t, mine), 1)
}

// What nobody finishes cannot be collected, to be tried when nobody counts any more.
func TestASetupIsGoodForHalfAnHour(t *testing.T) {
	t.Parallel()
	busy, option := failing("/setup_intents", stripesim.BreakBefore)
	shop := setup(t, option)
	mine, other := buyer(shop, "customer@example.com"), buyer(shop, "other@example.com")
	key := uuid.NewString()
	busy.Store(true)
	require.Equal(t, http.StatusServiceUnavailable, setUpCard(t, mine, "", key).StatusCode())
	busy.Store(false)
	begun := secretOf(t, mine)
	exec(t, shop, "UPDATE card_setups SET created_at = created_at - interval '30 minutes'")
	fresh := secretOf(t, other)
	exec(t, shop, "INSERT INTO river_job (kind, args, max_attempts, state) VALUES ('card_setups_stop_old', '{}', 25, 'available')")
	ends(t, shop, begun)
	settled(t, shop)
	require.Equal(t, client.CardSetupStatusCanceled, setupOf(t, mine, begun.ID).Status)
	again := setUpCard(t, mine, "", key).JSON201
	require.Equal(t, client.CardSetupStatusRequiresPaymentMethod, again.Status, "which is another")
	require.Zero(t, scan[int](t, shop, "SELECT count(*) FROM card_setups WHERE created_at < now() - interval '30 minutes' AND status <> 'canceled'"))
	tryInBrowser(t, shop, fresh, "pm_card_visa", http.StatusOK)
	drain(t, shop)
	require.Len(t, cardsOf(t, other), 1)
}

// A secret that its owner was not told before more of theirs were ended is no good, either.
func TestASecretThatWasNotToldInTimeIsEnded(t *testing.T) {
	t.Parallel()
	busy, option := failing("/setup_intents", stripesim.BreakBefore)
	shop := setup(t, option, shoptest.WithFraud(app.FraudConfig{Window: app.Window(time.Hour), DeclinesPerSession: 2}))
	mine, key := buyer(shop, "customer@example.com"), uuid.NewString()
	busy.Store(true)
	require.Equal(t, http.StatusServiceUnavailable, setUpCard(t, mine, "", key).StatusCode())
	busy.Store(false)
	begun := secretOf(t, mine)
	for range 2 {
		tryInBrowser(t, shop, begun, "pm_card_chargeDeclined", http.StatusPaymentRequired)
	}
	ends(t, shop, begun)
	drain(t, shop)
	refused := setUpCard(t, mine, "", key)
	require.Equal(t, http.StatusTooManyRequests, refused.StatusCode(), string(refused.Body))
}

// While a bank thinks, Stripe ends no setup.
func TestASetupIsEndedOnceItsBankHasThought(t *testing.T) {
	t.Parallel()
	var thinks atomic.Bool
	thinks.Store(true)
	shop := setup(t, shoptest.WithFraud(app.FraudConfig{Window: app.Window(time.Hour), DeclinesPerSession: 1}),
		shoptest.WithStripeFront(func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if !strings.HasSuffix(r.URL.Path, "/cancel") || !thinks.Load() {
					next.ServeHTTP(w, r)
					return
				}
				w.Header().Set("Content-Type", "application/json")
				w.WriteHeader(http.StatusBadRequest)
				_, _ = w.Write([]byte(`{"error":{"type":"invalid_request_error","code":"setup_intent_unexpected_state","message":"No."}}`))
			})
		}))
	begun := secretOf(t, buyer(shop, "customer@example.com"))
	tryInBrowser(t, shop, begun, "pm_card_chargeDeclined", http.StatusPaymentRequired)
	drain(t, shop)
	settled(t, shop)
	thinks.Store(false)
	exec(t, shop, "UPDATE river_job SET state = 'available', scheduled_at = now() WHERE kind = 'card_setup_stop' AND state <> 'completed'")
	ends(t, shop, begun)
}

// Whoever saves cards that are good is let to save more: their tries are closed by news alone.
func TestSavingGoodCardsIsNoTrying(t *testing.T) {
	t.Parallel()
	t.Run("that a bank wants to see", func(t *testing.T) {
		t.Parallel()
		shop := setup(t, shoptest.WithFraud(app.FraudDefaults()))
		mine := buyer(shop, "customer@example.com")
		for range 12 {
			asked := setUpCard(t, mine, "pm_card_authenticationRequired")
			require.Equal(t, http.StatusCreated, asked.StatusCode(), string(asked.Body))
			require.NoError(t, shop.Stripe.Authenticate(seti(*asked.JSON201), true))
			drain(t, shop)
		}
		require.Len(t, cardsOf(t, mine), 12)
	})
	t.Run("through Stripe.js", func(t *testing.T) {
		t.Parallel()
		shop := setup(t, shoptest.WithFraud(app.FraudDefaults()))
		for i := range 8 {
			mine := buyer(shop, fmt.Sprintf("customer-%d@example.com", i))
			for _, card := range []string{"pm_card_visa", "pm_card_mastercard", "pm_card_amex"} {
				tryInBrowser(t, shop, secretOf(t, mine), card, http.StatusOK)
				drain(t, shop)
			}
		}
		require.Zero(t, scan[int](t, shop, "SELECT count(*) FROM payment_tries WHERE outcome <> 'SUCCEEDED'"))
	})
	t.Run("nor are many", func(t *testing.T) {
		t.Parallel()
		shop := setup(t, shoptest.WithFraud(app.FraudDefaults()))
		mine := buyer(shop, "customer@example.com")
		for _, card := range []string{"pm_card_visa", "pm_card_mastercard", "pm_card_amex", "pm_card_discover", "pm_card_diners", "pm_card_jcb"} {
			save(t, mine, card)
		}
	})
	t.Run("nor is asking for secrets that are never handed out", func(t *testing.T) {
		t.Parallel()
		down, option := failing("/setup_intents", stripesim.FailBefore) // which Stripe keeps under its key
		shop := setup(t, option, shoptest.WithFraud(app.FraudConfig{Window: app.Window(time.Hour), IntentsPerIP: 2}))
		mine := buyer(shop, "customer@example.com")
		down.Store(true)
		for range 3 {
			require.Equal(t, http.StatusServiceUnavailable, setUpCard(t, mine, "").StatusCode())
		}
		down.Store(false)
		secretOf(t, mine)
	})
	t.Run("nor are setups that ended", func(t *testing.T) {
		t.Parallel()
		shop := setup(t, shoptest.WithFraud(app.FraudConfig{Window: app.Window(time.Hour), IntentsPerIP: 2, DeclinesPerSession: 2}))
		mine := buyer(shop, "customer@example.com")
		for range 3 {
			begun, asked := secretOf(t, mine), setUpCard(t, mine, "pm_card_authenticationRequired")
			require.Equal(t, http.StatusCreated, asked.StatusCode(), string(asked.Body))
			for _, setup := range []client.CardSetup{begun, *asked.JSON201} {
				answer := atStripe(shop, "sk_test_dashboard", "/v1/setup_intents/"+seti(setup)+"/cancel", nil)
				require.Equal(t, http.StatusOK, answer.Code, answer.Body)
			}
			drain(t, shop)
		}
	})
}
