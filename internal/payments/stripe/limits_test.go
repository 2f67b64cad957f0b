package stripe_test

import (
	"encoding/json"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cartwright/internal/money"
	"cartwright/internal/payments"
	"cartwright/internal/payments/stripe"
	"cartwright/internal/payments/stripesim"
)

func TestTheMostThatCanBeChargedIsCountedInStripesUnits(t *testing.T) {
	t.Parallel()
	stripe := provider("http://127.0.0.1:1")
	for _, c := range []struct {
		currency money.Currency
		most     int64
	}{
		{"USD", 99_999_999}, {"JPY", 99_999_999}, {"KWD", 99_999_990}, {"IDR", 999_999_999_999},
		{"ISK", 999_999}, {"UGX", 999_999}, {"MGA", 9_999_999_900},
	} {
		step := c.currency.Increment()
		require.NoError(t, stripe.Chargeable(money.New(c.most, c.currency)), c.currency)
		require.ErrorIs(t, stripe.Chargeable(money.New(c.most+step, c.currency)), payments.ErrNotChargeable, c.currency)
	}
}

func TestNobodySignsWithAnEmptySecret(t *testing.T) {
	t.Parallel()
	payload, err := json.Marshal(stripesim.Event{ID: "evt_1", Object: "event", APIVersion: stripesim.APIVersion, Type: "x"})
	require.NoError(t, err)
	careless := stripe.New(stripe.Config{
		SecretKey: "sk_test_1", WebhookSecrets: []string{"whsec_a", ""}, Now: time.Now, Logger: slog.New(slog.DiscardHandler),
	})
	_, err = careless.ParseEvent(payload, stripesim.Signature(payload, "", time.Now()))
	require.ErrorIs(t, err, payments.ErrSignature)
}
