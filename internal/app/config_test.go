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

func TestWhateverWaitsForAPaymentWaitsLonger(t *testing.T) {
	t.Parallel()
	for name, limit := range map[string]time.Duration{"graceful stop": stopTimeout, "answer": writeTimeout} {
		require.Greater(t, limit, payments.AskFor+5*time.Second, name)
	}
}
