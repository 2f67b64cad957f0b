package stripe_test

import (
	"encoding/json"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"cartwright/internal/money"
	"cartwright/internal/payments"
	"cartwright/internal/payments/stripesim"
)

func customer(t *testing.T, p payments.Provider) string {
	t.Helper()
	made, err := p.CreateCustomer(t.Context(), uuid.New())
	require.NoError(t, err)
	return made
}

// keep sets a card up.
func keep(t *testing.T, p payments.Provider, customer, method string) payments.Setup {
	t.Helper()
	made, err := p.CreateSetup(t.Context(), payments.NewSetup{
		SetupID: uuid.New(), CustomerID: customer, MethodID: method, ReturnURL: "https://shop.example",
	})
	require.NoError(t, err)
	return made
}

func TestACustomerIsMadeOnceAndStripeIsToldNothingOfThem(t *testing.T) {
	t.Parallel()
	sim, seen, p := simulated(t)
	ours := uuid.New()
	first, err := p.CreateCustomer(t.Context(), ours)
	require.NoError(t, err)
	again, err := p.CreateCustomer(t.Context(), ours)
	require.NoError(t, err)
	require.Equal(t, first, again)
	require.Len(t, sim.Customers(), 1)
	require.Len(t, seen.exchanges()[0].Form, 1)
	require.Equal(t, ours.String(), seen.exchanges()[0].Form.Get("metadata[customer_id]"))

	require.NoError(t, p.DeleteCustomer(t.Context(), first))
	require.NoError(t, p.DeleteCustomer(t.Context(), first), "who is gone is no error")
	require.Empty(t, sim.Customers())
	_, err = p.CreateSetup(t.Context(), payments.NewSetup{SetupID: uuid.New(), CustomerID: first, MethodID: "pm_card_visa", ReturnURL: "https://shop.example"})
	require.ErrorIs(t, err, payments.ErrUnknownCustomer)
	order := payments.NewIntent{PaymentID: uuid.New(), OrderID: uuid.New(), Amount: money.New(1999, "USD"), CustomerID: first}
	_, err = p.CreateIntent(t.Context(), order)
	require.ErrorIs(t, err, payments.ErrUnknownCustomer)
	order.CustomerID = ""
	_, err = p.CreateIntent(t.Context(), order)
	require.NoError(t, err, "the same payment can be asked for without them")
}

func TestAFailureThatStripeKeepsDoesNotKeepACustomerFromBeingMade(t *testing.T) {
	t.Parallel()
	var asked atomic.Int32
	sim, err := stripesim.New(stripesim.Config{Intercept: func(stripesim.Call) stripesim.Fault {
		if asked.Add(1) == 1 {
			return stripesim.FailBefore
		}
		return stripesim.Proceed
	}})
	require.NoError(t, err)
	server := httptest.NewServer(sim)
	t.Cleanup(func() {
		server.Close()
		require.NoError(t, sim.Close())
	})
	p, ours := provider(server.URL), uuid.New()
	first, err := p.CreateCustomer(t.Context(), ours)
	require.NoError(t, err)
	again, err := p.CreateCustomer(t.Context(), ours)
	require.NoError(t, err)
	require.Equal(t, first, again)
}

func TestACardIsReadAsItsCustomersAlone(t *testing.T) {
	t.Parallel()
	sim, seen, p := simulated(t)
	owner, other := customer(t, p), customer(t, p)
	ours := uuid.New()
	asked := payments.NewSetup{SetupID: ours, CustomerID: owner, MethodID: "pm_card_mastercard", ReturnURL: "https://shop.example"}
	made, err := p.CreateSetup(t.Context(), asked)
	require.NoError(t, err)
	again, err := p.CreateSetup(t.Context(), asked)
	require.NoError(t, err)
	require.Equal(t, made, again)
	require.Len(t, sim.Setups(), 1)
	require.Equal(t, "off_session", sim.Setups()[0].Usage)
	require.Equal(t, []string{"card"}, sim.Setups()[0].PaymentMethodTypes)
	require.Contains(t, seen.exchanges()[2].Key, "setup:"+ours.String())
	require.Equal(t, payments.SetupSucceeded, made.Status)
	require.Equal(t, ours, made.SetupID)
	require.Equal(t, owner, made.CustomerID)
	require.NotEmpty(t, made.ClientSecret)
	require.Equal(t, "mastercard 4444", made.Card.Brand+" "+made.Card.Last4)
	require.NotZero(t, made.Card.ExpMonth)
	require.NotEmpty(t, made.Card.Fingerprint)

	read, err := p.Card(t.Context(), owner, made.Card.ID)
	require.NoError(t, err)
	require.Equal(t, *made.Card, read)
	for _, whose := range []string{other, "cus_none"} {
		_, err = p.Card(t.Context(), whose, made.Card.ID)
		require.ErrorIs(t, err, payments.ErrUnknownCard)
	}
	_, err = p.CreateSetup(t.Context(), payments.NewSetup{SetupID: uuid.New(), CustomerID: other, MethodID: made.Card.ID, ReturnURL: "https://shop.example"})
	require.ErrorIs(t, err, payments.ErrMethodUnknown)
	for range 2 {
		require.NoError(t, p.DetachCard(t.Context(), made.Card.ID))
	}
	require.NoError(t, p.DetachCard(t.Context(), "pm_none"))
	_, err = p.Card(t.Context(), owner, made.Card.ID)
	require.ErrorIs(t, err, payments.ErrUnknownCard)
	require.Empty(t, sim.Saved(owner))
}

