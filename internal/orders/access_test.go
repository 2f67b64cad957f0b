package orders_test

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"cartwright/internal/orders"
	"cartwright/internal/page"
)

func TestAnErasedOrderIsFoundByNobody(t *testing.T) {
	t.Parallel()
	r := setup(t)
	order := r.placeFor(t, uuid.Nil, orders.ErasedEmail)
	_, err := r.find(t, order.Number, orders.ErasedEmail)
	require.ErrorIs(t, err, orders.ErrNotFound)
	_, err = r.orders.AddToken(t.Context(), order.ID)
	require.ErrorIs(t, err, orders.ErrNotFound)
}

// find looks a guest's order up.
func (r rig) find(t *testing.T, number, email string) (id uuid.UUID, err error) {
	t.Helper()
	err = r.db.InTx(t.Context(), func(ctx context.Context, tx pgx.Tx) error {
		id, err = r.orders.FindGuests(ctx, tx, number, email)
		return err
	})
	return id, err
}

func TestOrderToken_Ends(t *testing.T) {
	t.Parallel()
	r := setup(t)
	order := r.placeFor(t, uuid.Nil, "customer@example.com")
	linked, err := r.orders.AddToken(t.Context(), order.ID)
	require.NoError(t, err)
	opens := func(token string, after time.Duration) bool {
		later := orders.New(r.db, page.NewCodec([]byte("a key of tests")), func() time.Time { return time.Now().Add(after) })
		_, err := later.Open(t.Context(), orders.Key{Order: order.ID, Token: token})
		if err != nil {
			require.ErrorIs(t, err, orders.ErrNotFound)
		}
		_, events := later.Timeline(t.Context(), orders.Key{Order: order.ID, Token: token}, page.Request{})
		require.Equal(t, err == nil, events == nil, "and so does its history")
		return err == nil
	}
	for token, lasts := range map[string]time.Duration{order.Token: orders.TokenLasts, linked.Token: orders.LinkLasts} {
		require.True(t, opens(token, 0))
		require.True(t, opens(token, lasts-time.Minute))
		require.False(t, opens(token, lasts+time.Minute))
	}
	decoded, err := base64.RawURLEncoding.DecodeString(linked.Token)
	require.NoError(t, err)
	decoded[len(decoded)-4]++
	require.False(t, opens(base64.RawURLEncoding.EncodeToString(decoded), 0), "nobody moves its end")

	old := base64.RawURLEncoding.EncodeToString(decoded[:32]) // as shops made them before tokens ended
	sum := sha256.Sum256([]byte(old))
	_, err = r.db.Exec(t.Context(), "UPDATE orders SET token_hashes = ARRAY[$2::bytea] WHERE id = $1", order.ID, sum[:])
	require.NoError(t, err)
	require.True(t, opens(old, orders.TokenLasts-time.Minute))
	require.False(t, opens(old, orders.TokenLasts+time.Minute))
}

func TestAddToken_KeepsTheNewestLinksAndTheTokenOfPlacing(t *testing.T) {
	t.Parallel()
	r := setup(t)
	order := r.placeFor(t, uuid.Nil, "customer@example.com")
	opens := func(token string) bool {
		_, err := r.orders.Open(t.Context(), orders.Key{Order: order.ID, Token: token})
		return err == nil
	}
	var links []string
	for range 12 {
		linked, err := r.orders.AddToken(t.Context(), order.ID)
		require.NoError(t, err)
		require.NotContains(t, links, linked.Token)
		links = append(links, linked.Token)
	}
	require.True(t, opens(order.Token), "however often somebody asks for links")
	for i, link := range links {
		require.Equal(t, i >= 3, opens(link), i)
	}
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
				_, err := r.find(t, numbers[i], "another@example.com")
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
