package stripesim_test

import (
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/stripe/stripe-go/v76"

	"cartwright/internal/payments/stripesim"
)

func kept(path string) func(*stripesim.Config) {
	return func(cfg *stripesim.Config) { cfg.StateFile = path }
}

func TestStateSurvivesARestart(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "deep", "stripe.json")
	before := setup(t, kept(path))
	paid, err := before.api.PaymentIntents.New(keyed("attempt-1", "pm_card_visa"))
	require.NoError(t, err)
	waiting := before.pay(t, "pm_card_authenticationRequired")
	_, err = before.refund(paid.ID, 300)
	require.NoError(t, err)
	owner := before.customer(t)
	saved := before.kept(t, owner, "pm_card_visa")
	saving, err := before.api.SetupIntents.New(keep(owner, "pm_card_authenticationRequired"))
	require.NoError(t, err)
	require.NoError(t, before.sim.Close())

	after := setup(t, kept(path))
	assert.Equal(t, before.sim.Customers(), after.sim.Customers())
	assert.Equal(t, before.sim.Setups(), after.sim.Setups())
	assert.Equal(t, before.sim.Saved(owner), after.sim.Saved(owner))
	assert.Equal(t, before.sim.Intents(), after.sim.Intents())
	assert.Equal(t, before.sim.Charges(), after.sim.Charges())
	assert.Equal(t, before.sim.Refunds(), after.sim.Refunds())
	assert.Equal(t, len(before.sim.Events()), len(after.sim.Events()))

	again, err := after.api.PaymentIntents.New(keyed("attempt-1", "pm_card_visa"))
	require.NoError(t, err)
	assert.Equal(t, paid.ID, again.ID, "a key from before still charges once")
	require.NoError(t, after.sim.Authenticate(waiting.ID, true))
	require.NoError(t, after.sim.Authenticate(saving.ID, true))
	assert.Equal(t, []string{saved, saving.PaymentMethod.ID}, after.saved(owner))
	_, err = after.refund(paid.ID, 1700)
	require.Error(t, err, "1699 are left")
}

func TestAnEmptyStateSurvivesToo(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "stripe.json")
	require.NoError(t, setup(t, kept(path)).sim.Close())
	var log strings.Builder
	setup(t, kept(path), func(cfg *stripesim.Config) { cfg.Logger = slog.New(slog.NewTextHandler(&log, nil)) })
	assert.Empty(t, log.String())
}

func TestStateIsSavedSoonWithoutClosing(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "stripe.json")
	before := setup(t, kept(path))
	pi := before.pay(t, "pm_card_visa")
	require.EventuallyWithT(t, func(c *assert.CollectT) {
		data, err := os.ReadFile(path)
		require.NoError(c, err)
		assert.Contains(c, string(data), pi.ID)
	}, time.Minute, 10*time.Millisecond)
}

func TestAnUnreadableStateStartsEmpty(t *testing.T) {
	t.Parallel()
	for name, content := range map[string]string{"broken": `{"intents":[{`, "empty": "", "partial": `{"intents":[]}`, "null": "null"} {
		path := filepath.Join(t.TempDir(), name)
		require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
		r := setup(t, kept(path))
		assert.Empty(t, r.sim.Intents())
		r.pay(t, "pm_card_visa")
	}
}

func TestAnUndeliveredEventIsDeliveredAfterARestart(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "stripe.json")
	down := receive(t, func(int64) int { return http.StatusBadGateway })
	before := setup(t, kept(path), hooked(down, stripesim.Delivery{}))
	pi, err := before.api.PaymentIntents.New(order("pm_card_visa"))
	require.NoError(t, err)
	assert.Equal(t, stripe.PaymentIntentStatusSucceeded, pi.Status)
	require.NoError(t, before.sim.Close())

	up := receive(t, always)
	setup(t, kept(path), hooked(up, stripesim.Delivery{}))
	assert.Equal(t, []string{"payment_intent.created", "charge.succeeded", "payment_intent.succeeded"}, up.types(t, 3))
}
