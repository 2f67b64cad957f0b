package doctor

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"cartwright/internal/postgres"
)

// ErrUnknown reports a SKU or an id that no variant has.
var ErrUnknown = errors.New("there is no such variant")

// Explain writes where every unit of a variant, named by its SKU or id, came from and went: its
// movements in their order with who and why and what was on hand after each, the orders that hold
// units now, and where the chain breaks. It answers the number of breaks; ErrUnknown.
func Explain(ctx context.Context, db *postgres.DB, skuOrID string, out io.Writer) (breaks int, err error) {
	err = inPeace(ctx, db, func(ctx context.Context, tx pgx.Tx) error {
		e := &explanation{ctx: ctx, tx: tx, out: out}
		for _, step := range []func() error{func() error { return e.open(skuOrID) }, e.ledger, e.holders, e.orders} {
			if err := step(); err != nil {
				return err
			}
		}
		if e.breaks == 0 {
			e.line("Every unit is accounted for.")
		}
		breaks = e.breaks
		return e.failed
	})
	return breaks, err
}

type explanation struct {
	ctx                         context.Context //nolint:containedctx // lives as long as the call
	tx                          pgx.Tx
	out                         io.Writer
	variant                     uuid.UUID
	onHand, allocated, reserved int64
	breaks                      int
	failed                      error // of writing
}

func (e *explanation) line(format string, args ...any) {
	if _, err := fmt.Fprintf(e.out, format+"\n", args...); err != nil && e.failed == nil {
		e.failed = err
	}
}

func (e *explanation) broken(format string, args ...any) {
	e.breaks++
	e.line("BROKEN  "+format, args...)
}

func (e *explanation) open(skuOrID string) error {
	id, _ := uuid.Parse(skuOrID) // the nil id, which no variant has, for a SKU
	var sku, name, backorders string
	err := e.tx.QueryRow(e.ctx, `
		SELECT v.id, v.sku, p.name, coalesce(s.on_hand, 0), coalesce(s.allocated, 0), coalesce(s.reserved, 0),
			CASE WHEN s.allow_backorder THEN ', back-orders allowed' ELSE '' END
		FROM product_variants v
		JOIN products p ON p.id = v.product_id
		LEFT JOIN stock_levels s ON s.variant_id = v.id
		WHERE v.sku = $1 OR v.id = $2
		ORDER BY v.sku = $1 DESC
		LIMIT 1`, skuOrID, id).Scan(&e.variant, &sku, &name, &e.onHand, &e.allocated, &e.reserved, &backorders)
	if postgres.IsMissing(err) {
		return ErrUnknown
	}
	if err != nil {
		return fmt.Errorf("find the variant: %w", err)
	}
	e.line("%s (%s), %s: %d on hand, %d of them allocated and %d reserved%s",
		sku, e.variant, name, e.onHand, e.allocated, e.reserved, backorders)
	return nil
}

// ledger tells the movements and holds their sum to the level.
func (e *explanation) ledger() error {
	rows, err := e.tx.Query(e.ctx, `
		SELECT m.created_at, m.quantity, m.reason,
			coalesce(' of order ' || o.order_number || ' (' || o.status || ')', ' of order ' || m.order_id, ''),
			coalesce(' by ' || m.actor, ''), coalesce(': ' || m.note, '')
		FROM stock_movements m
		LEFT JOIN orders o ON o.id = m.order_id
		WHERE m.variant_id = $1
		ORDER BY m.created_at, m.id`, e.variant)
	if err != nil {
		return fmt.Errorf("read the movements: %w", err)
	}
	var (
		at                        time.Time
		quantity, balance         int64
		reason, order, actor, why string
	)
	_, err = pgx.ForEachRow(rows, []any{&at, &quantity, &reason, &order, &actor, &why}, func() error {
		balance += quantity
		note := strings.Map(printable, why)
		e.line("        %s %+8d %8d  %s%s%s%s", at.UTC().Format(time.RFC3339), quantity, balance, reason, order, actor, note)
		return e.failed
	})
	if err != nil {
		return fmt.Errorf("read the movements: %w", err)
	}
	if balance != e.onHand {
		e.broken("the movements make %d, but %d are on hand: %+d without a cause", balance, e.onHand, e.onHand-balance)
	}
	return nil
}

