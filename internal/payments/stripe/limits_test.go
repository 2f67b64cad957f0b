package stripe_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cartwright/internal/errs"
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

func TestTheLeastThatCanBeChargedIsToldInTheCurrency(t *testing.T) {
	t.Parallel()
	stripe := provider("http://127.0.0.1:1")
	for _, c := range []struct {
		least money.Amount
		told  string
	}{
		{money.New(50, "USD"), "0.50 USD"}, {money.New(30, "GBP"), "0.30 GBP"}, {money.New(50, "JPY"), "50 JPY"},
		{money.New(1000, "MXN"), "10.00 MXN"}, {money.New(17500, "HUF"), "175.00 HUF"},
	} {
		require.NoError(t, stripe.Chargeable(c.least))
		require.NoError(t, stripe.Chargeable(money.New(0, c.least.Currency)), "what costs nothing asks for nothing")
		err := stripe.Chargeable(money.New(c.least.Minor-1, c.least.Currency))
		require.ErrorIs(t, err, payments.ErrNotChargeable, c.told)
		var refused *errs.Error
		require.ErrorAs(t, err, &refused)
		require.Contains(t, refused.Message, c.told)
	}
	require.NoError(t, stripe.Chargeable(money.New(1, "ISK")), "for which Stripe names no least amount")
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

func TestASignatureIsTakenForFiveMinutesEitherWay(t *testing.T) {
	t.Parallel()
	now := time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)
	payload, err := json.Marshal(stripesim.Event{ID: "evt_1", Object: "event", APIVersion: stripesim.APIVersion, Type: "x"})
	require.NoError(t, err)
	timed := stripe.New(stripe.Config{
		SecretKey: "sk_test_1", WebhookSecrets: []string{"whsec_old", "whsec_new"}, Logger: slog.New(slog.DiscardHandler),
		Now: func() time.Time { return now },
	})
	for _, secret := range []string{"whsec_old", "whsec_new"} {
		sign := func(off time.Duration) string { return stripesim.Signature(payload, secret, now.Add(off)) }
		for _, off := range []time.Duration{-5 * time.Minute, 0, 5 * time.Minute} {
			_, err = timed.ParseEvent(payload, sign(off))
			require.NoError(t, err, "%s signed %s from now", secret, off)
		}
		for name, signature := range map[string]string{
			"too old": sign(-5*time.Minute - time.Second), "too far ahead": sign(5*time.Minute + time.Second),
			"two times": fmt.Sprintf("t=%d,%s", now.Unix(), sign(time.Hour)), "two more": fmt.Sprintf("%s,t=%d", sign(0), now.Unix()),
		} {
			_, err = timed.ParseEvent(payload, signature)
			require.ErrorIs(t, err, payments.ErrSignature, "%s %s", secret, name)
		}
	}
}
