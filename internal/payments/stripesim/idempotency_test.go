package stripesim_test

import (
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/stripe/stripe-go/v76"

	"cartwright/internal/payments/stripesim"
)

func keyed(key, method string) *stripe.PaymentIntentParams {
	params := order(method)
	params.SetIdempotencyKey(key)
	return params
}

func TestTheSameKeyChargesOnceAndAnswersTheSame(t *testing.T) {
	t.Parallel()
	r := setup(t)
	first, err := r.api.PaymentIntents.New(keyed("attempt-1", "pm_card_visa"))
	require.NoError(t, err)
	again, err := r.api.PaymentIntents.New(keyed("attempt-1", "pm_card_visa"))
	require.NoError(t, err)
	assert.Equal(t, first.LastResponse.RawJSON, again.LastResponse.RawJSON, "byte for byte")
	assert.Empty(t, first.LastResponse.Header.Get("Idempotent-Replayed"))
	assert.Equal(t, "true", again.LastResponse.Header.Get("Idempotent-Replayed"))
	assert.Equal(t, first.LastResponse.RequestID, again.LastResponse.Header.Get("Original-Request"))
	assert.Len(t, r.sim.Charges(), 1)
	assert.Equal(t, "attempt-1", *r.sim.Events()[0].Request.IdempotencyKey)
}

func TestADeclineIsReplayedToo(t *testing.T) {
	t.Parallel()
	r := setup(t)
	_, err := r.api.PaymentIntents.New(keyed("attempt-1", "pm_card_chargeDeclined"))
	first := refused(t, err)
	_, err = r.api.PaymentIntents.New(keyed("attempt-1", "pm_card_chargeDeclined"))
	assert.Equal(t, first.ChargeID, refused(t, err).ChargeID)
	assert.Len(t, r.sim.Charges(), 1)
}

func TestAKeyForSomethingElseIsRefused(t *testing.T) {
	t.Parallel()
	r := setup(t)
	pi, err := r.api.PaymentIntents.New(keyed("attempt-1", "pm_card_visa"))
	require.NoError(t, err)
	_, err = r.api.PaymentIntents.New(keyed("attempt-1", "pm_card_mastercard"))
	e := refused(t, err)
	assert.Equal(t, stripe.ErrorTypeIdempotency, e.Type)
	assert.Equal(t, http.StatusBadRequest, e.HTTPStatusCode)

	refund := &stripe.RefundParams{PaymentIntent: stripe.String(pi.ID)}
	refund.SetIdempotencyKey("attempt-1")
	_, err = r.api.Refunds.New(refund)
	assert.Equal(t, stripe.ErrorTypeIdempotency, refused(t, err).Type, "nor at another endpoint")
	assert.Len(t, r.sim.Charges(), 1)
	assert.Empty(t, r.sim.Refunds())
}

func TestAValidationFailureKeepsNoKey(t *testing.T) {
	t.Parallel()
	r := setup(t)
	params := keyed("attempt-1", "pm_card_visa")
	params.Amount = stripe.Int64(49)
	_, err := r.api.PaymentIntents.New(params)
	assert.Equal(t, stripe.ErrorCodeAmountTooSmall, refused(t, err).Code)
	_, err = r.api.PaymentIntents.New(keyed("attempt-1", "pm_card_visa"))
	require.NoError(t, err)
}

func TestAKeyIsKeptForADay(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	now := time.Now()
	r := setup(t, func(cfg *stripesim.Config) {
		cfg.Now = func() time.Time { mu.Lock(); defer mu.Unlock(); return now }
	})
	pass := func(d time.Duration) { mu.Lock(); defer mu.Unlock(); now = now.Add(d) }
	for _, step := range []struct {
		wait    time.Duration
		charges int
	}{{0, 1}, {24 * time.Hour, 1}, {2 * time.Second, 2}} {
		pass(step.wait)
		_, err := r.api.PaymentIntents.New(keyed("attempt-1", "pm_card_visa"))
		require.NoError(t, err)
		assert.Len(t, r.sim.Charges(), step.charges)
	}
}

