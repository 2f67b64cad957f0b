package checkout

import (
	"context"
	"errors"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"cartwright/internal/carts"
	"cartwright/internal/crash"
	"cartwright/internal/orders"
	"cartwright/internal/payments"
)

// Cancel ends an order and returns its stock. A shopper's key opens the unpaid orders of the shopper alone, else
// ErrAlreadyPaid. The payment ends first: an unpaid intent, or one that is authorized, is cancelled at the provider, a paid
// one is given back by a job, unless mayRefund forbids it. Cancelling twice changes nothing. What is disputed is not given
// back, so a paid order is not cancelled before its bank has decided: payments.ErrDisputed.
// orders.ErrNotFound, also for what is another's, orders.ErrTransition, ErrRefundForbidden, payments.ErrInFlight,
// payments.ErrCaptureDiffers, payments.ErrUnavailable.
func (s *Service) Cancel(ctx context.Context, key orders.Key, cause orders.Cause, mayRefund bool) (orders.Order, error) {
	if _, err := s.Orders.Open(ctx, key); err != nil {
		return orders.Order{}, err
	}
	switch {
	case !key.Staff:
		return s.stop(ctx, key.Order, cause, paidRefused)
	case !mayRefund:
		return s.stop(ctx, key.Order, cause, paidForbidden)
	}
	return s.stop(ctx, key.Order, cause, alsoPaid)
}

// Reorder puts what an order has into the shopper's cart, at today's prices. orders.ErrNotFound, also for what is another's;
// carts.ErrTooLong.
func (s *Service) Reorder(ctx context.Context, key orders.Key) (carts.Cart, error) {
	order, err := s.Orders.Open(ctx, key)
	if err != nil {
		return carts.Cart{}, err
	}
	lines := make([]carts.Line, len(order.Items))
	for i, item := range order.Items {
		lines[i] = carts.Line{VariantID: item.VariantID, Quantity: item.Quantity}
	}
	return s.Carts.Fill(ctx, key.Customer, lines)
}

// which orders to stop.
type which int

const (
	alsoPaid which = iota
	unpaidOnly
	paidForbidden
	paidRefused
)

// unpaid is whether bought orders stay as they are.
func (w which) unpaid() bool { return w == unpaidOnly || w == paidRefused }

// stop ends the payment and then the order. An order that unpaidOnly finds paid or authorized is left alone, one that
// paidRefused finds so is ErrAlreadyPaid, and one that paidForbidden finds paid is ErrRefundForbidden.
func (s *Service) stop(ctx context.Context, id uuid.UUID, cause orders.Cause, which which) (orders.Order, error) {
	ctx, cancel := context.WithTimeout(ctx, payments.AskFor)
	defer cancel()
	for range 5 {
		payment, live, err := s.unpaidIntent(ctx, id)
		if err != nil {
			return orders.Order{}, err
		}
		if live {
			if err := s.endPayment(ctx, payment, cause, which); err != nil {
				return orders.Order{}, err
			}
		}
		order, err := s.end(ctx, id, cause, which)
		if !errors.Is(err, errPaymentAlive) {
			return order, err
		}
	}
	return orders.Order{}, payments.ErrInFlight
}

// errPaymentAlive tells that a payment began between ending the last and ending the order.
var errPaymentAlive = errors.New("a payment may still succeed")

// endPayment makes sure that nothing is taken for an order, or learns that it was, as far as that is wanted.
func (s *Service) endPayment(ctx context.Context, payment payments.Payment, cause orders.Cause, which which) error {
	switch {
	case payment.Status == payments.Authorized && which.unpaid():
		return nil // end leaves the order alone
	case payment.Status == payments.Authorized:
		return s.endHold(ctx, payment, cause)
	case payment.Capture == payments.CaptureManual && which.unpaid():
		if heard, err := s.hearHold(ctx, payment); err != nil || heard {
			return err
		}
	}
	return s.endIntent(ctx, payment)
}

// unpaidIntent finds the intent that could still charge for the order, or holds its money.
func (s *Service) unpaidIntent(ctx context.Context, id uuid.UUID) (payment payments.Payment, live bool, err error) {
	err = s.DB.InTx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		order, err := s.Orders.LockTx(ctx, tx, id)
		if err != nil || !order.Payable() && !order.Authorized() {
			return err
		}
		var found bool
		payment, found, err = s.Payments.LatestTx(ctx, tx, id)
		if live = payment.Status == payments.Authorized; err != nil || !found || live || payment.Final() {
			return err
		}
		inFlight, err := s.Payments.InFlightTx(ctx, tx, payment.ID)
		if err == nil && inFlight {
			return payments.ErrInFlight
		}
		live = payment.IntentID != ""
		return err
	})
	return payment, live, err
}

// endIntent makes sure that an intent is never charged, or learns that it was.
func (s *Service) endIntent(ctx context.Context, payment payments.Payment) error {
	intent, err := s.letGo(ctx, payment)
	if err != nil {
		return err
	}
	_, err = s.conclude(context.WithoutCancel(ctx), payment, intent, uuid.Nil)
	if err == nil && intent.Status == payments.IntentProcessing {
		return payments.ErrInFlight
	}
	return err
}

// end moves the order and its stock, once nothing can charge for it any more.
func (s *Service) end(ctx context.Context, id uuid.UUID, cause orders.Cause, which which) (ended orders.Order, err error) {
	err = s.DB.InTx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		order, err := s.Orders.LockTx(ctx, tx, id)
		if err != nil {
			return err
		}
		wasPaid := order.Paid()
		switch {
		case order.Bought() && which == unpaidOnly:
			ended = order
			return nil
		case order.Bought() && which == paidRefused:
			return alreadyPaid(order)
		}
		to := order.State
		to.Status = orders.Cancelled
		unsent := units(order, order.Unsent())
		if ended, err = s.Orders.MoveTx(ctx, tx, order, to, cause); err != nil || order.Status == orders.Cancelled {
			return err
		}
		crash.Point("end.order-moved")
		payment, found, err := s.Payments.LatestTx(ctx, tx, id)
		switch {
		case err != nil:
			return err
		case wasPaid && which == paidForbidden:
			return ErrRefundForbidden
		case wasPaid:
			if err := s.Inventory.EndTx(ctx, tx, id, unsent); err != nil || !found {
				return err
			}
			return s.giveBackTx(ctx, tx, payment, "the order was cancelled")
		case found && !payment.Final() && payment.IntentID != "":
			return errPaymentAlive
		case found && !payment.Final():
			if err := s.Payments.AbandonTx(ctx, tx, payment); err != nil {
				return err
			}
		}
		return s.Inventory.ReleaseTx(ctx, tx, id)
	})
	return ended, err
}
