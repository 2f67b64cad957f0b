package orders_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"cartwright/gen/db"
	"cartwright/internal/money"
	"cartwright/internal/orders"
	"cartwright/internal/page"
	"cartwright/internal/postgres"
)

// fill adds n orders, a minute apart, of which few are out of the ordinary.
func (r rig) fill(t testing.TB, n int) {
	t.Helper()
	ctx := context.WithoutCancel(t.Context())
	_, err := r.db.Exec(ctx, `
		INSERT INTO orders (id, cart_id, email, status, payment_status, fulfillment_status, review_status, currency,
			subtotal_minor, discount_minor, shipping_minor, tax_minor, total_minor,
			shipping_address, billing_address, expires_at, created_at, updated_at)
		SELECT uuid_v7(at), gen_random_uuid(), 'customer' || n % 5000 || '@example.com',
			CASE WHEN n % 10 = 0 THEN 'CANCELLED' WHEN n % 1000 = 1 THEN 'PROCESSING' ELSE 'DELIVERED' END,
			CASE WHEN n % 10 = 0 THEN 'PENDING' WHEN n % 2000 = 3 THEN 'PARTIALLY_REFUNDED' ELSE 'PAID' END,
			CASE WHEN n % 10 = 0 THEN 'UNFULFILLED' WHEN n % 2000 = 1 THEN 'UNFULFILLED' WHEN n % 2000 = 1001 THEN 'PARTIAL' ELSE 'FULFILLED' END,
			CASE WHEN n % 5000 = 7 THEN 'RELEASED' ELSE 'NONE' END, 'USD',
			total, 0, 0, 0, total, address, address, at, at, at
		FROM generate_series(1, $1::integer) n,
			LATERAL (SELECT '2020-01-01T00:00:00Z'::timestamptz + n * interval '1 minute' AS at, CASE WHEN n % 5000 = 9 THEN 900000 + n ELSE n % 9999 END AS total,
				jsonb_build_object('firstName', 'First' || n % 700, 'lastName', 'Last' || n % 3000, 'street1', '', 'city', '', 'state', '', 'postalCode', '', 'country', 'US') AS address) x`, n)
	require.NoError(t, err)
	_, err = r.db.Exec(ctx, "ANALYZE orders")
	require.NoError(t, err)
}

// all walks a list to its end.
func (r rig) all(t *testing.T, filter orders.Filter, limit int) (all []orders.Order) {
	t.Helper()
	request := page.Request{Limit: limit}
	for {
		found, err := r.orders.List(t.Context(), filter, request)
		require.NoError(t, err)
		all = append(all, found.Items...)
		if request.Cursor = found.Next; found.Next == "" {
			return all
		}
	}
}

