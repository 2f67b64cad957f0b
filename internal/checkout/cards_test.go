package checkout_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"cartwright/gen/client"
	"cartwright/internal/app"
	"cartwright/internal/app/shoptest"
	"cartwright/internal/auth"
	"cartwright/internal/payments/stripesim"
)

type shopper = client.ClientWithResponses

// buyer is a customer who is signed in.
func buyer(shop *shoptest.Shop, email string) *shopper { return shop.User(email, auth.Customer) }

// setUpCard asks to save a card, with one of Stripe's test methods or "" for a client secret.
func setUpCard(t *testing.T, who *shopper, method string, key ...string) *client.CreateCardSetupResponse {
	t.Helper()
	var body client.CardSetupCreate
	if method != "" {
		body.PaymentMethodID = &method
	}
	params := &client.CreateCardSetupParams{}
	if len(key) > 0 {
		params.IdempotencyKey = &key[0]
	}
	asked, err := who.CreateCardSetupWithResponse(t.Context(), params, body)
	require.NoError(t, err)
	return asked
}

// save saves a card at once.
func save(t *testing.T, who *shopper, method string) client.Card {
	t.Helper()
	saved := setUpCard(t, who, method)
	require.Equal(t, http.StatusCreated, saved.StatusCode(), string(saved.Body))
	require.Equal(t, client.CardSetupStatusSucceeded, saved.JSON201.Status)
	require.Nil(t, saved.JSON201.ClientSecret)
	require.NotNil(t, saved.JSON201.Card)
	return *saved.JSON201.Card
}

func cardsOf(t *testing.T, who *shopper) []client.Card {
	t.Helper()
	listed, err := who.ListCardsWithResponse(t.Context())
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, listed.StatusCode(), string(listed.Body))
	return listed.JSON200.Data
}

func setupOf(t *testing.T, who *shopper, id uuid.UUID) client.CardSetup {
	t.Helper()
	read, err := who.GetCardSetupWithResponse(t.Context(), id)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, read.StatusCode(), string(read.Body))
	return *read.JSON200
}

func removeCard(t *testing.T, who *shopper, id uuid.UUID) int {
	t.Helper()
	removed, err := who.DeleteCardWithResponse(t.Context(), id, nil)
	require.NoError(t, err)
	return removed.StatusCode()
}

// seti is what Stripe calls a setup that is not finished.
func seti(setup client.CardSetup) string {
	id, _, _ := strings.Cut(*setup.ClientSecret, "_secret_")
	return id
}

// setUpInBrowser finishes a setup as Stripe.js does, with the publishable key.
func setUpInBrowser(t *testing.T, shop *shoptest.Shop, setup client.CardSetup, method string) {
	t.Helper()
	tryInBrowser(t, shop, setup, method, http.StatusOK)
}

// tryInBrowser confirms a setup as Stripe.js does.
func tryInBrowser(t *testing.T, shop *shoptest.Shop, setup client.CardSetup, method string, status int) {
	t.Helper()
	answer := atStripe(shop, "pk_test_browser", "/v1/setup_intents/"+seti(setup)+"/confirm", url.Values{
		"client_secret": {*setup.ClientSecret}, "payment_method": {method}, "use_stripe_sdk": {"true"},
	})
	require.Equal(t, status, answer.Code, answer.Body)
}

// methodOf is what Stripe calls a card.
func methodOf(t *testing.T, shop *shoptest.Shop, card client.Card) string {
	t.Helper()
	return scan[string](t, shop, "SELECT method_id FROM cards WHERE id = '"+card.ID.String()+"'")
}

// failing lets the requests to Stripe whose path ends so fail, while it is asked to.
func failing(suffix string, fault stripesim.Fault) (*atomic.Bool, shoptest.Option) {
	var down atomic.Bool
	return &down, shoptest.WithIntercept(func(call stripesim.Call) stripesim.Fault {
		if down.Load() && strings.HasSuffix(call.Path, suffix) {
			return fault
		}
		return stripesim.Proceed
	})
}

