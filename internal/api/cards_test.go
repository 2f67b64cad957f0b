package api_test

import (
	"context"
	"net/http"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"cartwright/gen/client"
	"cartwright/internal/app/shoptest"
	"cartwright/internal/auth"
	"cartwright/internal/payments/stripesim"
)

// An account that is erased while it saves a card saves none.
func TestSavingACardForAnErasedAccountIsNotFound(t *testing.T) {
	t.Parallel()
	var erase func()
	shop := shoptest.New(t, shoptest.WithoutJobs(), shoptest.WithoutWebhooks(), shoptest.WithIntercept(func(call stripesim.Call) stripesim.Fault {
		if call.Path == "/v1/customers" {
			erase()
		}
		return stripesim.Proceed
	}))
	mine := shop.User("customer@example.com", auth.Customer)
	erase = func() {
		erased, err := mine.DeleteAccountWithResponse(context.Background(), client.AccountDelete{Password: shoptest.Password})
		if err != nil || erased.StatusCode() != http.StatusNoContent {
			t.Error("the account is not erased:", err)
		}
	}
	method := "pm_card_visa"
	refused, err := mine.CreateCardSetupWithResponse(t.Context(), nil, client.CardSetupCreate{PaymentMethodID: &method})
	require.NoError(t, err)
	require.Equal(t, http.StatusNotFound, refused.StatusCode(), string(refused.Body))
	require.Equal(t, "customer_not_found", refused.ApplicationProblemJSON404.Code)
	require.Empty(t, shop.Stripe.Setups())
}

// cardOf is a card of a customer and the setup that saved it, which Stripe has never heard of.
func cardOf(t *testing.T, shop *shoptest.Shop, user uuid.UUID) (card, setup string) {
	t.Helper()
	card, setup = uuid.NewString(), uuid.NewString()
	_, err := shop.DB.Exec(t.Context(), `WITH holder AS (
			INSERT INTO payment_customers (user_id, request_id, customer_id, created_at, updated_at)
			VALUES ($1::uuid, gen_random_uuid(), 'cus_' || $1::uuid, now(), now())
			ON CONFLICT (user_id) DO UPDATE SET updated_at = now() RETURNING user_id),
		saved AS (
			INSERT INTO cards (id, user_id, method_id, brand, last4, exp_month, exp_year, is_default, created_at)
			SELECT $2::uuid, user_id, 'pm_' || $2::uuid, 'visa', '4242', 12, 2040, false, now() FROM holder RETURNING id, user_id)
		INSERT INTO card_setups (id, user_id, intent_id, status, card_id, created_at, updated_at)
		SELECT $3::uuid, user_id, 'seti_' || $3::uuid, 'succeeded', id, now(), now() FROM saved`, user, card, setup)
	require.NoError(t, err)
	return card, setup
}

func TestSavedCardsAreTheirOwnersAlone(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, shoptest.WithoutJobs(), shoptest.WithoutWebhooks())
	mine, stranger := shop.User("customer@example.com", auth.Customer), shop.User("stranger@example.com", auth.Customer)
	save := func(who *client.ClientWithResponses, method string) *client.CreateCardSetupResponse {
		got, err := who.CreateCardSetupWithResponse(t.Context(), nil, client.CardSetupCreate{PaymentMethodID: &method})
		require.NoError(t, err)
		return got
	}
	list := func(who *client.ClientWithResponses) []client.Card {
		got, err := who.ListCardsWithResponse(t.Context())
		require.NoError(t, err)
		require.Equal(t, http.StatusOK, got.StatusCode(), string(got.Body))
		return got.JSON200.Data
	}
	change := func(who *client.ClientWithResponses, id uuid.UUID, isDefault *bool) *client.UpdateCardResponse {
		got, err := who.UpdateCardWithApplicationMergePatchPlusJSONBodyWithResponse(t.Context(), id, nil, client.CardPatch{IsDefault: isDefault})
		require.NoError(t, err)
		return got
	}
	remove := func(who *client.ClientWithResponses, id uuid.UUID) *client.DeleteCardResponse {
		got, err := who.DeleteCardWithResponse(t.Context(), id, nil)
		require.NoError(t, err)
		return got
	}
	made := save(mine, "pm_card_visa")
	require.Equal(t, http.StatusCreated, made.StatusCode(), string(made.Body))
	require.Equal(t, "/api/v1/account/card-setups/"+made.JSON201.ID.String(), made.HTTPResponse.Header.Get("Location"))
	first, second := *made.JSON201.Card, *save(mine, "pm_card_mastercard").JSON201.Card
	read := func(who *client.ClientWithResponses) int {
		got, err := who.GetCardSetupWithResponse(t.Context(), made.JSON201.ID)
		require.NoError(t, err)
		return got.StatusCode()
	}
	require.Equal(t, http.StatusOK, read(mine))
	refused := save(mine, "pm_card_chargeDeclined")
	require.Equal(t, http.StatusPaymentRequired, refused.StatusCode(), string(refused.Body))

	before := contents(t, shop)
	require.Equal(t, http.StatusNotFound, read(stranger))
	require.Equal(t, "card_not_found", change(stranger, first.ID, new(true)).ApplicationProblemJSON404.Code)
	require.Equal(t, "card_not_found", remove(stranger, first.ID).ApplicationProblemJSON404.Code)
	require.Equal(t, http.StatusNotFound, change(mine, uuid.New(), new(true)).StatusCode())
	require.Empty(t, list(stranger))
	only := change(mine, first.ID, new(false))
	require.Equal(t, "isDefault", only.ApplicationProblemJSON422.Errors[0].Field)
	require.Equal(t, first, *change(mine, first.ID, nil).JSON200)
	require.Equal(t, before, contents(t, shop), "nothing was touched")

	require.True(t, change(mine, second.ID, new(true)).JSON200.IsDefault)
	cards := list(mine)
	require.Equal(t, []bool{false, true}, []bool{cards[0].IsDefault, cards[1].IsDefault})
	require.Equal(t, http.StatusNoContent, remove(mine, second.ID).StatusCode())
	require.Equal(t, http.StatusNotFound, remove(mine, second.ID).StatusCode())
	require.True(t, list(mine)[0].IsDefault)

	for range 19 {
		cardOf(t, shop, uuid.MustParse(self(t, mine)))
	}
	full := save(mine, "pm_card_visa")
	require.Equal(t, http.StatusConflict, full.StatusCode(), string(full.Body))
	require.Equal(t, "too_many_cards", full.ApplicationProblemJSON409.Code)
	require.Len(t, list(mine), 20)
}
