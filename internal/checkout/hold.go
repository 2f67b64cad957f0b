package checkout

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"cartwright/internal/carts"
	"cartwright/internal/errs"
	"cartwright/internal/inventory"
	"cartwright/internal/orders"
)

// What an order may not take.
var (
	ErrTooManyUnits = errs.New(errs.Conflict, "too_many_units", "The order has more units than one order may have.")
	// ErrHeldTooMuch comes with the lines, and with the time after which unpaid orders of now hold nothing any more.
	ErrHeldTooMuch = errs.New(errs.Limited, "too_much_held",
		"Unpaid orders from your network would hold too much of the stock. Order less, pay for those you placed, or try again later.")
)

// holdTTL is how long an order holds its stock before its payment begins.
func (s *Service) holdTTL() time.Duration {
	if s.HoldTTL <= 0 || s.HoldTTL > s.ReservationTTL {
		return s.ReservationTTL
	}
	return s.HoldTTL
}

// payBy is until when an order can be paid whose payment begins now. However often it begins, that is no later than one
// reservation after the order's first hold ended.
func (s *Service) payBy(order orders.Order) time.Time {
	by, last := s.Now().Add(s.ReservationTTL), order.CreatedAt.Add(s.holdTTL()+s.ReservationTTL)
	if by.After(last) {
		return last
	}
	return by
}

// tooManyUnits refuses a cart with more units than an order may have.
func (s *Service) tooManyUnits(cart carts.Cart) error {
	holds, units, err := s.Fraud.Rules.Holds, int64(0), ErrTooManyUnits
	for i, item := range cart.Items {
		if units += int64(item.Quantity); holds.ExceedsLine(item.Quantity) {
			err = err.With(errs.Field{
				Name: itemField(i), Code: ErrTooManyUnits.Code,
				Message: fmt.Sprintf("An order has at most %d units of %s.", holds.UnitsPerLine, item.Name),
			})
		}
	}
	if holds.ExceedsOrder(units) {
		err = err.With(errs.Field{
			Name: "items", Code: ErrTooManyUnits.Code,
			Message: fmt.Sprintf("The cart has %d units, and an order at most %d.", units, holds.UnitsPerOrder),
		})
	}
	if len(err.Fields) > 0 {
		return err
	}
	return nil
}

// holder is a network that an order is placed from, and what it may hold.
func (s *Service) holder(network string) inventory.Holder {
	holder := s.Fraud.Holder(network)
	return inventory.Holder{
		Networks: holder.Networks, Shares: holder.Shares, OrderShare: holder.OrderShare, Always: holder.Always,
	}
}

// heldTooMuchTx refuses an order whose units were just held where they are too large a share of the stock.
func (s *Service) heldTooMuchTx(
	ctx context.Context, tx pgx.Tx, order uuid.UUID, held []inventory.Units, holder inventory.Holder, cart carts.Cart,
) error {
	beyond, err := s.Inventory.BeyondTx(ctx, tx, order, held, holder)
	if err != nil || len(beyond) == 0 {
		return err
	}
	refusal := ErrHeldTooMuch.After(s.holdTTL())
	for _, line := range linesOf(cart, beyond) {
		refusal = refusal.With(errs.Field{
			Name: itemField(line), Code: ErrHeldTooMuch.Code,
			Message: fmt.Sprintf("Unpaid orders would hold too many units of %s.", cart.Items[line].Name),
		})
	}
	return refusal
}
