package checkout_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"cartwright/gen/db"
	"cartwright/internal/app/shoptest"
)

// broken names what must never be found in the database, and finds it.
var broken = map[string]string{
	"an order's last event differs from its row": `
		SELECT count(*) FROM orders o JOIN LATERAL (
			SELECT * FROM order_events e WHERE e.order_id = o.id ORDER BY sequence DESC LIMIT 1) e ON true
		WHERE (o.status, o.payment_status, o.fulfillment_status, o.review_status)
			<> (e.status, e.payment_status, e.fulfillment_status, e.review_status)`,
	"an order without events": `
		SELECT count(*) FROM orders o WHERE NOT EXISTS (SELECT FROM order_events e WHERE e.order_id = o.id)`,
	"a gap in an order's events": `
		SELECT count(*) FROM (SELECT max(sequence) <> count(*) AS gap FROM order_events GROUP BY order_id) e WHERE gap`,
	"lines that do not add up": `
		SELECT count(*) FROM orders o WHERE subtotal_minor <> (
			SELECT coalesce(sum(price_minor * quantity), 0) FROM order_items i WHERE i.order_id = o.id)
		OR total_minor <> subtotal_minor - discount_minor + shipping_minor + tax_minor`,
	"an order that was paid twice": `
		SELECT count(*) FROM (SELECT FROM payments WHERE status = 'SUCCEEDED' GROUP BY order_id HAVING count(*) > 1) p`,
	"a payment of another amount than its order's": `
		SELECT count(*) FROM payments p JOIN orders o ON o.id = p.order_id
		WHERE (p.amount_minor, p.currency) <> (o.total_minor, o.currency)`,
	"a paid order without its money": `
		SELECT count(*) FROM orders o WHERE payment_status NOT IN ('PENDING', 'FAILED', 'AUTHORIZED') AND total_minor > 0
		AND NOT EXISTS (SELECT FROM payments p WHERE p.order_id = o.id AND p.status = 'SUCCEEDED')`,
	"money without a paid order": `
		SELECT count(*) FROM payments p JOIN orders o ON o.id = p.order_id
		WHERE p.status = 'SUCCEEDED' AND o.payment_status IN ('PENDING', 'FAILED', 'AUTHORIZED')`,
	"an authorized order without held money, or held money without an authorized order": `
		SELECT count(*) FROM orders o WHERE (payment_status = 'AUTHORIZED') <>
		EXISTS (SELECT FROM payments p WHERE p.order_id = o.id AND p.status = 'AUTHORIZED')`,
	"a payment that does not follow from its refunds": `
		SELECT count(*) FROM payments p CROSS JOIN LATERAL (
			SELECT coalesce(sum(amount_minor) FILTER (WHERE status = 'SUCCEEDED'), 0) AS succeeded,
				coalesce(sum(amount_minor) FILTER (WHERE status IN ('PENDING', 'REQUIRES_ACTION')), 0) AS pending
			FROM refunds r WHERE r.payment_id = p.id) r
		WHERE (p.refunded_minor, p.refunding_minor) <> (r.succeeded, r.pending)`,
	"more to give back than was paid": `
		SELECT count(*) FROM payments WHERE refunded_minor + lost_minor > amount_minor
		OR refunded_minor + refunding_minor + lost_minor > amount_minor AND lost_minor = 0`,
	"a payment that did not lose what its disputes took": `
		SELECT count(*) FROM payments p WHERE lost_minor <> least(amount_minor - refunded_minor, (
			SELECT coalesce(sum(amount_minor), 0) FROM disputes d WHERE d.payment_id = p.id AND status = 'LOST'))`,
	"a dispute without its events": `
		SELECT count(*) FROM disputes d WHERE NOT (
			EXISTS (SELECT FROM order_events e WHERE e.dispute_id = d.id AND e.type = 'dispute_opened')
			AND (funds_withdrawn_at IS NOT NULL) = EXISTS (SELECT FROM order_events e WHERE e.dispute_id = d.id AND e.type = 'dispute_funds_withdrawn')
			AND (funds_reinstated_at IS NOT NULL) = EXISTS (SELECT FROM order_events e WHERE e.dispute_id = d.id AND e.type = 'dispute_funds_reinstated')
			AND (closed_at IS NULL OR EXISTS (SELECT FROM order_events e WHERE e.dispute_id = d.id AND e.type = 'dispute_closed')))`,
	"an order that does not follow from what was given back": `
		SELECT count(*) FROM payments p JOIN orders o ON o.id = p.order_id
		WHERE p.status = 'SUCCEEDED' AND o.payment_status <> CASE p.refunded_minor
			WHEN 0 THEN 'PAID' WHEN p.amount_minor THEN 'REFUNDED' ELSE 'PARTIALLY_REFUNDED' END`,
	"a refund that was decided without an event": `
		SELECT count(*) FROM refunds r WHERE status NOT IN ('PENDING', 'REQUIRES_ACTION')
		AND NOT EXISTS (SELECT FROM order_events e WHERE e.refund_id = r.id AND e.type = CASE r.status
			WHEN 'SUCCEEDED' THEN 'refunded' ELSE 'refund_failed' END)`,
	"a refund that is not the sum of its lines, or of more of a line than was bought": `
		SELECT count(*) FROM refunds r JOIN refund_items i ON i.refund_id = r.id JOIN order_items o ON o.id = i.order_item_id
		WHERE r.amount_minor + r.fee_minor <> (SELECT sum(amount_minor) FROM refund_items WHERE refund_id = r.id)
		OR o.quantity < (SELECT sum(l.quantity) FROM refund_items l JOIN refunds s ON s.id = l.refund_id
			WHERE l.order_item_id = o.id AND s.status NOT IN ('FAILED', 'CANCELLED'))`,
	"a return of more than was sent, or a REFUNDED one without its refund": `
		SELECT count(*) FROM returns r JOIN return_items i ON i.return_id = r.id JOIN order_items o ON o.id = i.order_item_id
		LEFT JOIN refunds f ON f.id = r.refund_id
		WHERE (r.status = 'REFUNDED') <> (f.status IS NOT DISTINCT FROM 'SUCCEEDED') OR o.fulfilled_quantity < (
			SELECT sum(CASE WHEN s.status IN ('RECEIVED', 'REFUNDED', 'CLOSED') THEN l.received ELSE l.quantity END)
			FROM return_items l JOIN returns s ON s.id = l.return_id
			WHERE l.order_item_id = o.id AND s.status NOT IN ('REJECTED', 'CANCELLED'))`,
	"an order whose stock is not where its state says": `
		SELECT count(*) FROM orders o JOIN stock_reservations r ON r.order_id = o.id WHERE r.state <>
			CASE o.status WHEN 'PENDING' THEN 'OPEN' WHEN 'CANCELLED' THEN 'RELEASED' ELSE 'COMMITTED' END`,
	"an order that ended and is to be sent, or one that is fulfilled otherwise than its lines say": `
		SELECT count(*) FROM orders o CROSS JOIN LATERAL (
			SELECT sum(fulfilled_quantity) AS sent, sum(quantity - cancelled_quantity - refunded_quantity - fulfilled_quantity) AS unsent
			FROM order_items WHERE order_id = o.id) i
		WHERE o.status IN ('SHIPPED', 'DELIVERED', 'CANCELLED', 'REFUNDED') AND i.unsent > 0
		OR o.fulfillment_status <> CASE WHEN i.sent = 0 THEN 'UNFULFILLED' WHEN i.unsent > 0 THEN 'PARTIAL' ELSE 'FULFILLED' END`,
	"an order twice of one cart, or a converted cart without its order": `
		SELECT count(*) FROM carts c FULL JOIN orders o ON o.cart_id = c.id
		WHERE o.id IS DISTINCT FROM c.order_id AND (c.order_id IS NOT NULL OR o.id IS NOT NULL)`,
	"an order that is not confirmed as often as it was bought and paid, which is once at most": `
		SELECT count(*) FROM orders o CROSS JOIN LATERAL (
			SELECT count(*) AS times FROM order_events e WHERE e.order_id = o.id AND e.type IN ('paid', 'authorized', 'reinstated')) bought
		WHERE bought.times > 1 OR bought.times <> (
			SELECT count(*) FROM river_job WHERE kind = 'order_confirmation' AND args = jsonb_build_object('orderId', o.id))`,
}

