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
	{holds: "what is allocated is what is to be sent of orders that were bought", broken: `
		SELECT format('%s (%s): %s allocated, but orders are to be sent %s',
			(SELECT sku FROM product_variants v WHERE v.id = s.variant_id), s.variant_id, s.allocated, coalesce(r.quantity, 0))
		FROM stock_levels s
		LEFT JOIN (
			SELECT r.variant_id, sum(i.quantity - i.cancelled_quantity - i.refunded_quantity - i.fulfilled_quantity) AS quantity
			FROM stock_reservations r
			JOIN order_items i ON i.order_id = r.order_id AND i.variant_id = r.variant_id
			WHERE r.state = 'COMMITTED'
			GROUP BY r.variant_id
		) r ON r.variant_id = s.variant_id
		WHERE s.allocated <> coalesce(r.quantity, 0)`},
	{holds: "an order moved what its lines say", broken: `
		SELECT format('%s (%s): of order %s %s were sent, %s came back and %s are off, but it moved %s and wrote off %s',
			(SELECT sku FROM product_variants v WHERE v.id = variant_id), variant_id,
			coalesce((SELECT order_number FROM orders o WHERE o.id = order_id), order_id::text),
			i.sent, i.returned, i.off, m.moved, m.written_off)
		FROM (
			SELECT order_id, variant_id, coalesce(sum(quantity) FILTER (WHERE reason <> 'WRITE_OFF'), 0) AS moved,
				-coalesce(sum(quantity) FILTER (WHERE reason = 'WRITE_OFF'), 0) AS written_off
			FROM stock_movements
			WHERE order_id IS NOT NULL
			GROUP BY order_id, variant_id
		) m
		FULL JOIN (
			SELECT i.order_id, i.variant_id, i.fulfilled_quantity AS sent, i.returned_quantity AS returned,
				i.refunded_quantity + i.cancelled_quantity AS off
			FROM order_items i
			JOIN stock_reservations r ON r.order_id = i.order_id AND r.variant_id = i.variant_id
		) i USING (order_id, variant_id)
		WHERE i.sent IS NULL
			OR coalesce(m.moved, 0) NOT BETWEEN -i.sent AND i.returned - i.sent
			OR coalesce(m.written_off, 0) NOT BETWEEN 0 AND i.off`},
	{holds: "a reservation is where its order stands", broken: `
		SELECT format('order %s is %s, but its reservation of %s is %s', o.order_number, o.status, r.variant_id, r.state)
		FROM stock_reservations r
		JOIN orders o ON o.id = r.order_id
		WHERE r.state <> CASE o.status WHEN 'PENDING' THEN 'OPEN' WHEN 'CANCELLED' THEN 'RELEASED' ELSE 'COMMITTED' END`},
	{holds: "what came back of a line came with returns or refunds of it", broken: `
		SELECT format('order %s, line %s: %s came back, but %s with its returns',
			(SELECT order_number FROM orders o WHERE o.id = i.order_id), i.id, i.returned_quantity, t.received)
		FROM order_items i
		JOIN (
			SELECT order_item_id, sum(received) AS received FROM return_items GROUP BY order_item_id
		) t ON t.order_item_id = i.id
		WHERE i.returned_quantity < t.received`},
	{holds: "what was refunded of a line without a return is not to be sent", broken: `
		SELECT format('order %s, line %s: %s of %s were refunded, but %s are to be sent',
			(SELECT order_number FROM orders o WHERE o.id = i.order_id), i.id, r.quantity, i.quantity,
			i.quantity - i.cancelled_quantity - i.refunded_quantity - i.fulfilled_quantity)
		FROM order_items i
		JOIN (
			SELECT l.order_item_id, sum(l.quantity) AS quantity
			FROM refund_items l
			JOIN refunds f ON f.id = l.refund_id
			LEFT JOIN returns t ON t.refund_id = f.id
			WHERE f.status IN ('PENDING', 'REQUIRES_ACTION', 'SUCCEEDED')
				AND t.id IS NULL
			GROUP BY l.order_item_id
		) r ON r.order_item_id = i.id
		WHERE r.quantity > i.cancelled_quantity + i.refunded_quantity + i.fulfilled_quantity`},
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
	{holds: "an order is fulfilled as far as its lines were sent, and nothing more is sent of one that ended", broken: `
		SELECT format('order %s is %s and %s, but %s were sent and %s are to be', o.order_number, o.status, o.fulfillment_status, i.sent, i.unsent)
		FROM orders o
		JOIN (
			SELECT order_id, sum(fulfilled_quantity) AS sent,
				sum(quantity - cancelled_quantity - refunded_quantity - fulfilled_quantity) AS unsent
			FROM order_items
			GROUP BY order_id
		) i ON i.order_id = o.id
		WHERE o.fulfillment_status <> CASE WHEN i.sent = 0 THEN 'UNFULFILLED' WHEN i.unsent > 0 THEN 'PARTIAL' ELSE 'FULFILLED' END
			OR o.status IN ('SHIPPED', 'DELIVERED', 'CANCELLED', 'REFUNDED') AND i.unsent > 0
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
			(SELECT sku FROM product_variants v WHERE v.id = variant_id), variant_id, s.available,
			coalesce(s.low_stock_at::text, 'no number'), CASE WHEN l.since IS NULL THEN 'not listed' ELSE 'listed' END)
		FROM stock_levels s
		FULL JOIN stock_low l USING (variant_id)
		WHERE coalesce(s.available <= s.low_stock_at, false) <> (l.since IS NOT NULL)`},
	{holds: "what is for sale is found by the search, and nothing else", broken: `
		SELECT format('%s (%s) is %s, and has %s document', coalesce(p.slug, 'a product that is gone'),
			coalesce(p.id, d.product_id), coalesce(p.status, 'gone'), CASE WHEN d.product_id IS NULL THEN 'no' ELSE 'a' END)
		FROM products p
		FULL JOIN search_documents d ON d.product_id = p.id
		WHERE coalesce(p.status = 'ACTIVE', false) <> (d.product_id IS NOT NULL)`},
}
