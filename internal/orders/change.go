package orders

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"cartwright/gen/db"
	"cartwright/internal/postgres"
)

// Cause says why an order changed; it is kept with the event.
type Cause struct {
	Type        string // such as "placed", "paid", "cancelled"
	Actor       string
	Reason      string
	Fulfillment uuid.UUID    // which it is about; Nil where it is about the whole order
	Refund      uuid.UUID    // which it is about; Nil where it is about none
	Return      uuid.UUID    // which it is about; Nil where it is about none
	Stands      ReturnStatus // where that return stands after it
	Dispute     uuid.UUID    // which it is about; Nil where it is about none
}

// CreateTx stores a new order in its first state and answers it with its number; a guest's also with
// the token that opens it. The id, customer, amounts and items, with their line totals, are the caller's. ErrCustomerGone.
func (s *Service) CreateTx(ctx context.Context, tx pgx.Tx, order Order, cause Cause) (Order, error) {
	order.State = State{Status: Pending, Payment: PaymentPending, Fulfillment: Unfulfilled, Review: NotReviewed}
	if order.Customer == uuid.Nil {
		order.Token = newToken(s.now().Add(TokenLasts))
	}
	params, err := fromOrder(order, cause, s.now())
	if err != nil {
		return Order{}, err
	}
	row, err := s.q.OrderCreate(ctx, tx, params)
	if postgres.Constraint(err) == "orders_customer_known" {
		return Order{}, ErrCustomerGone.Wrap(err)
	}
	if err != nil {
		return Order{}, fmt.Errorf("create order: %w", err)
	}
	created, err := toOrder(row)
	created.Items, created.Token = order.Items, order.Token
	return created, err
}

// MoveTx takes a locked order to another state, with what was found of it, and records the event; ErrTransition names
// the axis that refuses, ErrOnHold refuses to send what is on hold, ErrSent to cancel what was sent. Moving to the state it is in changes nothing.
func (s *Service) MoveTx(ctx context.Context, tx pgx.Tx, order Order, to State, cause Cause) (Order, error) {
	if order.State == to.decided() {
		return order, nil
	}
	return s.ChangeTx(ctx, tx, order, to, cause)
}

// ChangeTx is MoveTx for what is an event also where the state stays, as what happens to money. ErrTransition.
func (s *Service) ChangeTx(ctx context.Context, tx pgx.Tx, order Order, to State, cause Cause) (Order, error) {
	to = to.decided()
	switch err := check(order.State, to); {
	case errors.Is(err, ErrOnHold):
		return Order{}, order.HoldError()
	case err != nil:
		return Order{}, err
	}
	return s.storeTx(ctx, tx, order, to, cause)
}

// storeTx writes a locked order's state, what was found of it, what its lines follow, and the event.
func (s *Service) storeTx(ctx context.Context, tx pgx.Tx, order Order, to State, cause Cause) (Order, error) {
	if order.Status != to.Status {
		var err error
		if order, err = s.endItemsTx(ctx, tx, order, to); err != nil {
			return Order{}, err
		}
	}
	row, err := s.q.OrderSetStatuses(ctx, tx, db.OrderSetStatusesParams{
		ID: order.ID, Status: string(to.Status), PaymentStatus: string(to.Payment),
		FulfillmentStatus: string(to.Fulfillment), ReviewStatus: string(to.Review),
		ReviewVerdict: optional(order.Judgement.Verdict), ReviewReasons: reasons(order.Judgement), Now: s.now(),
	})
	if err != nil {
		return Order{}, fmt.Errorf("change the order's state: %w", err)
	}
	order.State, order.UpdatedAt = to, row.UpdatedAt
	return order, s.recordTx(ctx, tx, order.ID, to, cause)
}

func (s *Service) recordTx(ctx context.Context, tx pgx.Tx, order uuid.UUID, state State, cause Cause) error {
	err := s.q.OrderEventAppend(ctx, tx, db.OrderEventAppendParams{
		OrderID: order, Type: cause.Type, Actor: cause.Actor, Reason: cause.Reason,
		Status: string(state.Status), PaymentStatus: string(state.Payment),
		FulfillmentStatus: string(state.Fulfillment), ReviewStatus: string(state.Review), FulfillmentID: whoever(cause.Fulfillment),
		RefundID: whoever(cause.Refund), ReturnID: whoever(cause.Return), ReturnStatus: optional(string(cause.Stands)),
		DisputeID: whoever(cause.Dispute), Now: s.now(),
	})
	if err != nil {
		return fmt.Errorf("record the order's event: %w", err)
	}
	return nil
}
