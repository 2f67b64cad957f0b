package checkout

import (
	"context"
	"errors"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"cartwright/internal/inventory"
	"cartwright/internal/orders"
	"cartwright/internal/payments"
)

// CancelItems is what of a paid order is not sent any more.
type CancelItems struct {
	Order    uuid.UUID
	Items    []orders.FulfillmentItem // none means all that is to be sent
	WriteOff bool                     // the units cannot be sold again
	Reason   string
	Actor    string
}

// CancelItems takes units of a paid order off what is to be sent and refunds what was paid for them, as far as that much is
// left of the payment. An order of which something was sent goes on with that; one of which nothing was and nothing is to be
// sent is CANCELLED.
// Errors: orders.ErrNotFound, ErrNotPaid, ErrNotCaptured, orders.ErrNothingToCancel, orders.ErrTooMany, payments.ErrDisputed,
// and an errs.Invalid that names lines which the order does not have.
func (s *Service) CancelItems(ctx context.Context, cancel CancelItems) (changed orders.Order, err error) {
	err = s.locked(ctx, cancel.Order, func(ctx context.Context, tx pgx.Tx, order orders.Order) error {
		switch {
		case order.Authorized():
			return ErrNotCaptured
		case !order.Paid():
			return ErrNotPaid
		}
		after, items, err := s.Orders.CancelItemsTx(ctx, tx, order, cancel.Items)
		if err != nil {
			return err
		}
		if err := s.dropTx(ctx, tx, order, items, cancel); err != nil {
			return err
		}
		refund, err := s.refundCancelledTx(ctx, tx, order, after, items, cancel)
		if err != nil {
			return err
		}
		changed, err = s.settleCancelledTx(ctx, tx, after, refund, cancel)
		return err
	})
	return changed, err
}

// dropTx has the stock follow what is cancelled of a locked order.
func (s *Service) dropTx(ctx context.Context, tx pgx.Tx, order orders.Order, items []orders.FulfillmentItem, cancel CancelItems) error {
	if cancel.WriteOff {
		return s.Inventory.WriteOffTx(ctx, tx, order.ID, units(order, items), inventory.Why{Note: "Cancelled", Actor: cancel.Actor})
	}
	return s.Inventory.DeallocateTx(ctx, tx, order.ID, units(order, items))
}

// refundCancelledTx starts the refund of what is cancelled of a locked order, or of all that is left where nothing of the
// order is sent. It is none where nothing is left to give back.
func (s *Service) refundCancelledTx(
	ctx context.Context, tx pgx.Tx, order, after orders.Order, items []orders.FulfillmentItem, cancel CancelItems,
) (refund payments.Refund, err error) {
	latest, found, err := s.Payments.LatestTx(ctx, tx, order.ID)
	if err != nil || !found {
		return refund, err
	}
	payment, err := s.Payments.LockTx(ctx, tx, latest.ID)
	if err != nil || payment.Left().Minor == 0 {
		return refund, err
	}
	before, err := s.Payments.RefundedItemsTx(ctx, tx, payment)
	if err != nil {
		return refund, err
	}
	wanted := Refund{Order: order.ID, Actor: cancel.Actor, Note: cancel.Reason, Restock: !cancel.WriteOff}
	refund = payments.Refund{Payment: payment, Actor: cancel.Actor, Note: cancel.Reason, Restocked: wanted.Restock}
	if !after.Void() {
		wanted.Items = refundedItems(items)
	}
	switch err := wanted.of(order, before, &refund); {
	case errors.Is(err, ErrNothingToRefund): // what is cancelled was free
		return payments.Refund{}, nil
	case err != nil:
		return refund, err
	}
	if refund, err = s.Payments.StartRefundTx(ctx, tx, refund); err != nil {
		return refund, err
	}
	return refund, s.Jobs.EnqueueTx(ctx, tx, refundPayment{refund.ID}, s.Now())
}

// settleCancelledTx takes a locked order to where what is left of it leads, with an event.
func (s *Service) settleCancelledTx(
	ctx context.Context, tx pgx.Tx, order orders.Order, refund payments.Refund, cancel CancelItems,
) (orders.Order, error) {
	cause := orders.Cause{Type: "items_cancelled", Actor: cancel.Actor, Reason: cancel.Reason, Refund: refund.ID}
	if order.Void() && order.Status != orders.Refunded && order.Status != orders.Cancelled {
		to := order.State
		to.Status, cause.Type = orders.Cancelled, "cancelled"
		order, err := s.Orders.ChangeTx(ctx, tx, order, to, cause)
		if err != nil {
			return order, err
		}
		return order, s.Inventory.EndTx(ctx, tx, order.ID, nil)
	}
	if refund.ID != uuid.Nil && refund.Payment.Left().Minor == 0 {
		var err error
		if order, err = s.releaseTx(ctx, tx, order); err != nil {
			return order, err
		}
	}
	return s.Orders.SettleTx(ctx, tx, order, cause)
}
