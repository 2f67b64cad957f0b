package orders

import (
	"context"

	"github.com/jackc/pgx/v5"
)

// CaptureTx records what happened to the money that is authorized for a locked order, and takes the order to where that
// leads: there is an event also where the state stays. ErrTransition.
func (s *Service) CaptureTx(ctx context.Context, tx pgx.Tx, order Order, to State, cause Cause) (Order, error) {
	return s.changeTx(ctx, tx, order, to, cause)
}

// Sendable is nil when these lines of the order, or without any all that is left, can be sent as soon as its money is
// taken; else the error that Fulfill would answer.
func (o *Order) Sendable(items []FulfillmentItem) error {
	taken := *o
	if taken.Authorized() {
		taken.Payment = PaymentPaid
	}
	if err := taken.sendable(); err != nil {
		return err
	}
	_, err := taken.toSend(items)
	return err
}