func TestACardIsSavedOnceHoweverItIsTold(t *testing.T) {
	t.Parallel()
	shop := setup(t)
	mine := buyer(shop, "customer@example.com")
	require.Empty(t, cardsOf(t, mine))
	card := save(t, mine, "pm_card_visa")
	require.Equal(t, []any{"visa", "4242", true}, []any{card.Brand, card.Last4, card.IsDefault})
	setup := setUpCard(t, mine, "").JSON201
	require.Equal(t, client.CardSetupStatusRequiresPaymentMethod, setup.Status)
	require.NotNil(t, setup.ClientSecret)
	setUpInBrowser(t, shop, *setup, "pm_card_mastercard")
	drain(t, shop)
	cards := cardsOf(t, mine)
	require.Len(t, cards, 2, "told by the webhook alone")
	require.Equal(t, "4444", cards[1].Last4)
	require.Equal(t, []bool{true, false}, []bool{cards[0].IsDefault, cards[1].IsDefault}, "the first is the default")
	read := setupOf(t, mine, setup.ID)
	require.Equal(t, client.CardSetupStatusSucceeded, read.Status)
	require.Equal(t, cards[1], *read.Card)
	for range 2 {
		for _, event := range of(shop, "setup_intent.succeeded") {
			require.NoError(t, shop.Stripe.Resend(event.ID))
		}
		drain(t, shop)
	}
	_, err := shop.DB.Exec(t.Context(), "DELETE FROM webhook_events")
	require.NoError(t, err)
	for _, event := range of(shop, "setup_intent.succeeded") {
		require.Equal(t, http.StatusOK, tell(t, shop, event))
	}
	require.Equal(t, cards, cardsOf(t, mine))
	require.Len(t, shop.Stripe.Customers(), 1)
	require.Zero(t, scan[int](t, shop, "SELECT count(*) FROM webhook_events WHERE outcome = 'SET_ASIDE'"))
}

func TestACardOfWhichNothingWasToldIsFound(t *testing.T) {
	t.Parallel()
	shop := setup(t, shoptest.WithoutWebhooks())
	mine := buyer(shop, "customer@example.com")
	byReading, bySweeping := setUpCard(t, mine, "").JSON201, setUpCard(t, mine, "").JSON201
	setUpInBrowser(t, shop, *byReading, "pm_card_visa")
	require.Equal(t, "4242", setupOf(t, mine, byReading.ID).Card.Last4, "whoever is back need not wait")
	setUpInBrowser(t, shop, *bySweeping, "pm_card_mastercard")
	require.Len(t, cardsOf(t, mine), 1)
	for range 2 {
		require.NoError(t, shop.CatchUp(t.Context()))
		require.Len(t, cardsOf(t, mine), 2)
	}
	t.Run("one that was renewed or detached, too", func(t *testing.T) {
		cards := cardsOf(t, mine)
		require.NoError(t, shop.Stripe.Renew(methodOf(t, shop, cards[0]), 7, 2040))
		require.NoError(t, shop.Stripe.Detach(methodOf(t, shop, cards[1])))
		require.NoError(t, shop.CatchUp(t.Context()))
		left := cardsOf(t, mine)
		require.Len(t, left, 1)
		require.Equal(t, []int32{7, 2040}, []int32{left[0].ExpMonth, left[0].ExpYear})
	})
}

func TestABankMayWantToSeeWhoSavesACard(t *testing.T) {
	t.Parallel()
	shop := setup(t, shoptest.WithoutWebhooks())
	mine := buyer(shop, "customer@example.com")
	for passed, status := range map[bool]client.CardSetupStatus{
		true: client.CardSetupStatusSucceeded, false: client.CardSetupStatusRequiresPaymentMethod,
	} {
		asked := setUpCard(t, mine, "pm_card_authenticationRequired")
		require.Equal(t, http.StatusCreated, asked.StatusCode(), string(asked.Body))
		require.Equal(t, client.CardSetupStatusRequiresAction, asked.JSON201.Status)
		require.NotNil(t, asked.JSON201.ClientSecret)
		require.NotNil(t, asked.JSON201.NextAction)
		require.Nil(t, asked.JSON201.Card)
		require.NoError(t, shop.Stripe.Authenticate(seti(*asked.JSON201), passed))
		read := setupOf(t, mine, asked.JSON201.ID)
		require.Equal(t, status, read.Status)
		require.Equal(t, passed, read.Card != nil)
	}
	require.Len(t, cardsOf(t, mine), 1)
}

func TestARefusedCardIsNotSaved(t *testing.T) {
	t.Parallel()
	shop := setup(t)
	mine := buyer(shop, "customer@example.com")
	key := uuid.NewString()
	for range 2 {
		refused := setUpCard(t, mine, "pm_card_chargeDeclinedInsufficientFunds", key)
		require.Equal(t, http.StatusPaymentRequired, refused.StatusCode(), string(refused.Body))
		require.Equal(t, "payment_declined", refused.ApplicationProblemJSON402.Code)
		require.Equal(t, "insufficient_funds", *refused.ApplicationProblemJSON402.DeclineCode)
	}
	unknown := setUpCard(t, mine, "pm_nobodys")
	require.Equal(t, http.StatusUnprocessableEntity, unknown.StatusCode(), string(unknown.Body))
	require.Equal(t, "paymentMethodId", unknown.ApplicationProblemJSON422.Errors[0].Field)
	drain(t, shop)
	require.Empty(t, cardsOf(t, mine))
	require.Len(t, shop.Stripe.Setups(), 1)
}

