package doctor

import (
	"context"
	"slices"

	"github.com/jackc/pgx/v5"
)

// check is a sentence that must hold, and a query for what contradicts it, or a function where a query cannot: one line
// of text for each broken thing, named so that somebody can go and look.
type check struct {
	holds, broken string
	args          []any // of the query, from $2 on
	find          func(context.Context, pgx.Tx) ([]string, error)
}

// checks are all that is examined, in this order.
func checks() []check { return append(append(slices.Clone(goods), dealings()...), analyzable) }

// goods are the checks of stock, of what was sent, and of the catalogue.
var goods = []check{
	{holds: "what is on hand is the sum of its movements", broken: `
		SELECT format('%s (%s): %s on hand, but its movements make %s',
			(SELECT sku FROM product_variants v WHERE v.id = s.variant_id), s.variant_id, s.on_hand, coalesce(m.quantity, 0))
		FROM stock_levels s
		LEFT JOIN (
			SELECT variant_id, sum(quantity) AS quantity FROM stock_movements GROUP BY variant_id
		) m ON m.variant_id = s.variant_id
		WHERE s.on_hand <> coalesce(m.quantity, 0)`},
	{holds: "what is reserved is the sum of open reservations", broken: `
		SELECT format('%s (%s): %s reserved, but open orders hold %s',
			(SELECT sku FROM product_variants v WHERE v.id = s.variant_id), s.variant_id, s.reserved, coalesce(r.quantity, 0))
		FROM stock_levels s
		LEFT JOIN (
			SELECT variant_id, sum(quantity) AS quantity FROM stock_reservations WHERE state = 'OPEN' GROUP BY variant_id
		) r ON r.variant_id = s.variant_id
		WHERE s.reserved <> coalesce(r.quantity, 0)`},
	{holds: "an order moved what its reservation says", broken: `
		SELECT format('%s (%s): order %s has a reservation %s, but moved %s',
			(SELECT sku FROM product_variants v WHERE v.id = variant_id), variant_id,
			coalesce((SELECT order_number FROM orders o WHERE o.id = order_id), order_id::text),
			coalesce(r.state || ' of ' || r.quantity, 'of nothing'), coalesce(m.quantity, 0))
		FROM (
			SELECT order_id, variant_id, sum(quantity) AS quantity
			FROM stock_movements
			WHERE order_id IS NOT NULL
			GROUP BY order_id, variant_id
		) m
		FULL JOIN stock_reservations r USING (order_id, variant_id)
		WHERE coalesce(m.quantity, 0) <> CASE r.state WHEN 'COMMITTED' THEN r.restocked - r.quantity ELSE 0 END`},
	{holds: "a reservation is where its order stands", broken: `
		SELECT format('order %s is %s, but its reservation of %s is %s', o.order_number, o.status, r.variant_id, r.state)
		FROM stock_reservations r
		JOIN orders o ON o.id = r.order_id
		WHERE r.state <> CASE
			WHEN o.status = 'PENDING' THEN 'OPEN'
			WHEN o.status = 'CANCELLED' AND r.state IN ('RELEASED', 'RETURNED') THEN r.state
			WHEN o.status = 'CANCELLED' THEN 'RELEASED'
			ELSE 'COMMITTED' END`},
	{holds: "what was sent of a line is the sum of its fulfilments", broken: `
		SELECT format('order %s, line %s: %s sent, but its fulfilments make %s',
			(SELECT order_number FROM orders o WHERE o.id = i.order_id), i.id, i.fulfilled_quantity, coalesce(f.quantity, 0))
		FROM order_items i
		LEFT JOIN (
			SELECT order_item_id, sum(quantity) AS quantity
			FROM fulfillment_items
			JOIN fulfillments ON id = fulfillment_id
			WHERE status <> 'CANCELLED'
			GROUP BY order_item_id
		) f ON f.order_item_id = i.id
		WHERE i.fulfilled_quantity <> coalesce(f.quantity, 0)`},
	{holds: "an order is fulfilled as far as its lines were sent", broken: `
		SELECT format('order %s is %s and %s, but %s of %s were sent', o.order_number, o.status, o.fulfillment_status, i.sent, i.ordered)
		FROM orders o
		JOIN (
			SELECT order_id, sum(fulfilled_quantity) AS sent, sum(quantity) AS ordered FROM order_items GROUP BY order_id
		) i ON i.order_id = o.id
		WHERE o.fulfillment_status <> CASE WHEN i.sent = 0 THEN 'UNFULFILLED' WHEN i.sent < i.ordered THEN 'PARTIAL' ELSE 'FULFILLED' END
			OR o.status IN ('SHIPPED', 'DELIVERED') AND i.sent < i.ordered
			OR o.status IN ('PENDING', 'CANCELLED') AND i.sent > 0`},
	{holds: "an order stands where its last event left it", broken: `
		SELECT format('order %s is %s, %s, %s and %s, but its last event says %s, %s, %s and %s', o.order_number,
			o.status, o.payment_status, o.fulfillment_status, o.review_status,
			e.status, e.payment_status, e.fulfillment_status, e.review_status)
		FROM orders o
		LEFT JOIN LATERAL (
			SELECT * FROM order_events WHERE order_id = o.id ORDER BY sequence DESC LIMIT 1
		) e ON true
		WHERE (o.status, o.payment_status, o.fulfillment_status, o.review_status)
			IS DISTINCT FROM (e.status, e.payment_status, e.fulfillment_status, e.review_status)`},
	{holds: "every variant is counted", broken: `
		SELECT format('%s (%s) has no stock level', v.sku, v.id)
		FROM product_variants v
		WHERE NOT EXISTS (SELECT FROM stock_levels s WHERE s.variant_id = v.id)`},
	{holds: "every product has one default variant", broken: `
		SELECT format('%s (%s) has %s default variants', p.slug, p.id, coalesce(v.defaults, 0))
		FROM products p
		LEFT JOIN (
			SELECT product_id, count(*) AS defaults FROM product_variants WHERE is_default GROUP BY product_id
		) v ON v.product_id = p.id
		WHERE v.defaults IS DISTINCT FROM 1`},
	{holds: "a level is low where its product says", broken: `
		SELECT format('%s (%s) is low at %s, but its product says %s', v.sku, v.id,
			coalesce(s.low_stock_at::text, 'no number'), coalesce(stock_low_at(p.status, v.is_active, p.track_inventory, p.low_stock_threshold)::text, 'no number'))
		FROM stock_levels s
		JOIN product_variants v ON v.id = s.variant_id
		JOIN products p ON p.id = v.product_id
		WHERE s.low_stock_at IS DISTINCT FROM stock_low_at(p.status, v.is_active, p.track_inventory, p.low_stock_threshold)`},
	{holds: "what is low is listed, and nothing else", broken: `
		SELECT format('%s (%s): %s available, low at %s, and %s',
			(SELECT sku FROM product_variants v WHERE v.id = variant_id), variant_id, s.on_hand - s.reserved,
			coalesce(s.low_stock_at::text, 'no number'), CASE WHEN l.since IS NULL THEN 'not listed' ELSE 'listed' END)
		FROM stock_levels s
		FULL JOIN stock_low l USING (variant_id)
		WHERE coalesce(s.on_hand - s.reserved <= s.low_stock_at, false) <> (l.since IS NOT NULL)`},
	{holds: "what is for sale is found by the search, and nothing else", broken: `
		SELECT format('%s (%s) is %s, and has %s document', coalesce(p.slug, 'a product that is gone'),
			coalesce(p.id, d.product_id), coalesce(p.status, 'gone'), CASE WHEN d.product_id IS NULL THEN 'no' ELSE 'a' END)
		FROM products p
		FULL JOIN search_documents d ON d.product_id = p.id
		WHERE coalesce(p.status = 'ACTIVE', false) <> (d.product_id IS NOT NULL)`},
}