// printable keeps a note from moving the terminal's cursor.
func printable(r rune) rune {
	if r < ' ' || r == 0x7f {
		return ' '
	}
	return r
}

// holders tells which orders hold units now and holds their sum to the level.
func (e *explanation) holders() error {
	rows, err := e.tx.Query(e.ctx, `
		SELECT r.quantity, r.updated_at, o.order_number, o.status
		FROM stock_reservations r
		JOIN orders o ON o.id = r.order_id
		WHERE r.variant_id = $1
		  AND r.state = 'OPEN'
		ORDER BY r.updated_at, r.order_id`, e.variant)
	if err != nil {
		return fmt.Errorf("read the reservations: %w", err)
	}
	var (
		quantity, held int64
		since          time.Time
		number, status string
	)
	_, err = pgx.ForEachRow(rows, []any{&quantity, &since, &number, &status}, func() error {
		held += quantity
		e.line("        %s %8d reserved by order %s (%s)", since.UTC().Format(time.RFC3339), quantity, number, status)
		if status != "PENDING" {
			e.broken("order %s is %s and should hold nothing", number, status)
		}
		return e.failed
	})
	if err != nil {
		return fmt.Errorf("read the reservations: %w", err)
	}
	if held != e.reserved {
		e.broken("open orders hold %d, but %d are reserved: %+d without a cause", held, e.reserved, e.reserved-held)
	}
	return nil
}

// orders lists what is to be sent of this variant, holds the sum to the level, and finds the orders whose movements do
// not follow from their lines.
func (e *explanation) orders() error {
	rows, err := e.tx.Query(e.ctx, `
		SELECT coalesce(o.order_number, order_id::text), coalesce(o.status, 'unknown'), coalesce(i.unsent, 0),
			coalesce(i.sent, 0), coalesce(i.returned, 0), coalesce(m.quantity, 0),
			i.sent IS NULL OR coalesce(m.quantity, 0) NOT BETWEEN -i.sent AND i.returned - i.sent
		FROM (
			SELECT order_id, coalesce(sum(quantity) FILTER (WHERE reason <> 'WRITE_OFF'), 0) AS quantity
			FROM stock_movements
			WHERE variant_id = $1
			  AND order_id IS NOT NULL
			GROUP BY order_id
		) m
		FULL JOIN (
			SELECT i.order_id, i.fulfilled_quantity AS sent, i.returned_quantity AS returned, CASE r.state WHEN 'COMMITTED'
				THEN i.quantity - i.cancelled_quantity - i.refunded_quantity - i.fulfilled_quantity ELSE 0 END AS unsent
			FROM order_items i
			JOIN stock_reservations r ON r.order_id = i.order_id AND r.variant_id = i.variant_id
			WHERE i.variant_id = $1
		) i USING (order_id)
		LEFT JOIN orders o ON o.id = order_id
		WHERE i.unsent > 0
			OR i.sent IS NULL
			OR coalesce(m.quantity, 0) NOT BETWEEN -i.sent AND i.returned - i.sent
		ORDER BY order_id`, e.variant)
	if err != nil {
		return fmt.Errorf("read the orders: %w", err)
	}
	var (
		number, status                           string
		unsent, sent, returned, moved, allocated int64
		broken                                   bool
	)
	_, err = pgx.ForEachRow(rows, []any{&number, &status, &unsent, &sent, &returned, &moved, &broken}, func() error {
		if allocated += unsent; unsent > 0 {
			e.line("        %8d allocated to order %s (%s)", unsent, number, status)
		}
		if broken {
			e.broken("of order %s (%s) %d were sent and %d came back, but it moved %d", number, status, sent, returned, moved)
		}
		return e.failed
	})
	if err != nil {
		return fmt.Errorf("read the orders: %w", err)
	}
	if allocated != e.allocated {
		e.broken("orders are to be sent %d, but %d are allocated: %+d without a cause", allocated, e.allocated, e.allocated-allocated)
	}
	return nil
}
