package doctor

import "cartwright/internal/orders"

// dealings are the checks of orders, payments and jobs. Whether the money is the provider's as well, `make torture`
// asks its stand-in.
func dealings() []check {
	moves := orders.AllMoves()
	return []check{
		{holds: "an order's history begins at the beginning and takes no step that is none", args: []any{
			moves.Status, moves.Payment, moves.Fulfillment, moves.Review,
		}, broken: `
			SELECT format('order %s, event %s (%s): from %s, %s, %s and %s to %s, %s, %s and %s',
				(SELECT order_number FROM orders o WHERE o.id = e.order_id), e.sequence, e.type,
				e.was[1], e.was[2], e.was[3], e.was[4], e.is[1], e.is[2], e.is[3], e.is[4])
			FROM (
				SELECT order_id, sequence, type, here AS is, lag(here) OVER history AS was, row_number() OVER history AS place,
					first_value(sequence) OVER history AS first
				FROM (
					SELECT *, ARRAY[status, payment_status, fulfillment_status, review_status] AS here FROM order_events
				) events
				WINDOW history AS (PARTITION BY order_id ORDER BY sequence)
			) e
			WHERE e.sequence <> e.first + e.place - 1
				OR e.place = 1 AND e.is <> ARRAY['PENDING', 'PENDING', 'UNFULFILLED', 'NONE']
				OR e.was[1] <> e.is[1] AND e.was[1] || ' ' || e.is[1] <> ALL ($2::text[])
				OR e.was[2] <> e.is[2] AND e.was[2] || ' ' || e.is[2] <> ALL ($3::text[])
				OR e.was[3] <> e.is[3] AND e.was[3] || ' ' || e.is[3] <> ALL ($4::text[])
				OR e.was[4] <> e.is[4] AND e.was[4] || ' ' || e.is[4] <> ALL ($5::text[])`},
		{holds: "a cart became one order at most, and both know it", broken: `
			SELECT format('cart %s became order %s, but says %s', c.id, o.order_number, coalesce(c.order_id::text, 'none'))
			FROM carts c
			JOIN orders o ON o.cart_id = c.id
			WHERE c.order_id IS DISTINCT FROM o.id`},
		{holds: "an order's lines make what it costs", broken: `
			SELECT format('order %s: its lines make %s, but it says %s', o.order_number, i.subtotal, o.subtotal_minor)
			FROM orders o
			LEFT JOIN (
				SELECT order_id, sum(price_minor * quantity) AS subtotal FROM order_items GROUP BY order_id
			) i ON i.order_id = o.id
			WHERE i.subtotal IS DISTINCT FROM o.subtotal_minor`},
		{holds: "a payment asks for what its order costs", broken: `
			SELECT format('order %s costs %s %s, but its payment %s asks for %s %s',
				o.order_number, o.total_minor, o.currency, p.id, p.amount_minor, p.currency)
			FROM payments p
			JOIN orders o ON o.id = p.order_id
			WHERE (p.amount_minor, p.currency) <> (o.total_minor, o.currency)`},
		{holds: "an intent is of one payment", broken: `
			SELECT format('intent %s: %s payments', intent_id, count(*))
			FROM payments
			WHERE intent_id IS NOT NULL
			GROUP BY intent_id
			HAVING count(*) > 1`},
		{holds: "an order is paid once", broken: `
			SELECT format('order %s has %s payments that succeeded', (SELECT order_number FROM orders o WHERE o.id = order_id), count(*))
			FROM payments
			WHERE status = 'SUCCEEDED'
			GROUP BY order_id
			HAVING count(*) > 1`},
		{holds: "a paid order has its money, and money has its paid order", broken: `
			SELECT format('order %s is %s and %s, but its payments are %s', o.order_number, o.status, o.payment_status, coalesce(p.statuses, 'none'))
			FROM orders o
			LEFT JOIN (
				SELECT order_id, string_agg(status, ', ' ORDER BY created_at) AS statuses, bool_or(status = 'SUCCEEDED') AS came
				FROM payments
				GROUP BY order_id
			) p ON p.order_id = o.id
			WHERE coalesce(p.came, false) <> (o.payment_status NOT IN ('PENDING', 'FAILED', 'AUTHORIZED') AND o.total_minor > 0)`},
		{holds: "an authorized order has its money held, money is held for an authorized order, and none was sent", broken: `
			SELECT format('order %s is %s, %s and %s, but its payments are %s',
				o.order_number, o.status, o.payment_status, o.fulfillment_status, coalesce(p.statuses, 'none'))
			FROM orders o
			LEFT JOIN (
				SELECT order_id, string_agg(status, ', ' ORDER BY created_at) AS statuses, bool_or(status = 'AUTHORIZED') AS held
				FROM payments
				GROUP BY order_id
			) p ON p.order_id = o.id
			WHERE coalesce(p.held, false) <> (o.payment_status = 'AUTHORIZED')
				OR o.payment_status = 'AUTHORIZED' AND (o.fulfillment_status <> 'UNFULFILLED' OR o.status NOT IN ('CONFIRMED', 'PROCESSING', 'CANCELLED'))`},
		{holds: "an order is given back as far as its payment was", broken: `
			SELECT format('order %s is %s, but %s of %s were given back', o.order_number, o.payment_status, p.refunded_minor, p.amount_minor)
			FROM payments p
			JOIN orders o ON o.id = p.order_id
			WHERE p.status = 'SUCCEEDED'
				AND o.payment_status <> CASE p.refunded_minor WHEN 0 THEN 'PAID' WHEN p.amount_minor THEN 'REFUNDED' ELSE 'PARTIALLY_REFUNDED' END`},
		{holds: "a payment is given back as far as its refunds say", broken: `
			SELECT format('payment %s: %s given back and %s on its way, but its refunds make %s and %s',
				p.id, p.refunded_minor, p.refunding_minor, r.succeeded, r.pending)
			FROM payments p
			CROSS JOIN LATERAL (
				SELECT coalesce(sum(amount_minor) FILTER (WHERE status = 'SUCCEEDED'), 0) AS succeeded,
					coalesce(sum(amount_minor) FILTER (WHERE status IN ('PENDING', 'REQUIRES_ACTION')), 0) AS pending
				FROM refunds
				WHERE payment_id = p.id
			) r
			WHERE (p.refunded_minor, p.refunding_minor) <> (r.succeeded, r.pending)`},
		{holds: "a payment lost what its disputes took", broken: `
			SELECT format('payment %s: %s lost, but its disputes took %s, and %s of %s were given back',
				p.id, p.lost_minor, d.lost, p.refunded_minor, p.amount_minor)
			FROM payments p
			CROSS JOIN LATERAL (
				SELECT coalesce(sum(amount_minor), 0) AS lost FROM disputes WHERE payment_id = p.id AND status = 'LOST'
			) d
			WHERE p.lost_minor <> least(d.lost, p.amount_minor - p.refunded_minor)`},
		{holds: "an order's history tells of its disputes", broken: `
			SELECT format('order %s: dispute %s is %s, but its history says it was opened %s times and closed %s times',
				o.order_number, d.dispute_id, d.status, e.opened, e.closed)
			FROM disputes d
			JOIN payments p ON p.id = d.payment_id
			JOIN orders o ON o.id = p.order_id
			CROSS JOIN LATERAL (
				SELECT count(*) FILTER (WHERE type = 'dispute_opened') AS opened, count(*) FILTER (WHERE type = 'dispute_closed') AS closed
				FROM order_events
				WHERE order_id = o.id AND dispute_id = d.id
			) e
			WHERE e.opened = 0 OR (d.closed_at IS NOT NULL) <> (e.closed >= e.opened)`},
		// What is disputed goes back once the bank has decided.
		{holds: "the money of a cancelled order goes back", broken: `
			SELECT format('order %s is CANCELLED and %s: %s of %s were given back and %s lost, and nothing is on its way',
				o.order_number, o.payment_status, p.refunded_minor, p.amount_minor, p.lost_minor)
			FROM orders o
			JOIN payments p ON p.order_id = o.id
			WHERE o.status = 'CANCELLED'
				AND p.status = 'SUCCEEDED'
				AND p.refunded_minor + p.lost_minor < p.amount_minor
				AND NOT EXISTS (
					SELECT FROM refunds r WHERE r.payment_id = p.id AND r.status IN ('PENDING', 'REQUIRES_ACTION'))
				AND NOT EXISTS (SELECT FROM disputes d WHERE d.payment_id = p.id AND d.closed_at IS NULL)`},
		{holds: "no more of a line is on returns than was sent, and a return is refunded when its refund is", broken: `
			SELECT format('return %s is %s: of a line %s were sent and %s are returned, and its refund is %s',
				r.return_number, r.status, o.fulfilled_quantity, b.returned, coalesce(f.status, 'none'))
			FROM returns r
			JOIN return_items i ON i.return_id = r.id
			JOIN order_items o ON o.id = i.order_item_id
			LEFT JOIN refunds f ON f.id = r.refund_id
			CROSS JOIN LATERAL (
				SELECT coalesce(sum(CASE WHEN s.status IN ('RECEIVED', 'REFUNDED', 'CLOSED') THEN l.received ELSE l.quantity END), 0) AS returned
				FROM return_items l
				JOIN returns s ON s.id = l.return_id
				WHERE l.order_item_id = o.id AND s.status NOT IN ('REJECTED', 'CANCELLED')
			) b
			WHERE b.returned > o.fulfilled_quantity
				OR (r.status = 'REFUNDED') <> (f.status IS NOT DISTINCT FROM 'SUCCEEDED')`},
		{holds: "one of a customer's saved cards is the default", broken: `
			SELECT format('customer %s has %s cards, of which %s are the default', user_id, count(*), count(*) FILTER (WHERE is_default))
			FROM cards
			WHERE removed_at IS NULL
			GROUP BY user_id
			HAVING count(*) FILTER (WHERE is_default) <> 1`},
		// The queue forgets a job a day after it was done.
		{holds: "an order that was bought is confirmed by one job", broken: `
			SELECT format('order %s was bought and paid %s times, and has %s jobs to confirm it', o.order_number, b.times, coalesce(j.jobs, 0))
			FROM (
				SELECT order_id, count(*) AS times
				FROM order_events
				WHERE type IN ('paid', 'authorized', 'reinstated') AND created_at > now() - interval '20 hours'
				GROUP BY order_id
			) b
			JOIN orders o ON o.id = b.order_id
			LEFT JOIN (
				SELECT args, count(*) AS jobs FROM river_job WHERE kind = 'order_confirmation' GROUP BY args
			) j ON j.args = jsonb_build_object('orderId', o.id)
			WHERE b.times <> 1 OR j.jobs IS DISTINCT FROM 1`},
		{holds: "no job is stuck, and none was given up but mails", broken: `
			SELECT format('job %s (%s) is %s since %s after %s attempts', id, kind, state, coalesce(finalized_at, attempted_at, scheduled_at), attempt)
			FROM river_job
			WHERE state = 'discarded' AND queue <> 'mail'
				OR state = 'running' AND attempted_at < now() - interval '1 hour'
				OR state IN ('available', 'retryable', 'scheduled') AND scheduled_at < now() - interval '1 hour'`},
	}
}