func TestASetupTellsWhatBecameOfIt(t *testing.T) {
	t.Parallel()
	sim, _, p := simulated(t)
	owner := customer(t, p)
	declined := keep(t, p, owner, "pm_card_chargeDeclinedInsufficientFunds")
	require.Equal(t, payments.SetupRequiresMethod, declined.Status)
	require.Equal(t, "insufficient_funds", declined.Decline.Code)
	read, err := p.Setup(t.Context(), declined.ID)
	require.NoError(t, err)
	require.Equal(t, declined, read)
	require.Len(t, declined.Attempts, 1)
	require.Regexp(t, "^setatt_", declined.Attempts[0].ID)
	require.NotEmpty(t, declined.Attempts[0].MethodID)
	require.NotEmpty(t, declined.Attempts[0].Fingerprint)
	require.False(t, declined.Attempts[0].Saved)
	given, err := p.CancelSetup(t.Context(), declined.ID)
	require.NoError(t, err)
	require.Equal(t, declined.Attempts, given.Attempts, "it was tried, whatever came after")

	waits := keep(t, p, owner, "pm_card_authenticationRequired")
	require.Empty(t, waits.Attempts, "nobody knows yet")
	require.Equal(t, payments.SetupRequiresAction, waits.Status)
	require.Equal(t, "redirect_to_url", waits.NextAction["type"])
	require.Nil(t, waits.Card)
	require.NoError(t, sim.Authenticate(waits.ID, true))
	late, err := p.CancelSetup(t.Context(), waits.ID)
	require.NoError(t, err)
	require.Equal(t, payments.SetupSucceeded, late.Status, "it had been saved before")
	require.Equal(t, "3184", late.Card.Last4)
	require.Len(t, late.Attempts, 1)
	require.True(t, late.Attempts[0].Saved)
	require.Equal(t, []string{late.Card.ID, late.Card.Fingerprint}, []string{late.Attempts[0].MethodID, late.Attempts[0].Fingerprint})

	begun, err := p.CreateSetup(t.Context(), payments.NewSetup{SetupID: uuid.New(), CustomerID: owner})
	require.NoError(t, err)
	require.Equal(t, payments.SetupRequiresMethod, begun.Status)
	for range 2 {
		canceled, err := p.CancelSetup(t.Context(), begun.ID)
		require.NoError(t, err)
		require.Equal(t, payments.SetupCanceled, canceled.Status)
	}
	_, err = p.Setup(t.Context(), "seti_none")
	require.ErrorIs(t, err, payments.ErrUnknownSetup)
	_, err = p.CancelSetup(t.Context(), "seti_none")
	require.ErrorIs(t, err, payments.ErrUnknownSetup)
	for _, c := range []struct {
		method, back string
		want         error
	}{
		{"pm_none", "", payments.ErrMethodUnknown}, {"pm_card_visa", "javascript:1", payments.ErrReturnURL},
	} {
		_, err = p.CreateSetup(t.Context(), payments.NewSetup{
			SetupID: uuid.New(), CustomerID: owner, MethodID: c.method, ReturnURL: c.back,
		})
		require.ErrorIs(t, err, c.want)
	}
}

