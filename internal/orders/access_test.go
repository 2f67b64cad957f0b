package orders_test

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"cartwright/internal/orders"
)

func TestAnErasedOrderIsFoundByNobody(t *testing.T) {
	t.Parallel()
	r := setup(t)
	order := r.placeFor(t, uuid.Nil, orders.ErasedEmail)
	_, err := r.orders.Lookup(t.Context(), order.Number, orders.ErasedEmail)
	require.ErrorIs(t, err, orders.ErrNotFound)
}

// Not beside other tests, whose load would be measured too.
func TestAWrongAddressTakesAsLongAsAnUnknownNumber(t *testing.T) {
	r := setup(t)
	numbers := []string{r.placeFor(t, uuid.Nil, "customer@example.com").Number, "ORD-999999"}
	apart := func() float64 {
		var took [2][]time.Duration
		for range 1000 { // in any order, so that whatever else the machine does happens to both
			for _, i := range rand.Perm(2) {
				began := time.Now()
				_, err := r.orders.Lookup(t.Context(), numbers[i], "another@example.com")
				took[i] = append(took[i], time.Since(began))
				require.ErrorIs(t, err, orders.ErrNotFound)
			}
		}
		for i := range took {
			slices.Sort(took[i])
		}
		known, unknown := float64(took[0][500]), float64(took[1][500])
		return max(known/unknown, unknown/known) - 1
	}
	var got []float64
	for range 5 {
		if got = append(got, apart()); got[len(got)-1] < 0.05 {
			return
		}
	}
	require.Failf(t, "the medians differ", "by %v", got)
}