func TestRequestsAtOnceMakeOneCustomerAndOneDefault(t *testing.T) {
	t.Parallel()
	shop := setup(t)
	mine := buyer(shop, "customer@example.com")
	ctx := context.WithoutCancel(t.Context())
	method := "pm_card_visa"
	shoptest.Together(6, func(int) {
		saved, err := mine.CreateCardSetupWithResponse(ctx, nil, client.CardSetupCreate{PaymentMethodID: &method})
		if err != nil || saved.StatusCode() != http.StatusCreated {
			t.Error(err, string(saved.Body))
		}
	})
	drain(t, shop)
	require.Len(t, shop.Stripe.Customers(), 1)
	cards := cardsOf(t, mine)
	require.Len(t, cards, 6)
	defaults := func() int {
		return scan[int](t, shop, "SELECT count(*) FROM cards WHERE is_default")
	}
	require.Equal(t, 1, defaults())
	shoptest.Together(6, func(i int) {
		changed, err := mine.UpdateCardWithApplicationMergePatchPlusJSONBodyWithResponse(ctx, cards[i].ID, nil, client.CardPatch{IsDefault: new(true)})
		if err != nil || changed.StatusCode() != http.StatusOK {
			t.Error(err, string(changed.Body))
		}
	})
	require.Equal(t, 1, defaults())
	shoptest.Together(5, func(i int) {
		if removed, err := mine.DeleteCardWithResponse(ctx, cards[i].ID, nil); err != nil || removed.StatusCode() != http.StatusNoContent {
			t.Error(err, string(removed.Body))
		}
	})
	left := cardsOf(t, mine)
	require.Len(t, left, 1)
	require.True(t, left[0].IsDefault)
}

func TestARepeatedRequestSavesOneCard(t *testing.T) {
	t.Parallel()
	var down atomic.Bool
	shop := setup(t, shoptest.WithStripeFront(func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if down.Load() && strings.HasSuffix(r.URL.Path, "/setup_intents") {
				next.ServeHTTP(httptest.NewRecorder(), r)
				w.WriteHeader(http.StatusBadGateway)
				return
			}
			next.ServeHTTP(w, r)
		})
	}))
	mine, key := buyer(shop, "customer@example.com"), uuid.NewString()
	down.Store(true)
	lost := setUpCard(t, mine, "pm_card_visa", key)
	require.Equal(t, http.StatusServiceUnavailable, lost.StatusCode(), string(lost.Body))
	down.Store(false)
	for range 2 {
		again := setUpCard(t, mine, "pm_card_visa", key)
		require.Equal(t, http.StatusCreated, again.StatusCode(), string(again.Body))
		require.Len(t, cardsOf(t, mine), 1)
		_, err := shop.DB.Exec(t.Context(), "DELETE FROM idempotency_keys") // as when it crashed before it kept what it answered
		require.NoError(t, err)
	}
	drain(t, shop)
	require.Len(t, cardsOf(t, mine), 1)
	require.Len(t, shop.Stripe.Setups(), 1)
	require.Len(t, shop.Stripe.Customers(), 1)
}

func TestARepeatedRequestWhoseSetupIsGoneIsToldSo(t *testing.T) {
	t.Parallel()
	shop := setup(t, shoptest.WithoutWebhooks())
	mine, key := buyer(shop, "customer@example.com"), uuid.NewString()
	again := func() client.CardSetup {
		exec(t, shop, "DELETE FROM idempotency_keys") // as when it crashed before it kept what it answered
		repeated := setUpCard(t, mine, "pm_card_visa", key)
		require.Equal(t, http.StatusCreated, repeated.StatusCode(), string(repeated.Body))
		return *repeated.JSON201
	}
	first := again()
	require.NoError(t, shop.Stripe.Detach(methodOf(t, shop, *first.Card)))
	require.Nil(t, again().Card, "its card is gone at Stripe")
	exec(t, shop, "UPDATE card_setups SET intent_id = 'seti_gone', status = 'requires_payment_method' WHERE id = $1", first.ID)
	gone := again()
	require.Equal(t, first.ID, gone.ID)
	require.Equal(t, client.CardSetupStatusCanceled, gone.Status)
	require.Equal(t, client.CardSetupStatusSucceeded, again().Status, "another one")
}