// booksAgree holds the shop to its invariants: stock to its ledger, orders to their events, payments
// to their orders, and all of it to what Stripe knows was paid.
func booksAgree(t *testing.T, shop *shoptest.Shop) {
	t.Helper()
	drain(t, shop)
	disagreements, err := db.New().StockDisagreements(context.Background(), shop.DB)
	require.NoError(t, err)
	require.Empty(t, disagreements, "stock follows from its ledger and its reservations")
	for what, sql := range broken {
		require.Zero(t, scan[int](t, shop, sql), what)
	}
	moneyAgrees(t, shop)
}

// moneyAgrees compares with the oracle, which counts what is on its way back as gone; a refund may not have got there yet.
func moneyAgrees(t *testing.T, shop *shoptest.Shop) {
	t.Helper()
	require.Eventually(t, func() bool {
		kept := scan[int64](t, shop, `SELECT coalesce(sum(amount_minor - refunded_minor - (
				SELECT coalesce(sum(r.amount_minor), 0) FROM refunds r
				WHERE r.payment_id = p.id AND r.status IN ('PENDING', 'REQUIRES_ACTION') AND r.refund_id IS NOT NULL)), 0)::bigint
			FROM payments p WHERE status = 'SUCCEEDED' AND currency = 'USD'`)
		return kept == captured(shop)-refunded(shop)
	}, soon, tick, "what orders say was paid and not given back is what Stripe says")
}
