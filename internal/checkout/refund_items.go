package checkout

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"cartwright/internal/errs"
	"cartwright/internal/inventory"
	"cartwright/internal/orders"
	"cartwright/internal/payments"
)

// off is what a refund does to an order's units: it frees those that were not sent, or writes them off, and those that
// were sent come back.
type off struct {
	moves                      []orders.Move
	free, writtenOff, returned []orders.FulfillmentItem
}

// takeOffTx has the items of a locked order follow a refund of it that was started, and returns the order with the
// account of its lines. Units that are to be sent are refunded first. Of an order of whose payment nothing is left, nothing
// more is sent.
// Errors: ErrRestock where more comes back than was sent.
func (s *Service) takeOffTx(
	ctx context.Context, tx pgx.Tx, order orders.Order, refund payments.Refund, before map[uuid.UUID]payments.RefundItem, ofReturn bool,
) (orders.Order, error) {
	var out off
	if !ofReturn {
		returnable, err := s.Orders.ReturnableTx(ctx, tx, order)
		if err != nil {
			return order, err
		}
		if err := out.refund(order, refund, before, returnable); err != nil {
			return order, err
		}
	}
	order, err := s.applyOffTx(ctx, tx, order, out, inventory.Why{Note: "Refunded", Actor: refund.Actor})
	if err != nil || refund.Payment.Left().Minor > 0 {
		return order, err
	}
	return s.releaseTx(ctx, tx, order)
}

// refund adds the units of a refund's lines. Of those that were sent, returnable have not come back and are on no return.
func (o *off) refund(
	order orders.Order, refund payments.Refund, before map[uuid.UUID]payments.RefundItem, returnable map[uuid.UUID]int32,
) error {
	for i, one := range refund.Items {
		item, _ := order.Item(one.ItemID)
		// What was taken off by a refund that failed is not taken off twice.
		left := one.Quantity - min(one.Quantity, max(0, item.Refunded+item.Cancelled-before[item.ID].Direct))
		move := orders.Move{ItemID: item.ID, Refunded: min(left, item.ToSend())}
		unsent := orders.FulfillmentItem{ItemID: item.ID, Quantity: move.Refunded}
		switch {
		case refund.Restocked:
			o.free = append(o.free, unsent)
			if move.Returned = left - move.Refunded; move.Returned > returnable[item.ID] {
				return restockExceeds(i, move.Refunded+returnable[item.ID])
			}
			o.returned = append(o.returned, orders.FulfillmentItem{ItemID: item.ID, Quantity: move.Returned})
		default:
			o.writtenOff = append(o.writtenOff, unsent)
		}
		if move.Refunded > 0 || move.Returned > 0 {
			o.moves = append(o.moves, move)
		}
	}
	return nil
}

// restockExceeds says which line has fewer units to restock, and how many.
func restockExceeds(line int, most int32) error {
	refused := *ErrRestock
	refused.Message = fmt.Sprintf("Only %d of this line can be restocked.", most)
	return (&refused).With(errs.Field{Name: itemField(line), Code: refused.Code, Message: refused.Message})
}

// applyOffTx moves the account of a locked order's lines and the stock.
func (s *Service) applyOffTx(ctx context.Context, tx pgx.Tx, order orders.Order, out off, why inventory.Why) (orders.Order, error) {
	order, err := s.Orders.MoveItemsTx(ctx, tx, order, out.moves)
	if err != nil {
		return order, err
	}
	if err := s.Inventory.DeallocateTx(ctx, tx, order.ID, units(order, out.free)); err != nil {
		return order, err
	}
	if err := s.Inventory.WriteOffTx(ctx, tx, order.ID, units(order, out.writtenOff), why); err != nil {
		return order, err
	}
	return order, s.Inventory.TakeBackTx(ctx, tx, order.ID, units(order, out.returned), why)
}

// releaseTx has nothing more of a locked order be sent, of which all was refunded: what was not is for sale again.
func (s *Service) releaseTx(ctx context.Context, tx pgx.Tx, order orders.Order) (orders.Order, error) {
	out := off{free: order.Unsent()}
	for _, item := range out.free {
		out.moves = append(out.moves, orders.Move{ItemID: item.ItemID, Refunded: item.Quantity})
	}
	return s.applyOffTx(ctx, tx, order, out, inventory.Why{})
}