// Stripe keeps a 500 under its key for a day: nobody shall wait for as long.
func TestSavingCardsIsPossibleAgainWhenStripeIs(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"/v1/customers", "/v1/setup_intents"} {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			down, option := failing(path, stripesim.FailBefore)
			shop := setup(t, option)
			mine, key := buyer(shop, "customer@example.com"), uuid.NewString()
			down.Store(true)
			for range 2 {
				require.Equal(t, http.StatusServiceUnavailable, setUpCard(t, mine, "pm_card_visa", key).StatusCode())
			}
			require.Empty(t, cardsOf(t, mine))
			down.Store(false)
			saved := setUpCard(t, mine, "pm_card_visa", key)
			require.Equal(t, http.StatusCreated, saved.StatusCode(), string(saved.Body))
			require.Len(t, cardsOf(t, mine), 1)
		})
	}
}

func TestARemovedCardDoesNotComeBack(t *testing.T) {
	t.Parallel()
	shop := setup(t, shoptest.WithoutWebhooks())
	mine := buyer(shop, "customer@example.com")
	removed := save(t, mine, "pm_card_visa")
	require.Equal(t, http.StatusNoContent, removeCard(t, mine, removed.ID))
	require.Equal(t, http.StatusNotFound, removeCard(t, mine, removed.ID))
	detached := setUpCard(t, mine, "").JSON201
	setUpInBrowser(t, shop, *detached, "pm_card_mastercard")
	customer := shop.Stripe.Customers()[0].ID
	require.NoError(t, shop.Stripe.Detach(shop.Stripe.Saved(customer)[0].ID))
	require.Empty(t, shop.Stripe.Saved(customer))
	gone, set := of(shop, "payment_method.detached"), of(shop, "setup_intent.succeeded")
	require.Len(t, gone, 2)
	require.Len(t, set, 2)
	for _, order := range [][]stripesim.Event{
		{gone[1], set[1], gone[0], set[0]}, {set[0], gone[0], set[1], gone[1]}, {set[1], set[0], gone[1], gone[0]},
	} {
		_, err := shop.DB.Exec(t.Context(), "DELETE FROM webhook_events")
		require.NoError(t, err)
		for _, event := range order {
			for range 3 {
				require.Equal(t, http.StatusOK, tell(t, shop, event))
			}
			require.Empty(t, cardsOf(t, mine))
		}
	}
	read := setupOf(t, mine, detached.ID)
	require.Equal(t, client.CardSetupStatusSucceeded, read.Status)
	require.Nil(t, read.Card)
	require.Zero(t, scan[int](t, shop, "SELECT count(*) FROM webhook_events WHERE outcome = 'SET_ASIDE'"))
	require.Zero(t, scan[int](t, shop, "SELECT count(*) FROM cards WHERE last4 <> '' OR brand <> '' OR exp_year <> 0"), "nothing is kept of them")
}

func TestACardStaysUntilStripeHasLetItGo(t *testing.T) {
	t.Parallel()
	down, option := failing("/detach", stripesim.RateLimit)
	shop := setup(t, option, shoptest.WithoutWebhooks())
	mine := buyer(shop, "customer@example.com")
	first, second, third := save(t, mine, "pm_card_visa"), save(t, mine, "pm_card_mastercard"), save(t, mine, "pm_card_amex")
	down.Store(true)
	require.Equal(t, http.StatusServiceUnavailable, removeCard(t, mine, first.ID))
	require.Len(t, cardsOf(t, mine), 3)
	down.Store(false)
	require.Equal(t, http.StatusNoContent, removeCard(t, mine, first.ID))
	cards := cardsOf(t, mine)
	require.Equal(t, []uuid.UUID{second.ID, third.ID}, []uuid.UUID{cards[0].ID, cards[1].ID})
	require.Equal(t, []bool{false, true}, []bool{cards[0].IsDefault, cards[1].IsDefault}, "the newest is the default")
	require.Len(t, shop.Stripe.Saved(shop.Stripe.Customers()[0].ID), 2)

	require.NoError(t, shop.Stripe.Detach(methodOf(t, shop, second)))
	require.Equal(t, http.StatusNoContent, removeCard(t, mine, second.ID), "gone at Stripe already")
	require.Len(t, cardsOf(t, mine), 1)
}