func TestAPaymentSavesItsCardWhenItIsToAndTellsIt(t *testing.T) {
	t.Parallel()
	sim, _, p := simulated(t)
	owner := customer(t, p)
	pay := func(attempts ...payments.Confirmation) payments.Intent {
		t.Helper()
		made, err := p.CreateIntent(t.Context(), payments.NewIntent{
			PaymentID: uuid.New(), OrderID: uuid.New(), Amount: money.New(1999, "USD"), CustomerID: owner,
		})
		require.NoError(t, err)
		for _, attempt := range attempts {
			attempt.AttemptID, attempt.IntentID, attempt.ReturnURL = uuid.New(), made.ID, "https://shop.example"
			_, err := p.ConfirmIntent(t.Context(), attempt)
			require.NoError(t, err)
		}
		read, err := p.Intent(t.Context(), made.ID)
		require.NoError(t, err)
		require.Equal(t, payments.IntentSucceeded, read.Status)
		return read
	}
	changedTheirMind := pay(payments.Confirmation{MethodID: "pm_card_chargeDeclined", Save: true}, payments.Confirmation{MethodID: "pm_card_visa"})
	require.Nil(t, changedTheirMind.Saved)
	require.Empty(t, sim.Saved(owner))

	saved := pay(payments.Confirmation{MethodID: "pm_card_visa", Save: true}).Saved
	require.Equal(t, "visa 4242", saved.Brand+" "+saved.Last4)
	read, err := p.Card(t.Context(), owner, saved.ID)
	require.NoError(t, err)
	require.Equal(t, read, *saved)
	require.Nil(t, pay(payments.Confirmation{MethodID: saved.ID}).Saved, "it was saved before")
	require.Len(t, sim.Saved(owner), 1)
}

func TestNewsOfSavedCardsAreRead(t *testing.T) {
	t.Parallel()
	sim, _, p := simulated(t)
	owner := customer(t, p)
	saved := keep(t, p, owner, "pm_card_visa")
	declined := keep(t, p, owner, "pm_card_chargeDeclined")
	require.NoError(t, sim.Renew(saved.Card.ID, 1, 2040))
	require.NoError(t, p.DetachCard(t.Context(), saved.Card.ID))
	of := func(kind string) payments.Event {
		t.Helper()
		var found payments.Event
		page, err := p.Events(t.Context(), payments.Span{Until: time.Now()}, "")
		require.NoError(t, err)
		for _, event := range page.Events {
			if event.Type == kind {
				found = event
			}
		}
		require.Empty(t, found.Unread)
		require.Nil(t, found.Intent)
		return found
	}
	succeeded := of("setup_intent.succeeded").Setup
	require.Equal(t, saved.SetupID, succeeded.SetupID)
	require.Equal(t, payments.Card{ID: saved.Card.ID}, *succeeded.Card, "the news itself names the card alone")
	require.Equal(t, declined.Decline, of("setup_intent.setup_failed").Setup.Decline)
	renewed := of("payment_method.automatically_updated").Card
	require.Equal(t, 2040, renewed.ExpYear)
	require.Equal(t, saved.Card.ID, renewed.ID)
	require.Equal(t, saved.Card.ID, of("payment_method.detached").CardGone)
}

func TestNewsOfSavedCardsThatMakeNoSenseAreToldFromThoseOfAnotherVersion(t *testing.T) {
	t.Parallel()
	p := provider("http://127.0.0.1:1")
	read := func(version, kind, object string) payments.Event {
		t.Helper()
		payload, err := json.Marshal(stripesim.Event{
			ID: "evt_1", APIVersion: version, Type: kind, Data: stripesim.EventData{Object: json.RawMessage(object)},
		})
		require.NoError(t, err)
		event, err := p.ReadEvent(payload)
		require.NoError(t, err)
		return event
	}
	const other = "2030-01-01"
	strange := `{"id": "x_1", "object": 7, "status": 7, "card": 7}`
	require.Equal(t, payments.Setup{ID: "x_1"}, *read(other, "setup_intent.succeeded", strange).Setup)
	require.Equal(t, payments.Card{ID: "x_1"}, *read(other, "payment_method.automatically_updated", strange).Card)
	require.Equal(t, "x_1", read(other, "payment_method.detached", strange).CardGone)
	for kind, object := range map[string]string{
		"setup_intent.succeeded": strange, "payment_method.automatically_updated": strange,
		"setup_intent.canceled": `{"id": 7}`, "payment_method.detached": `{"id": "a b"}`,
	} {
		event := read(stripesim.APIVersion, kind, object)
		require.NotEmpty(t, event.Unread, kind)
		require.NotNil(t, event.Intent, "so that somebody looks at it")
		require.Nil(t, event.Setup)
		require.Nil(t, event.Card)
		require.Empty(t, event.CardGone)
	}
}
