package orders_test

import (
	"context"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"cartwright/internal/orders"
)

const victim = "victim.k.s@github-shop.com"

var (
	lookAlikes = []string{
		"victim.k.s@g\u0130thub-shop.com", "v\u0130ctim.k.s@github-shop.com", "v\u0131ctim.k.s@github-shop.com", "victim.k.\u017f@github-shop.com",
		"\uff56ictim.k.s@github-shop.com", "vi\u0307ctim.k.s@github-shop.com", "victim.k.s@g\u0131thub-shop.com",
	}
	spellings = []string{"VICTIM.K.S@GitHub-Shop.com", "victim.k.s@\uff47ithub-shop.com", "victim.k.s@github-\u017fhop.com"}
)

func TestFindGuests_TakesNoLookAlikeForTheAddress(t *testing.T) {
	t.Parallel()
	r := setup(t)
	order := r.placeFor(t, uuid.Nil, victim)
	for _, typed := range lookAlikes {
		_, err := r.find(t, order.Number, typed)
		require.ErrorIs(t, err, orders.ErrNotFound, typed)
	}
	for _, typed := range spellings {
		found, err := r.find(t, order.Number, typed)
		require.NoError(t, err, typed)
		require.Equal(t, order.ID, found)
	}
}

func TestJoinCustomer_LeavesLookAlikesOrdersAlone(t *testing.T) {
	t.Parallel()
	r := setup(t)
	order, composed := r.placeFor(t, uuid.Nil, victim), r.placeFor(t, uuid.Nil, "user@xn--mnchen-3ya.example")
	thief, owner := r.customer(t), r.customer(t)
	join := func(address string, customer uuid.UUID) {
		r.tx(t, func(ctx context.Context, tx pgx.Tx) error { return r.orders.JoinCustomerTx(ctx, tx, address, customer) })
	}
	for _, typed := range lookAlikes {
		join(typed, thief)
		require.Equal(t, uuid.Nil, r.read(t, order.ID).Customer, typed)
	}
	join(spellings[1], owner)
	require.Equal(t, owner, r.read(t, order.ID).Customer)
	join("User@mu\u0308nchen.example", owner)
	require.Equal(t, owner, r.read(t, composed.ID).Customer)
}