func TestOneCardTooManyIsLetGo(t *testing.T) {
	t.Parallel()
	shop := setup(t)
	mine := buyer(shop, "customer@example.com")
	begun := setUpCard(t, mine, "").JSON201
	_, err := shop.DB.Exec(t.Context(), `
		INSERT INTO cards (id, user_id, method_id, brand, last4, exp_month, exp_year, is_default, created_at)
		SELECT gen_random_uuid(), user_id, 'pm_' || n, 'visa', '4242', 1, 2040, n = 1, now() FROM payment_customers, generate_series(1, 20) n`)
	require.NoError(t, err)
	full := setUpCard(t, mine, "pm_card_visa")
	require.Equal(t, http.StatusConflict, full.StatusCode(), string(full.Body))
	require.Equal(t, "too_many_cards", full.ApplicationProblemJSON409.Code)
	setUpInBrowser(t, shop, *begun, "pm_card_mastercard")
	drain(t, shop)
	require.Len(t, cardsOf(t, mine), 20)
	require.Eventually(t, func() bool { return len(shop.Stripe.Saved(shop.Stripe.Customers()[0].ID)) == 0 }, soon, tick)
}

func TestCardsAreNotTriedOutBySavingThem(t *testing.T) {
	t.Parallel()
	shop := setup(t, shoptest.WithFraud(app.FraudDefaults()))
	mine := buyer(shop, "customer@example.com")
	asked := 0
	for range 30 {
		refused := setUpCard(t, mine, "pm_card_chargeDeclined")
		if refused.StatusCode() == http.StatusTooManyRequests {
			require.Equal(t, "payment_refused", refused.ApplicationProblemJSON429.Code)
			break
		}
		require.Equal(t, http.StatusPaymentRequired, refused.StatusCode(), string(refused.Body))
		asked++
	}
	require.Less(t, asked, 15)
	require.Len(t, shop.Stripe.Setups(), asked, "Stripe was not asked any more")
	other := buyer(shop, "other@example.com")
	require.NotEqual(t, http.StatusPaymentRequired, setUpCard(t, other, "pm_card_chargeDeclined").StatusCode(), "from the same address")
}

func TestACustomerWhomStripeHasLostIsMadeAnew(t *testing.T) {
	t.Parallel()
	shop := setup(t)
	mine := buyer(shop, "customer@example.com")
	save(t, mine, "pm_card_visa")
	drain(t, shop)
	lost := shop.Stripe.Customers()[0].ID
	forget := func(customer string) int {
		deletion := httptest.NewRequest(http.MethodDelete, "/v1/customers/"+customer, nil)
		deletion.Header.Set("Authorization", "Bearer sk_test_dashboard")
		answer := httptest.NewRecorder()
		shop.Stripe.ServeHTTP(answer, deletion)
		return answer.Code
	}
	require.Equal(t, http.StatusOK, forget(lost))
	saved := save(t, mine, "pm_card_mastercard")
	drain(t, shop)
	require.Equal(t, saved.ID, cardsOf(t, mine)[0].ID)
	require.Len(t, cardsOf(t, mine), 1)
	require.True(t, cardsOf(t, mine)[0].IsDefault)
	require.NotEqual(t, lost, shop.Stripe.Customers()[0].ID)

	lost = shop.Stripe.Customers()[0].ID
	order, method := orderOf(t, mine, shop.Product(1)), "pm_card_visa"
	require.Equal(t, http.StatusOK, forget(lost))
	ended := payWith(t, mine, order.ID, client.PaymentCreate{PaymentMethodID: &method})
	require.Equal(t, http.StatusConflict, ended.StatusCode(), string(ended.Body))
	require.Equal(t, "payment_ended", ended.ApplicationProblemJSON409.Code)
	paid := payWith(t, mine, order.ID, client.PaymentCreate{PaymentMethodID: &method, SaveCard: new(true)})
	require.Equal(t, http.StatusOK, paid.StatusCode(), string(paid.Body))
	require.Len(t, cardsOf(t, mine), 1)
	require.Len(t, shop.Stripe.Charges(), 1)

	// Also where the intent was prepared before.
	lost = shop.Stripe.Customers()[0].ID
	order = orderOf(t, mine, shop.Product(1))
	prepared := payWith(t, mine, order.ID, client.PaymentCreate{})
	require.Equal(t, http.StatusOK, prepared.StatusCode(), string(prepared.Body))
	require.Equal(t, http.StatusOK, forget(lost))
	ended = payWith(t, mine, order.ID, client.PaymentCreate{PaymentMethodID: &method})
	require.Equal(t, http.StatusConflict, ended.StatusCode(), string(ended.Body))
	require.Equal(t, "payment_ended", ended.ApplicationProblemJSON409.Code)
	intent, _ := shop.Stripe.Intent(prepared.JSON200.PaymentIntent.ID)
	require.EqualValues(t, "canceled", intent.Status)
	paid = payWith(t, mine, order.ID, client.PaymentCreate{PaymentMethodID: &method})
	require.Equal(t, http.StatusOK, paid.StatusCode(), string(paid.Body))
	require.Len(t, shop.Stripe.Charges(), 2)
	require.Zero(t, scan[int](t, shop, "SELECT count(*) FROM payment_tries WHERE outcome = 'DECLINED'"))
}

