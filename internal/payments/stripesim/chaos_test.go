package stripesim_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cartwright/internal/payments/stripesim"
)

// Each fault does to money what its name says, and the same key is answered as Stripe would.
func TestAFaultTakesEffectOrNot(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]struct {
		fault   stripesim.Fault
		charges int
		again   int // how the same request, under the same key, is answered afterwards
	}{
		"500 before":  {stripesim.FailBefore, 0, http.StatusInternalServerError},
		"500 after":   {stripesim.FailAfter, 1, http.StatusInternalServerError},
		"429":         {stripesim.RateLimit, 0, http.StatusOK},
		"cut before":  {stripesim.BreakBefore, 0, http.StatusOK},
		"cut after":   {stripesim.LoseAnswer, 1, http.StatusOK},
		"hang before": {stripesim.HangBefore, 0, http.StatusOK},
		"hang after":  {stripesim.HangAfter, 1, http.StatusOK},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			chaos := stripesim.NewChaos(1)
			r := setup(t, func(cfg *stripesim.Config) { cfg.Intercept = chaos.Intercept })
			once := newClient(r.url, &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}, 0)
			chaos.Set(1, 0, fault.fault)
			attempt := keyed("attempt-1", "pm_card_visa")
			if fault.fault == stripesim.HangBefore || fault.fault == stripesim.HangAfter {
				ctx, leave := context.WithCancel(t.Context())
				attempt.Context = ctx
				go func() { // leaves once the fault has happened
					defer leave()
					for t.Context().Err() == nil && (chaos.Counts()[fault.fault] == 0 || len(r.sim.Charges()) < fault.charges) {
						time.Sleep(time.Millisecond)
					}
				}()
			}
			_, err := once.PaymentIntents.New(attempt)
			require.Error(t, err)
			assert.Len(t, r.sim.Charges(), fault.charges)
			assert.Equal(t, map[stripesim.Fault]int{fault.fault: 1}, chaos.Counts())

			chaos.Set(0, 0)
			require.Eventually(t, func() bool { // the stand-in must first notice that the client has left
				_, err := r.api.PaymentIntents.New(keyed("attempt-1", "pm_card_visa"))
				if fault.again == http.StatusOK {
					return err == nil
				}
				return err != nil && refused(t, err).HTTPStatusCode == fault.again
			}, time.Minute, 10*time.Millisecond)
			assert.Len(t, r.sim.Charges(), max(fault.charges, map[bool]int{true: 1}[fault.again == http.StatusOK]), "charged once at most")
		})
	}
}

func TestTheSameSeedMeetsTheSameFaults(t *testing.T) {
	t.Parallel()
	course := func(seed uint64) (faults []stripesim.Fault) {
		chaos := stripesim.NewChaos(seed)
		chaos.Set(0.5, 0, stripesim.AllFaults...)
		for range 100 {
			faults = append(faults, chaos.Intercept(stripesim.Call{}))
		}
		return faults
	}
	assert.Equal(t, course(1), course(1))
	assert.NotEqual(t, course(1), course(2))
}

func TestEventsMayComeInAnyOrderAndTwice(t *testing.T) {
	t.Parallel()
	rec := receive(t, always)
	r := setup(t, hooked(rec, stripesim.Delivery{Workers: 3, Shuffle: 10, Jitter: time.Millisecond, Twice: 0.5, Seed: 3}))
	for range 20 {
		r.pay(t, "pm_card_visa")
	}
	require.NoError(t, r.sim.Drain(within(t)))
	happened, arrived := eventTypes(r.sim), int(rec.tries.Load())
	assert.Greater(t, arrived, len(happened), "some came twice")
	assert.Less(t, arrived, 2*len(happened), "some did not")
	assert.NotEqual(t, happened, rec.types(t, arrived)[:len(happened)])
}

func TestEventsMayBeWrittenForAnotherVersion(t *testing.T) {
	t.Parallel()
	r := setup(t, func(cfg *stripesim.Config) { cfg.EventVersion = "2022-11-15" })
	r.pay(t, "pm_card_visa")
	assert.Equal(t, "2022-11-15", r.sim.Events()[0].APIVersion)
	r.sim.SetEventVersion("")
	r.pay(t, "pm_card_visa")
	assert.Equal(t, stripesim.APIVersion, r.sim.Events()[len(r.sim.Events())-1].APIVersion)
}
