package app

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cartwright/internal/payments"
)

func TestAStrayCommaIsNoSecret(t *testing.T) {
	t.Setenv("STRIPE_WEBHOOK_SECRET", " whsec_old , whsec_new, ,")
	config, err := readConfig()
	require.NoError(t, err)
	require.Equal(t, []string{"whsec_old", "whsec_new"}, config.StripeWebhookSecrets)
	t.Setenv("STRIPE_WEBHOOK_SECRET", " , ")
	config, err = readConfig()
	require.NoError(t, err)
	require.ErrorContains(t, config.production(), "STRIPE_WEBHOOK_SECRET is not set")
}

func TestMoneyIsTakenAtOnceUnlessTheShopSaysOtherwise(t *testing.T) {
	for text, want := range map[string]string{"": "automatic", "automatic": "automatic", "manual": "manual"} {
		t.Setenv("PAYMENT_CAPTURE", text)
		config, err := readConfig()
		require.NoError(t, err)
		require.Equal(t, want, config.PaymentCapture)
	}
	t.Setenv("PAYMENT_CAPTURE", "later")
	_, err := readConfig()
	require.ErrorContains(t, err, "PAYMENT_CAPTURE is not one of automatic and manual")
}

func TestTheShopsAddressHasOneForm(t *testing.T) {
	for text, want := range map[string]string{
		"https://Shop.Example.com/":       "https://shop.example.com",
		"HTTPS://shop.example.com:443":    "https://shop.example.com",
		"http://shop.example.com:80//":    "http://shop.example.com",
		"http://shop.example.com:8080":    "http://shop.example.com:8080",
		"https://example.com:80/The-Shop": "https://example.com:80/The-Shop",
		"":                                "http://localhost:3000",
	} {
		t.Setenv("PUBLIC_URL", text)
		t.Setenv("STOREFRONT_URL", text)
		config, err := readConfig()
		require.NoError(t, err, text)
		require.Equal(t, want, config.PublicURL)
		require.Equal(t, want, config.StorefrontURL)
		require.Equal(t, text == "", config.homeless)
	}
	for _, name := range []string{"PUBLIC_URL", "STOREFRONT_URL"} {
		for _, text := range []string{"shop.example.com", "ftp://shop.example.com", "https://", "https://:443", "https://me@shop.example.com", "https://shop.example.com/?a=b", "https://shop.example.com/#a", "https://shop.example.com?"} {
			t.Run(name+text, func(t *testing.T) {
				t.Setenv("PUBLIC_URL", "https://else.example.com")
				t.Setenv(name, text)
				_, err := readConfig()
				require.ErrorContains(t, err, name+" is not an absolute address")
			})
		}
	}
}

func TestWhateverWaitsForAPaymentWaitsLonger(t *testing.T) {
	t.Parallel()
	for name, limit := range map[string]time.Duration{"graceful stop": stopTimeout, "answer": writeTimeout} {
		require.Greater(t, limit, payments.AskFor+5*time.Second, name)
	}
}
