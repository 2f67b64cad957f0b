package stripe_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cartwright/internal/payments"
	"cartwright/internal/payments/stripe"
)

const canceled = `{"id": "pi_1", "object": "payment_intent", "status": "canceled", "amount": 1999, "currency": "usd"}`

// switched is a server that fails while it is off, and counts what reaches it.
type switched struct {
	off     atomic.Bool
	reached atomic.Int64
	leaving atomic.Pointer[context.CancelFunc] // has whoever asked leave before they are answered
}

func (s *switched) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.reached.Add(1)
	if leave := s.leaving.Load(); leave != nil {
		(*leave)()
		_, _ = io.Copy(io.Discard, r.Body) // only then it is noticed that they left
		<-r.Context().Done()
		return
	}
	if s.off.Load() {
		w.WriteHeader(http.StatusInternalServerError)
		_, _ = w.Write([]byte(`{"error": {"type": "api_error"}}`))
		return
	}
	_, _ = w.Write([]byte(canceled)) // the client may have left
}

// gated is a provider before a server, with a limit on what it sends.
func gated(t *testing.T, perSecond int) (*switched, *stripe.Provider) {
	t.Helper()
	behind := &switched{}
	server := httptest.NewServer(behind)
	t.Cleanup(server.Close)
	return behind, stripe.New(stripe.Config{
		SecretKey: "sk_test_123", APIBase: server.URL, MostPerSecond: &perSecond, Now: time.Now, Logger: slog.New(slog.DiscardHandler),
	})
}

func TestStripeIsLeftAloneWhileItKeepsFailing(t *testing.T) {
	t.Parallel()
	behind, p := gated(t, 0)
	cancel := func() error { _, err := p.CancelIntent(t.Context(), "pi_1"); return err }
	behind.off.Store(true)
	for range 15 {
		require.ErrorIs(t, cancel(), payments.ErrKeySpent)
	}
	for range 100 {
		err := cancel()
		require.ErrorIs(t, err, payments.ErrUnavailable)
		require.NotErrorIs(t, err, payments.ErrKeySpent, "it was never sent")
	}
	require.EqualValues(t, 15, behind.reached.Load(), "none of them was sent")
	behind.off.Store(false)
	require.Eventually(t, func() bool { return cancel() == nil }, time.Minute, 50*time.Millisecond)
	require.EqualValues(t, 16, behind.reached.Load())
	require.NoError(t, cancel())
}

func TestStripeThatFailsNowAndThenIsAskedOn(t *testing.T) {
	t.Parallel()
	behind, p := gated(t, 0)
	for i := range 90 {
		behind.off.Store(i%3 == 0)
		_, err := p.CancelIntent(t.Context(), "pi_1")
		require.Equal(t, i%3 == 0, errors.Is(err, payments.ErrKeySpent), err)
	}
	require.EqualValues(t, 90, behind.reached.Load())
}

func TestWhoeverLeavesSaysNothingOfStripe(t *testing.T) {
	t.Parallel()
	behind, p := gated(t, 0)
	for range 40 {
		asking, leave := context.WithCancel(t.Context())
		behind.leaving.Store(&leave)
		_, err := p.CancelIntent(asking, "pi_1")
		require.ErrorIs(t, err, payments.ErrUnavailable)
	}
	behind.leaving.Store(nil)
	_, err := p.CancelIntent(t.Context(), "pi_1")
	require.NoError(t, err)
	require.EqualValues(t, 41, behind.reached.Load())
}

func TestNoMoreIsSentThanStripeTakes(t *testing.T) {
	t.Parallel()
	behind, p := gated(t, 40)
	begun := time.Now()
	for range 50 {
		_, err := p.CancelIntent(t.Context(), "pi_1")
		require.NoError(t, err)
	}
	require.GreaterOrEqual(t, time.Since(begun), time.Second, "10 at once, and 40 a second")
	require.EqualValues(t, 50, behind.reached.Load())
	// Who could not be sent in time hears so, and nothing is known to have been done.
	hurried, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	_, err := p.CancelIntent(hurried, "pi_1")
	require.ErrorIs(t, err, payments.ErrUnavailable)
	require.EqualValues(t, 50, behind.reached.Load())
}

// A load of reads waits for each other: a payment is sent before all but a few of them.
func TestGate_ReadsTakeNothingOfWhatIsReservedForPayments(t *testing.T) {
	t.Parallel()
	const reads = 40
	behind, p := gated(t, 8) // four a second are left to reads
	ctx, cancel := context.WithCancel(t.Context())
	var together sync.WaitGroup
	defer together.Wait()
	defer cancel()
	for range reads {
		together.Go(func() { _, _ = p.Intent(ctx, "pi_1") })
	}
	require.Eventually(t, func() bool { return behind.reached.Load() > 0 }, time.Minute, time.Millisecond)
	before := behind.reached.Load()
	for range 4 {
		_, err := p.CancelIntent(payments.WithPriority(t.Context()), "pi_1")
		require.NoError(t, err)
	}
	sent := behind.reached.Load() - before
	require.LessOrEqual(t, sent, int64(10), "four payments and at most as many reads as come in their time")
}