// orderOf is an order that a customer placed.
func orderOf(t *testing.T, who *shopper, product client.Product) client.Order {
	t.Helper()
	made, err := who.CreateCartWithResponse(t.Context(), nil, client.CartCreate{})
	require.NoError(t, err)
	require.Less(t, made.StatusCode(), 300, string(made.Body))
	cart := made.JSON201
	if cart == nil {
		cart = made.JSON200
	}
	added, err := who.AddCartItemWithResponse(t.Context(), cart.ID, nil, client.CartItemAdd{ProductID: product.ID})
	require.NoError(t, err)
	require.Less(t, added.StatusCode(), 300, string(added.Body))
	placed, err := who.PlaceOrderWithResponse(t.Context(), nil, client.OrderPlace{
		CartID: cart.ID, Email: "customer@example.com", ShippingAddress: shoptest.Address(),
	})
	require.NoError(t, err)
	require.Equal(t, http.StatusCreated, placed.StatusCode(), string(placed.Body))
	return *placed.JSON201
}

func payWith(t *testing.T, who *shopper, order uuid.UUID, body client.PaymentCreate) *client.PayOrderResponse {
	t.Helper()
	paid, err := who.PayOrderWithResponse(t.Context(), order, nil, body)
	require.NoError(t, err)
	return paid
}

func TestASavedCardPays(t *testing.T) {
	t.Parallel()
	shop := setup(t)
	product, mine := shop.Product(10), buyer(shop, "customer@example.com")
	card := save(t, mine, "pm_card_visa")
	order, key := orderOf(t, mine, product), uuid.NewString()
	for range 2 {
		paid, err := mine.PayOrderWithResponse(t.Context(), order.ID, &client.PayOrderParams{IdempotencyKey: &key}, client.PaymentCreate{CardID: &card.ID})
		require.NoError(t, err)
		require.Equal(t, http.StatusOK, paid.StatusCode(), string(paid.Body))
		require.True(t, paid.JSON200.Success)
	}
	require.Len(t, shop.Stripe.Charges(), 1)
	require.Equal(t, shop.Stripe.Customers()[0].ID, *shop.Stripe.Intents()[0].Customer)
	drain(t, shop)
	require.Len(t, cardsOf(t, mine), 1)

	t.Run("and is asked for its owner where the bank wants to", func(t *testing.T) {
		setup := setUpCard(t, mine, "pm_card_authenticationRequired").JSON201
		require.NoError(t, shop.Stripe.Authenticate(seti(*setup), true))
		saved := setupOf(t, mine, setup.ID).Card
		order := orderOf(t, mine, product)
		asked := payWith(t, mine, order.ID, client.PaymentCreate{CardID: &saved.ID})
		require.Equal(t, http.StatusOK, asked.StatusCode(), string(asked.Body))
		require.False(t, asked.JSON200.Success)
		require.NoError(t, shop.Stripe.Authenticate(asked.JSON200.PaymentIntent.ID, true))
		drain(t, shop)
		require.Equal(t, client.PaymentStatusPAID, shopOrder(t, mine, order.ID).PaymentStatus)
	})
	t.Run("and may be declined", func(t *testing.T) {
		saved, order := save(t, mine, "pm_card_chargeCustomerFail"), orderOf(t, mine, product)
		declined := payWith(t, mine, order.ID, client.PaymentCreate{CardID: &saved.ID})
		require.Equal(t, http.StatusPaymentRequired, declined.StatusCode(), string(declined.Body))
		again := payWith(t, mine, order.ID, client.PaymentCreate{CardID: &card.ID})
		require.Equal(t, http.StatusOK, again.StatusCode(), string(again.Body))
	})
}

func shopOrder(t *testing.T, who *shopper, id uuid.UUID) client.Order {
	t.Helper()
	read, err := who.GetOrderWithResponse(t.Context(), id, nil)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, read.StatusCode(), string(read.Body))
	return *read.JSON200
}