func TestAListHoldsWhatFitsOnceInItsOrder(t *testing.T) {
	t.Parallel()
	r := setup(t)
	r.fill(t, 300)
	customer := r.customer(t)
	_, err := r.db.Exec(t.Context(), "UPDATE orders SET user_id = $1 WHERE total_minor % 7 = 0", customer)
	require.NoError(t, err)
	_, err = r.db.Exec(t.Context(), "UPDATE orders SET created_at = '2020-01-01T01:00:00Z' WHERE total_minor < 40") // ids decide
	require.NoError(t, err)
	everything := r.all(t, orders.Filter{}, 100)
	require.Len(t, everything, 300)
	usd := func(minor int64) *money.Amount { amount := money.New(minor, "USD"); return &amount }
	at := func(minute int) *time.Time {
		moment := time.Date(2020, 1, 1, 0, minute, 0, 0, time.UTC)
		return &moment
	}
	for name, tc := range map[string]struct {
		filter orders.Filter
		fits   func(orders.Order) bool
	}{
		"all":         {orders.Filter{}, func(orders.Order) bool { return true }},
		"status":      {orders.Filter{Status: orders.Cancelled}, func(o orders.Order) bool { return o.Status == orders.Cancelled }},
		"payment":     {orders.Filter{Payment: orders.PaymentPartiallyRefunded}, func(o orders.Order) bool { return o.Payment == orders.PaymentPartiallyRefunded }},
		"fulfilment":  {orders.Filter{Fulfillment: orders.Unfulfilled}, func(o orders.Order) bool { return o.Fulfillment == orders.Unfulfilled }},
		"review":      {orders.Filter{Review: orders.Released}, func(o orders.Order) bool { return o.Review == orders.Released }},
		"from":        {orders.Filter{CreatedFrom: at(60)}, func(o orders.Order) bool { return !o.CreatedAt.Before(*at(60)) }},
		"before":      {orders.Filter{CreatedBefore: at(60)}, func(o orders.Order) bool { return o.CreatedAt.Before(*at(60)) }},
		"between":     {orders.Filter{CreatedFrom: at(60), CreatedBefore: at(90)}, func(o orders.Order) bool { return !o.CreatedAt.Before(*at(60)) && o.CreatedAt.Before(*at(90)) }},
		"customer":    {orders.Filter{Customer: customer}, func(o orders.Order) bool { return o.Customer == customer }},
		"e-mail":      {orders.Filter{Email: "Customer7@Example.com"}, func(o orders.Order) bool { return o.Email == "customer7@example.com" }},
		"at least":    {orders.Filter{MinTotal: usd(250)}, func(o orders.Order) bool { return o.Total.Minor >= 250 }},
		"at most":     {orders.Filter{MaxTotal: usd(0)}, func(o orders.Order) bool { return o.Total.Minor == 0 }},
		"both":        {orders.Filter{MinTotal: usd(100), MaxTotal: usd(100)}, func(o orders.Order) bool { return o.Total.Minor == 100 }},
		"other money": {orders.Filter{MinTotal: &money.Amount{Minor: 0, Currency: "EUR"}}, func(orders.Order) bool { return false }},
		"a name":      {orders.Filter{Words: "LÄST12"}, func(o orders.Order) bool { return strings.HasPrefix(o.ShippingAddress.LastName, "Last12") }},
		"two words": {orders.Filter{Words: " last12  first1 "}, func(o orders.Order) bool {
			return strings.HasPrefix(o.ShippingAddress.LastName, "Last12") && strings.HasPrefix(o.ShippingAddress.FirstName, "First1")
		}},
		"an address":  {orders.Filter{Words: "customer12"}, func(o orders.Order) bool { return strings.HasPrefix(o.Email, "customer12") }},
		"a number":    {orders.Filter{Words: everything[5].Number}, func(o orders.Order) bool { return o.Number == everything[5].Number }},
		"its digits":  {orders.Filter{Words: strings.TrimPrefix(everything[5].Number, "ORD-")}, func(o orders.Order) bool { return o.Number == everything[5].Number }},
		"no word":     {orders.Filter{Words: "\u200b"}, func(orders.Order) bool { return false }},
		"a query":     {orders.Filter{Words: `first1:* | ' \ & !(`}, func(orders.Order) bool { return false }},
		"two filters": {orders.Filter{Status: orders.Delivered, Customer: customer}, func(o orders.Order) bool { return o.Status == orders.Delivered && o.Customer == customer }},
	} {
		t.Run(name, func(t *testing.T) {
			var want []uuid.UUID
			for _, order := range everything {
				if tc.fits(order) {
					want = append(want, order.ID)
				}
			}
			for _, oldest := range []bool{false, true} {
				filter := tc.filter
				if filter.OldestFirst = oldest; oldest {
					slices.Reverse(want)
				}
				var got []uuid.UUID
				for _, order := range r.all(t, filter, 1+rand.IntN(40)) {
					got = append(got, order.ID)
				}
				require.Equal(t, want, got)
			}
		})
	}
	first, err := r.orders.List(t.Context(), orders.Filter{MinTotal: usd(1)}, page.Request{Limit: 1})
	require.NoError(t, err)
	_, err = r.orders.List(t.Context(), orders.Filter{MinTotal: usd(2)}, page.Request{Cursor: first.Next})
	require.ErrorIs(t, err, page.ErrCursor, "a cursor is of one filter's list")
}

