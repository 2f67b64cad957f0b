package checkout

import (
	"context"
	"fmt"
	"slices"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"cartwright/internal/errs"
	"cartwright/internal/inventory"
	"cartwright/internal/orders"
	"cartwright/internal/payments"
)

// Fulfill sends what is to be sent of an order, or part of it, and takes it out of the stock. However many do it at once,
// no more is sent of a line than is to be sent.
// Errors: orders.ErrNotFound, those of orders.Service.FulfillTx, and inventory.ErrInsufficient where fewer units are on hand.
func (s *Service) Fulfill(ctx context.Context, fulfill orders.Fulfill, cause orders.Cause) (sent orders.Fulfillment, err error) {
	err = s.locked(ctx, fulfill.Order, func(ctx context.Context, tx pgx.Tx, order orders.Order) error {
		after, one, err := s.Orders.FulfillTx(ctx, tx, order, fulfill, cause)
		if err != nil {
			return err
		}
		sent = one
		return s.sendTx(ctx, tx, after, one.Items, fulfill.Items)
	})
	return sent, err
}

// SetStatus is staff moving a paid order along, with the stock of what that sends.
// Errors: orders.ErrNotFound, those of orders.Service.SetStatusTx, and inventory.ErrInsufficient.
func (s *Service) SetStatus(ctx context.Context, id uuid.UUID, status orders.Status, cause orders.Cause) (changed orders.Order, err error) {
	err = s.locked(ctx, id, func(ctx context.Context, tx pgx.Tx, order orders.Order) error {
		unsent := order.Unsent()
		changed, err = s.Orders.SetStatusTx(ctx, tx, order, status, cause)
		if err != nil || len(changed.Unsent()) > 0 {
			return err
		}
		return s.sendTx(ctx, tx, order, unsent, nil)
	})
	return changed, err
}

// CancelFulfillment takes back a fulfilment that was recorded by mistake: its units are on hand again, and to be sent,
// unless they were refunded meanwhile.
// Errors: orders.ErrNotFound, and those of orders.Service.CancelFulfillmentTx.
func (s *Service) CancelFulfillment(
	ctx context.Context, id, fulfillment uuid.UUID, cause orders.Cause,
) (back orders.Fulfillment, err error) {
	err = s.locked(ctx, id, func(ctx context.Context, tx pgx.Tx, order orders.Order) error {
		refunded, err := s.refundedAsSentTx(ctx, tx, order)
		if err != nil {
			return err
		}
		var after orders.Order
		after, back, err = s.Orders.CancelFulfillmentTx(ctx, tx, order, fulfillment, refunded, cause)
		if err != nil {
			return err
		}
		if err := s.unsendTx(ctx, tx, order, after, cause.Actor); err != nil {
			return err
		}
		return s.holdUnsentTx(ctx, tx, after)
	})
	return back, err
}

// unsendTx has the stock follow the account of an order's lines of which less was sent than before.
func (s *Service) unsendTx(ctx context.Context, tx pgx.Tx, before, after orders.Order, actor string) error {
	var back, free []orders.FulfillmentItem
	for i, item := range after.Items {
		was := before.Items[i]
		if units := was.Fulfilled - item.Fulfilled; units > 0 {
			back = append(back, orders.FulfillmentItem{ItemID: item.ID, Quantity: units})
		}
		if units := item.Refunded - was.Refunded; units > 0 {
			free = append(free, orders.FulfillmentItem{ItemID: item.ID, Quantity: units})
		}
	}
	why := inventory.Why{Note: "The fulfilment was taken back", Actor: actor}
	if err := s.Inventory.UnsendTx(ctx, tx, after.ID, units(after, back), why); err != nil {
		return err
	}
	return s.Inventory.DeallocateTx(ctx, tx, after.ID, units(after, free))
}

// refundedAsSentTx is how many units of each line of a locked order were refunded after they were sent, and are on no
// return.
func (s *Service) refundedAsSentTx(ctx context.Context, tx pgx.Tx, order orders.Order) (map[uuid.UUID]int32, error) {
	payment, found, err := s.Payments.LatestTx(ctx, tx, order.ID)
	if err != nil || !found {
		return nil, err
	}
	sums, err := s.Payments.RefundedItemsTx(ctx, tx, payment)
	if err != nil {
		return nil, err
	}
	sent := map[uuid.UUID]int32{}
	for _, item := range order.Items {
		sent[item.ID] = max(0, sums[item.ID].Direct-item.Refunded-item.Cancelled)
	}
	return sent, nil
}

// sendTx takes what was sent of an order out of the stock. named are the lines as they were asked for, if they were.
func (s *Service) sendTx(ctx context.Context, tx pgx.Tx, order orders.Order, sent, named []orders.FulfillmentItem) error {
	short, err := s.Inventory.SendTx(ctx, tx, order.ID, units(order, sent))
	if err != nil {
		return err
	}
	return shortOf(order, short, named)
}

// shortOf is an inventory.ErrInsufficient that says of which lines fewer units are on hand, or nil. named are the lines as
// they were asked for, if they were.
func shortOf(order orders.Order, short []inventory.Units, named []orders.FulfillmentItem) error {
	if len(short) == 0 {
		return nil
	}
	refused := inventory.ErrInsufficient
	for _, there := range short {
		item := lineOf(order, there.VariantID)
		name := "items"
		if at := slices.IndexFunc(named, func(i orders.FulfillmentItem) bool { return i.ItemID == item.ID }); at >= 0 {
			name = itemField(at)
		}
		message := fmt.Sprintf("Only %d of %s are on hand. Receive the others first.", there.Quantity, item.Snapshot.SKU)
		refused = refused.With(errs.Field{Name: name, Code: refused.Code, Message: message})
		refused.Message = message
	}
	return refused
}

func lineOf(order orders.Order, variant uuid.UUID) (line orders.Item) {
	for _, item := range order.Items {
		if item.VariantID == variant {
			line = item
		}
	}
	return line
}

// units are those of an order's lines as the stock counts them.
func units(order orders.Order, items []orders.FulfillmentItem) (units []inventory.Units) {
	for _, one := range items {
		if item, found := order.Item(one.ItemID); found && one.Quantity > 0 {
			units = append(units, inventory.Units{VariantID: item.VariantID, Quantity: one.Quantity})
		}
	}
	return units
}

// locked locks an order to change it.
func (s *Service) locked(
	ctx context.Context, id uuid.UUID, change func(ctx context.Context, tx pgx.Tx, order orders.Order) error,
) error {
	return s.DB.InTx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		order, err := s.Orders.LockTx(ctx, tx, id)
		if err != nil {
			return err
		}
		return change(ctx, tx, order)
	})
}

// refundedItems are units of lines as a refund names them.
func refundedItems(items []orders.FulfillmentItem) []payments.RefundItem {
	refunded := make([]payments.RefundItem, len(items))
	for i, item := range items {
		refunded[i] = payments.RefundItem{ItemID: item.ItemID, Quantity: item.Quantity}
	}
	return refunded
}