// An intent that was prepared for nobody cannot use a customer's cards.
func TestAPreparedPaymentMakesRoomForASavedCard(t *testing.T) {
	t.Parallel()
	for _, webhooks := range []bool{true, false} {
		var options []shoptest.Option
		if !webhooks {
			options = append(options, shoptest.WithoutWebhooks())
		}
		shop := setup(t, options...)
		product, mine := shop.Product(10), buyer(shop, "customer@example.com")
		order, bought := orderOf(t, mine, product), orderOf(t, mine, product)
		first := payWith(t, mine, order.ID, client.PaymentCreate{}).JSON200.PaymentIntent
		inTime := payWith(t, mine, bought.ID, client.PaymentCreate{}).JSON200.PaymentIntent
		card := save(t, mine, "pm_card_visa")
		paid := payWith(t, mine, order.ID, client.PaymentCreate{CardID: &card.ID})
		require.Equal(t, http.StatusOK, paid.StatusCode(), string(paid.Body))
		require.True(t, paid.JSON200.Success)
		require.NotEqual(t, first.ID, paid.JSON200.PaymentIntent.ID)
		inBrowser(t, shop, *first, "pm_card_visa", http.StatusBadRequest)
		require.Len(t, shop.Stripe.Charges(), 1)

		inBrowser(t, shop, *inTime, "pm_card_visa", http.StatusOK)
		late := payWith(t, mine, bought.ID, client.PaymentCreate{CardID: &card.ID})
		require.Equal(t, http.StatusConflict, late.StatusCode(), string(late.Body))
		require.Equal(t, "order_already_paid", late.ApplicationProblemJSON409.Code)
		require.Len(t, shop.Stripe.Charges(), 2)
	}
}

func TestACardIsSavedByPaying(t *testing.T) {
	t.Parallel()
	for _, webhooks := range []bool{true, false} {
		var options []shoptest.Option
		if !webhooks {
			options = append(options, shoptest.WithoutWebhooks())
		}
		shop := setup(t, options...)
		product, mine := shop.Product(10), buyer(shop, "customer@example.com")
		body := func(method string) client.PaymentCreate {
			return client.PaymentCreate{PaymentMethodID: &method, SaveCard: new(true)}
		}
		order := orderOf(t, mine, product)
		declined := payWith(t, mine, order.ID, body("pm_card_chargeDeclined"))
		require.Equal(t, http.StatusPaymentRequired, declined.StatusCode(), string(declined.Body))
		require.Empty(t, cardsOf(t, mine))
		paid := payWith(t, mine, order.ID, body("pm_card_visa"))
		require.Equal(t, http.StatusOK, paid.StatusCode(), string(paid.Body))
		cards := cardsOf(t, mine)
		require.Len(t, cards, 1)
		require.Equal(t, []any{"visa", "4242", true}, []any{cards[0].Brand, cards[0].Last4, cards[0].IsDefault})
		require.NotZero(t, cards[0].ExpYear)
		again := orderOf(t, mine, product)
		require.Equal(t, http.StatusOK, payWith(t, mine, again.ID, client.PaymentCreate{CardID: &cards[0].ID}).StatusCode())
		unsaved, method := orderOf(t, mine, product), "pm_card_amex"
		require.Equal(t, http.StatusOK, payWith(t, mine, unsaved.ID, client.PaymentCreate{PaymentMethodID: &method}).StatusCode())
		drain(t, shop)
		require.Len(t, cardsOf(t, mine), 1)

		seen := orderOf(t, mine, product)
		asked := payWith(t, mine, seen.ID, body("pm_card_authenticationRequired"))
		require.Equal(t, http.StatusOK, asked.StatusCode(), string(asked.Body))
		require.NoError(t, shop.Stripe.Authenticate(asked.JSON200.PaymentIntent.ID, true))
		if !webhooks {
			require.NoError(t, shop.CatchUp(t.Context()))
		}
		drain(t, shop)
		require.Len(t, cardsOf(t, mine), 2)
		require.NoError(t, shop.CatchUp(t.Context()))
		require.Len(t, cardsOf(t, mine), 2)
		require.Len(t, shop.Stripe.Customers(), 1)
	}
}