func TestAKeyInUseConflicts(t *testing.T) {
	t.Parallel()
	entered, release := make(chan struct{}), make(chan struct{})
	var calls atomic.Int64
	r := setup(t, func(cfg *stripesim.Config) {
		cfg.Intercept = func(stripesim.Call) stripesim.Fault {
			if calls.Add(1) == 1 {
				close(entered)
				<-release
			}
			return stripesim.Proceed
		}
	})
	first := make(chan error, 1)
	go func() {
		_, err := r.api.PaymentIntents.New(keyed("attempt-1", "pm_card_visa"))
		first <- err
	}()
	<-entered
	_, err := r.api.PaymentIntents.New(keyed("attempt-1", "pm_card_visa"))
	close(release)
	e := refused(t, err)
	assert.Equal(t, http.StatusConflict, e.HTTPStatusCode)
	assert.Equal(t, stripe.ErrorCodeIdempotencyKeyInUse, e.Code)
	require.NoError(t, <-first)
	assert.Len(t, r.sim.Charges(), 1)
}

func TestManyAtOnceWithOneKeyChargeOnce(t *testing.T) {
	t.Parallel()
	r := setup(t)
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			_, err := r.api.PaymentIntents.New(keyed("attempt-1", "pm_card_visa"))
			if err != nil {
				assert.Equal(t, http.StatusConflict, refused(t, err).HTTPStatusCode)
			}
		})
	}
	wg.Wait()
	assert.Equal(t, int64(1999), r.sim.Totals()["usd"].Captured)
}

func TestALostAnswerIsFoundAgainByItsKey(t *testing.T) {
	t.Parallel()
	var once sync.Once
	r := setup(t, func(cfg *stripesim.Config) {
		cfg.Intercept = func(stripesim.Call) (fault stripesim.Fault) {
			once.Do(func() { fault = stripesim.LoseAnswer })
			return fault
		}
	})
	_, err := r.api.PaymentIntents.New(keyed("attempt-1", "pm_card_visa"))
	var answered *stripe.Error
	require.Error(t, err)
	require.NotErrorAs(t, err, &answered, "the connection broke")
	assert.Len(t, r.sim.Charges(), 1, "but the money moved")
	pi, err := r.api.PaymentIntents.New(keyed("attempt-1", "pm_card_visa"))
	require.NoError(t, err)
	assert.Equal(t, r.sim.Intents()[0].ID, pi.ID)
	assert.Len(t, r.sim.Charges(), 1)
}

func TestAnInternalErrorIsKeptAndARateLimitIsNot(t *testing.T) {
	t.Parallel()
	faults := make(chan stripesim.Fault, 4)
	r := setup(t, func(cfg *stripesim.Config) {
		cfg.Intercept = func(stripesim.Call) stripesim.Fault { return <-faults }
	})
	faults <- stripesim.FailBefore
	for range 2 {
		_, err := r.api.PaymentIntents.New(keyed("attempt-1", "pm_card_visa"))
		assert.Equal(t, stripe.ErrorTypeAPI, refused(t, err).Type)
	}
	faults <- stripesim.RateLimit
	faults <- stripesim.Proceed
	_, err := r.api.PaymentIntents.New(keyed("attempt-2", "pm_card_visa"))
	assert.Equal(t, http.StatusTooManyRequests, refused(t, err).HTTPStatusCode)
	_, err = r.api.PaymentIntents.New(keyed("attempt-2", "pm_card_visa"))
	require.NoError(t, err)
}

func TestAKeyIsAtMost255Characters(t *testing.T) {
	t.Parallel()
	r := setup(t)
	form := map[string][]string{"amount": {"100"}, "currency": {"usd"}}
	long := r.raw(t, http.MethodPost, "/v1/payment_intents", "sk_test_x", form, "Idempotency-Key", strings.Repeat("k", 256))
	assert.Equal(t, http.StatusBadRequest, long.status)
}
