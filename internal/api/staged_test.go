package api_test

import (
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"cartwright/gen/client"
	"cartwright/internal/app/shoptest"
	"cartwright/internal/payments/stripesim"
)

// gate holds the confirmations of a shop's Stripe while it is closed.
type gate struct {
	closed  atomic.Bool
	verdict atomic.Int64 // a stripesim.Fault, of a confirmation that was held
	arrived chan struct{}
	open    chan struct{}
}

func gatedShop(t *testing.T) (*shoptest.Shop, *gate) {
	t.Helper()
	g := &gate{arrived: make(chan struct{}, 10), open: make(chan struct{})}
	shop := shoptest.New(t, shoptest.WithoutJobs(), shoptest.WithoutWebhooks(),
		shoptest.WithIntercept(func(c stripesim.Call) stripesim.Fault {
			if !g.closed.Load() || !strings.HasSuffix(c.Path, "/confirm") {
				return stripesim.Proceed
			}
			g.arrived <- struct{}{}
			<-g.open
			return stripesim.Fault(g.verdict.Load())
		}))
	return shop, g
}

func pay(order client.Order, key string) call {
	return call{
		method: http.MethodPost, path: "/orders/" + order.ID.String() + "/payment", body: `{"paymentMethodId":"pm_card_visa"}`,
	}.holding(order).under(key)
}

func TestAKeyWhosePaymentStillRunsIsInUse(t *testing.T) {
	t.Parallel()
	shop, gate := gatedShop(t)
	order := shop.Order(1, shop.Product(1))
	key := uuid.NewString()
	gate.closed.Store(true)
	first := make(chan answer, 1)
	go func() { first <- send(t, shop, pay(order, key)) }()
	<-gate.arrived
	got := send(t, shop, pay(order, key))
	require.Equal(t, "idempotency_key_in_use", requireProblem(t, got, http.StatusConflict).Code)
	require.NotEmpty(t, got.header.Get("Retry-After"))
	got = send(t, shop, pay(order, uuid.NewString()))
	require.Equal(t, "payment_in_progress", requireProblem(t, got, http.StatusConflict).Code)
	require.NotEmpty(t, got.header.Get("Retry-After"))
	close(gate.open)
	paid := <-first
	require.Equal(t, http.StatusOK, paid.status, paid.body)
	require.Equal(t, paid.body, send(t, shop, pay(order, key)).body)
	require.Len(t, shop.Stripe.Charges(), 1)
}

func TestAPaymentWithoutAnAnswerMayBeTriedAgainUnderItsKey(t *testing.T) {
	t.Parallel()
	shop, gate := gatedShop(t)
	order := shop.Order(1, shop.Product(1))
	key := uuid.NewString()
	gate.closed.Store(true)
	gate.verdict.Store(int64(stripesim.RateLimit))
	close(gate.open)
	failed := send(t, shop, pay(order, key))
	require.Equal(t, "payment_provider_unavailable", requireProblem(t, failed, http.StatusServiceUnavailable).Code)
	require.NotEmpty(t, failed.header.Get("Retry-After"))
	gate.closed.Store(false)
	paid := send(t, shop, pay(order, key))
	require.Equal(t, http.StatusOK, paid.status, paid.body)
	require.Empty(t, paid.header.Get("Idempotency-Replayed"))
	require.Len(t, shop.Stripe.Charges(), 1)
}

func TestAPaymentCutOffByACrashIsTakenUpUnderItsKey(t *testing.T) {
	t.Parallel()
	shop, _ := gatedShop(t)
	claim := func(until string) {
		t.Helper()
		tag, err := shop.DB.Exec(t.Context(), `UPDATE idempotency_keys
			SET status = NULL, body = '', headers = '{}', content_type = '', locked_until = `+until)
		require.NoError(t, err)
		require.EqualValues(t, 1, tag.RowsAffected())
	}
	t.Run("before anything was charged", func(t *testing.T) {
		order, key := shop.Order(1, shop.Product(1)), uuid.NewString()
		declined := pay(order, key)
		declined.body = `{"paymentMethodId":"pm_card_chargeDeclined"}`
		require.Equal(t, http.StatusPaymentRequired, send(t, shop, declined).status)
		claim("now() + interval '1 minute'")
		got := send(t, shop, declined)
		require.Equal(t, "idempotency_key_in_use", requireProblem(t, got, http.StatusConflict).Code)
		claim("now() - interval '1 second'")
		other := requireProblem(t, send(t, shop, pay(order, key)), http.StatusUnprocessableEntity)
		require.Equal(t, "idempotency_key_reused", other.Code, "a claim is held by its body too")
		again := send(t, shop, declined)
		require.Equal(t, http.StatusPaymentRequired, again.status, again.body)
		require.Equal(t, "true", send(t, shop, declined).header.Get("Idempotency-Replayed"))
		_, err := shop.DB.Exec(t.Context(), `DELETE FROM idempotency_keys`)
		require.NoError(t, err)
	})
	t.Run("after the money moved", func(t *testing.T) {
		order, key := shop.Order(1, shop.Product(1)), uuid.NewString()
		first := send(t, shop, pay(order, key))
		require.Equal(t, http.StatusOK, first.status, first.body)
		charges := len(shop.Stripe.Charges())
		claim("now() - interval '1 second'")
		again := send(t, shop, pay(order, key))
		require.Equal(t, http.StatusOK, again.status, again.body)
		require.JSONEq(t, first.body, again.body, "it hears that it paid")
		require.Equal(t, again.body, send(t, shop, pay(order, key)).body)
		require.Len(t, shop.Stripe.Charges(), charges, "nothing is charged again")
		require.Equal(t, client.PaymentStatusPAID, shop.ReadOrder(order.ID).PaymentStatus)
	})
}
