package orders_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"cartwright/internal/money"
	"cartwright/internal/orders"
	"cartwright/internal/page"
	"cartwright/internal/postgres"
)

// customer adds an account.
func (r rig) customer(t *testing.T) uuid.UUID {
	t.Helper()
	id := uuid.Must(uuid.NewV7())
	_, err := r.db.Exec(t.Context(), `
		INSERT INTO users (id, email, password_hash, role, created_at, updated_at)
		VALUES ($1, $2, '', 'customer', now(), now())`, id, id.String()+"@example.com")
	require.NoError(t, err)
	return id
}

// placeFor places an order of somebody's, or of a guest's for Nil.
func (r rig) placeFor(t *testing.T, customer uuid.UUID, email string) orders.Order {
	t.Helper()
	zero, notes := money.New(0, "USD"), "leave it at the door"
	var order orders.Order
	r.tx(t, func(ctx context.Context, tx pgx.Tx) (err error) {
		order, err = r.orders.CreateTx(ctx, tx, orders.Order{
			ID: uuid.Must(uuid.NewV7()), CartID: uuid.New(), Customer: customer, Email: email, Notes: &notes,
			Subtotal: zero, Discount: zero, Shipping: zero, Tax: zero, Total: zero, ExpiresAt: time.Now().Add(time.Hour),
			ShippingAddress: orders.Address{FirstName: "John", Street1: "123 Main St", Company: "Acme", Country: "US"},
			BillingAddress:  orders.Address{FirstName: "John", Street1: "Hauptstr. 1", Country: "DE"},
		}, orders.Cause{Type: "placed", Actor: "customer"})
		return err
	})
	return order
}

func (r rig) tx(t *testing.T, do postgres.Func) {
	t.Helper()
	require.NoError(t, r.db.InTx(t.Context(), do))
}

func (r rig) read(t *testing.T, id uuid.UUID) orders.Order {
	t.Helper()
	order, err := r.orders.Get(t.Context(), id)
	require.NoError(t, err)
	return order
}

func TestACustomersListHoldsTheirOrdersAlone(t *testing.T) {
	t.Parallel()
	r := setup(t)
	customer, other := r.customer(t), r.customer(t)
	r.placeFor(t, other, "customer@example.com")
	r.placeFor(t, uuid.Nil, "customer@example.com")
	var want []uuid.UUID
	for range 5 {
		want = append([]uuid.UUID{r.placeFor(t, customer, "customer@example.com").ID}, want...)
	}
	var got []uuid.UUID
	request := page.Request{Limit: 2}
	for {
		found, err := r.orders.ListByCustomer(t.Context(), customer, request)
		require.NoError(t, err)
		for _, order := range found.Items {
			require.Equal(t, customer, order.Customer)
			got = append(got, order.ID)
		}
		if request.Cursor = found.Next; found.Next == "" {
			break
		}
	}
	require.Equal(t, want, got)
	first, err := r.orders.ListByCustomer(t.Context(), customer, page.Request{Limit: 1})
	require.NoError(t, err)
	_, err = r.orders.ListByCustomer(t.Context(), other, page.Request{Cursor: first.Next})
	require.ErrorIs(t, err, page.ErrCursor, "a cursor is of one customer's list")
}

func TestAVerifiedAddressBringsAGuestsOrdersHome(t *testing.T) {
	t.Parallel()
	r := setup(t)
	customer, other := r.customer(t), r.customer(t)
	guests := r.placeFor(t, uuid.Nil, "Customer@Example.com")
	strangers := r.placeFor(t, uuid.Nil, "customer@example.com.invalid")
	theirs := r.placeFor(t, other, "customer@example.com")
	for range 2 { // again changes nothing
		r.tx(t, func(ctx context.Context, tx pgx.Tx) error {
			return r.orders.JoinCustomerTx(ctx, tx, "cusTomer@example.com", customer)
		})
		require.Equal(t, customer, r.read(t, guests.ID).Customer)
		require.Equal(t, uuid.Nil, r.read(t, strangers.ID).Customer)
		require.Equal(t, other, r.read(t, theirs.ID).Customer)
	}
	r.tx(t, func(ctx context.Context, tx pgx.Tx) error {
		return r.orders.JoinCustomerTx(ctx, tx, "customer@example.com", other)
	})
	require.Equal(t, customer, r.read(t, guests.ID).Customer, "whose it is does not change again")
}

func TestAnErasedCustomersOrdersStayWithoutThem(t *testing.T) {
	t.Parallel()
	r := setup(t)
	customer, other := r.customer(t), r.customer(t)
	before, foreign := r.placeFor(t, customer, "customer@example.com"), r.placeFor(t, other, "other@example.com")
	r.tx(t, func(ctx context.Context, tx pgx.Tx) error { return r.orders.EraseCustomerTx(ctx, tx, customer) })
	want := before
	want.Email, want.Notes = orders.ErasedEmail, nil
	want.ShippingAddress, want.BillingAddress = orders.Address{Country: "US"}, orders.Address{Country: "DE"}
	require.Equal(t, want, r.read(t, before.ID))
	require.Equal(t, foreign, r.read(t, foreign.ID))
	var left int
	require.NoError(t, r.db.QueryRow(t.Context(), `
		SELECT count(*) FROM orders o
		WHERE id = $1 AND (o::text LIKE '%John%' OR o::text LIKE '%Main%' OR o::text LIKE '%Acme%' OR o::text LIKE '%customer@%')`,
		before.ID).Scan(&left))
	require.Zero(t, left)
	r.tx(t, func(ctx context.Context, tx pgx.Tx) error {
		return r.orders.JoinCustomerTx(ctx, tx, orders.ErasedEmail, other)
	})
	_, err := r.db.Exec(t.Context(), "DELETE FROM users WHERE id = $1", customer)
	require.NoError(t, err)
	require.Equal(t, uuid.Nil, r.read(t, before.ID).Customer, "the order outlives the account")
	r.tx(t, func(ctx context.Context, tx pgx.Tx) error {
		return r.orders.JoinCustomerTx(ctx, tx, orders.ErasedEmail, other)
	})
	require.Equal(t, uuid.Nil, r.read(t, before.ID).Customer, "and is nobody's")
}