// plan is how PostgreSQL finds a page, and how many rows it throws away.
func (r rig) plan(t testing.TB, filter orders.Filter) string {
	t.Helper()
	explained := &explaining{DB: r.db}
	r.orders.ListThrough(context.WithoutCancel(t.Context()), explained, filter)
	return explained.plan
}

// explaining explains a query instead of answering it.
type explaining struct {
	*postgres.DB
	plan string
}

func (e *explaining) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	rows, err := postgres.PlannedAnew{DB: e.DB}.Query(ctx, "EXPLAIN (ANALYZE, BUFFERS) "+sql, args...)
	if err != nil {
		return nil, err
	}
	lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
	e.plan = strings.Join(lines, "\n")
	return nil, fmt.Errorf("explained: %w", err)
}

var _ db.DBTX = (*explaining)(nil)

// Many filters are of few orders among many. Those that staff use daily find them by an index, and throw nothing away
// that would grow with the shop.
func TestAListIsFoundByItsIndexAmongManyOrders(t *testing.T) {
	t.Parallel()
	r := setup(t)
	r.fill(t, 30_000)
	total := money.New(900_000, "USD")
	from, before := time.Date(2020, 1, 3, 0, 0, 0, 0, time.UTC), time.Date(2020, 1, 4, 0, 0, 0, 0, time.UTC)
	for name, tc := range map[string]struct {
		filter orders.Filter
		index  string
	}{
		"all":       {orders.Filter{}, "orders_newest"},
		"packed":    {orders.Filter{Status: orders.Processing}, "orders_by_status"},
		"refunded":  {orders.Filter{Payment: orders.PaymentPartiallyRefunded}, "orders_by_money_back"},
		"to send":   {orders.Filter{Payment: orders.PaymentPaid, Fulfillment: orders.Unfulfilled}, "orders_to_send"},
		"in part":   {orders.Filter{Fulfillment: orders.Partial}, "orders_sent_in_part"},
		"reviewed":  {orders.Filter{Review: orders.Released}, "orders_reviewed"},
		"days":      {orders.Filter{CreatedFrom: &from, CreatedBefore: &before}, "orders_newest"},
		"somebody":  {orders.Filter{Customer: uuid.New()}, "orders_by_user"},
		"an e-mail": {orders.Filter{Email: "customer7@example.com"}, "orders_by_email"},
		"a number":  {orders.Filter{Words: "ord-20000"}, "orders_by_words"},
		"a name":    {orders.Filter{Words: "last2999"}, "orders_by_words"},
		"dear ones": {orders.Filter{MinTotal: &total}, "orders_by_total"},
	} {
		for _, oldest := range []bool{false, true} {
			filter := tc.filter
			filter.OldestFirst = oldest
			plan := r.plan(t, filter)
			require.Contains(t, plan, tc.index, "%s, oldest first: %t", name, oldest)
			require.NotContains(t, plan, "Seq Scan", name)
		}
	}
}

// A letter can unfold into six of three bytes each, and PostgreSQL takes no word of more than two kilobytes.
func TestAnOrderIsPlacedAndFoundWhateverItsNames(t *testing.T) {
	t.Parallel()
	r := setup(t)
	order := r.place(t)
	long, odd := strings.Repeat("\u3316", 200), `O'Neill\ & :* Ö <1>`
	for _, name := range []string{long, odd, "\u200b", "a\tb\u00a0c"} {
		_, err := r.db.Exec(t.Context(), "UPDATE orders SET shipping_address = jsonb_build_object('lastName', $1::text, 'company', $1::text)", name)
		require.NoError(t, err)
		found, err := r.orders.List(t.Context(), orders.Filter{Words: name}, page.Request{})
		require.NoError(t, err)
		if name != "\u200b" {
			require.Len(t, found.Items, 1, name)
			require.Equal(t, order.ID, found.Items[0].ID)
		}
	}
}
