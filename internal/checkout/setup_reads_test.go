package checkout_test

import (
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cartwright/internal/app/shoptest"
)

// Sixty connections read one unfinished setup again and again. Stripe hears of a few of their reads, and a payment that
// comes meanwhile is taken before most of them have been answered.
func TestGetCardSetup_ALoadOfReadersDoesNotDelayAPayment(t *testing.T) {
	t.Parallel()
	const connections, reads = 60, 20
	var asked, answered atomic.Int64
	shop := setup(t, shoptest.WithStripeRate(20), shoptest.WithStripeFront(func(stripe http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodGet && strings.HasPrefix(r.URL.Path, "/v1/setup_intents/") {
				asked.Add(1)
			}
			stripe.ServeHTTP(w, r)
		})
	}))
	who := buyer(shop, "reader@example.com")
	pending := setUpCard(t, who, "")
	require.Equal(t, http.StatusCreated, pending.StatusCode(), string(pending.Body))
	order := shop.Order(1, shop.Product(5))
	secret, begun := *pending.JSON201.ClientSecret, time.Now()
	var together sync.WaitGroup
	for range connections {
		together.Go(func() {
			for range reads {
				read, err := who.GetCardSetupWithResponse(t.Context(), pending.JSON201.ID)
				if err != nil || read.StatusCode() != http.StatusOK || read.JSON200.ClientSecret == nil || *read.JSON200.ClientSecret != secret {
					t.Errorf("a reader is answered %v: %s", err, read.Body)
					return
				}
				answered.Add(1)
			}
		})
	}
	require.Eventually(t, func() bool { return answered.Load() > connections }, time.Minute, time.Millisecond)
	require.True(t, pay(t, shop, order.ID, "pm_card_visa").Success)
	paid := time.Since(begun)
	together.Wait()
	took := time.Since(begun)
	t.Logf("%d reads in %s asked stripe %d times; the payment was through after %s", answered.Load(), took, asked.Load(), paid)
	require.EqualValues(t, connections*reads, answered.Load())
	require.Positive(t, asked.Load())
	require.LessOrEqual(t, asked.Load(), 4+int64(took/(2*time.Second)), "three at once, and one every two seconds")
}