func TestACardThatIsGonePaysNothing(t *testing.T) {
	t.Parallel()
	shop := setup(t, shoptest.WithoutWebhooks())
	product, mine, other := shop.Product(10), buyer(shop, "customer@example.com"), buyer(shop, "other@example.com")
	removed, detached, others := save(t, mine, "pm_card_visa"), save(t, mine, "pm_card_mastercard"), save(t, other, "pm_card_visa")
	require.Equal(t, http.StatusNoContent, removeCard(t, mine, removed.ID))
	require.NoError(t, shop.Stripe.Detach(methodOf(t, shop, detached)))
	order := orderOf(t, mine, product)
	for name, id := range map[string]uuid.UUID{"removed": removed.ID, "gone at Stripe": detached.ID, "another's": others.ID, "none": uuid.New()} {
		refused := payWith(t, mine, order.ID, client.PaymentCreate{CardID: &id})
		require.Equal(t, http.StatusUnprocessableEntity, refused.StatusCode(), "%s: %s", name, refused.Body)
		require.Equal(t, []string{"cardId", "unknown_card"}, []string{
			refused.ApplicationProblemJSON422.Errors[0].Field, refused.ApplicationProblemJSON422.Errors[0].Code,
		}, name)
	}
	require.Empty(t, shop.Stripe.Charges())
	require.Equal(t, http.StatusNotFound, removeCard(t, mine, others.ID))
	require.Len(t, cardsOf(t, other), 1)

	t.Run("nor does one of whose order it is not", func(t *testing.T) {
		guests := shop.Order(1, product)
		method := "pm_card_visa"
		for field, body := range map[string]client.PaymentCreate{
			"cardId": {CardID: &others.ID}, "saveCard": {PaymentMethodID: &method, SaveCard: new(true)},
		} {
			for _, who := range []*shopper{shop.Guest, shop.Staff} {
				refused := payWith(t, who, guests.ID, body)
				require.Equal(t, http.StatusUnprocessableEntity, refused.StatusCode(), string(refused.Body))
				require.Equal(t, field, refused.ApplicationProblemJSON422.Errors[0].Field)
			}
			require.Equal(t, http.StatusUnprocessableEntity, payWith(t, shop.Staff, order.ID, body).StatusCode(), "on somebody's behalf")
			require.Equal(t, http.StatusNotFound, payWith(t, other, order.ID, body).StatusCode())
		}
		for _, body := range []client.PaymentCreate{
			{CardID: &others.ID, PaymentMethodID: &method}, {SaveCard: new(true)}, {CardID: &others.ID, SaveCard: new(true)},
		} {
			require.Equal(t, http.StatusUnprocessableEntity, payWith(t, other, guests.ID, body).StatusCode())
		}
		require.Empty(t, shop.Stripe.Charges())
		require.Len(t, shop.Stripe.Customers(), 2)
	})
}

func TestAnErasedCustomerIsForgottenByStripe(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t) // whose books lack a cart when the test ends
	mine := buyer(shop, "customer@example.com")
	card := save(t, mine, "pm_card_visa")
	order := orderOf(t, mine, shop.Product(1))
	require.Equal(t, http.StatusOK, payWith(t, mine, order.ID, client.PaymentCreate{CardID: &card.ID}).StatusCode())
	exported, err := mine.ExportAccountWithResponse(t.Context())
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, exported.StatusCode(), string(exported.Body))
	require.Equal(t, []client.Card{card}, exported.JSON200.Cards)
	drain(t, shop)
	done, err := shop.Staff.UpdateOrderStatusWithResponse(t.Context(), order.ID, nil, client.OrderStatusUpdate{Status: client.OrderStatusSHIPPED})
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, done.StatusCode(), string(done.Body))
	require.Len(t, shop.Stripe.Customers(), 1)
	customer := shop.Stripe.Customers()[0].ID
	exec(t, shop, "UPDATE payments SET customer_id = 'cus_before'") // whom Stripe lost meanwhile
	erased, err := mine.DeleteAccountWithResponse(t.Context(), client.AccountDelete{Password: shoptest.Password})
	require.NoError(t, err)
	require.Equal(t, http.StatusNoContent, erased.StatusCode(), string(erased.Body))
	require.Eventually(t, func() bool { return len(shop.Stripe.Customers()) == 0 }, soon, tick)
	require.Empty(t, shop.Stripe.Saved(customer))
	drain(t, shop)
	for _, event := range of(shop, "setup_intent.succeeded", "payment_intent.succeeded") {
		require.NoError(t, shop.Stripe.Resend(event.ID))
	}
	drain(t, shop)
	require.Zero(t, scan[int](t, shop, `SELECT (SELECT count(*) FROM payment_customers) + (SELECT count(*) FROM card_setups)
		+ (SELECT count(*) FROM cards WHERE user_id IS NOT NULL) + (SELECT count(*) FROM payments WHERE customer_id IS NOT NULL)`))
}
