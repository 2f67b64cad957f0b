package orders

import (
	"context"
	"fmt"
	"slices"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"cartwright/gen/db"
	"cartwright/internal/postgres"
)

// Cause says why an order changed; it is kept with the event.
type Cause struct {
	Type   string // such as "placed", "paid", "cancelled"
	Actor  string
	Reason string
}

// CreateTx stores a new order in its first state and answers it with its number; a guest's also with
// the token that opens it. The id, customer, amounts and items, with their line totals, are the caller's. ErrCustomerGone.
func (s *Service) CreateTx(ctx context.Context, tx pgx.Tx, order Order, cause Cause) (Order, error) {
	order.State = State{Status: Pending, Payment: PaymentPending, Fulfillment: Unfulfilled, Review: NotReviewed}
	if order.Customer == uuid.Nil {
		order.Token = newToken()
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
// the axis that refuses, ErrOnHold refuses to send what is on hold. Moving to the state it is in changes nothing.
func (s *Service) MoveTx(ctx context.Context, tx pgx.Tx, order Order, to State, cause Cause) (Order, error) {
	to = to.decided()
	if order.State == to {
		return order, nil
	}
	if err := check(order.State, to); err != nil {
		return Order{}, err
	}
	return s.storeTx(ctx, tx, order, to, cause)
}

// storeTx writes a locked order's state, what was found of it, and the event.
func (s *Service) storeTx(ctx context.Context, tx pgx.Tx, order Order, to State, cause Cause) (Order, error) {
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
		FulfillmentStatus: string(state.Fulfillment), ReviewStatus: string(state.Review), Now: s.now(),
	})
	if err != nil {
		return fmt.Errorf("record the order's event: %w", err)
	}
	return nil
}

// SetStatus is staff moving a paid order along: PROCESSING, SHIPPED, DELIVERED. Shipping fulfils
// it. Other statuses follow from payment and cancellation and are refused with ErrTransition.
func (s *Service) SetStatus(ctx context.Context, id uuid.UUID, status Status, cause Cause) (changed Order, err error) {
	err = s.db.InTx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		order, err := s.LockTx(ctx, tx, id)
		if err != nil {
			return err
		}
		if order.Status != status && !slices.Contains(staffStatuses, status) {
			return notAllowed("status", string(order.Status), string(status)+" by hand")
		}
		to := order.State
		to.Status = status
		if status == Shipped {
			to.Fulfillment = Fulfilled
		}
		changed, err = s.MoveTx(ctx, tx, order, to, cause)
		return err
	})
	return changed, err
}

// Event is one entry of an order's history: what caused it and the state after it.
type Event struct {
	State
	Cause
	Sequence int32
}

// Events is the order's history from its first event.
func (s *Service) Events(ctx context.Context, id uuid.UUID) ([]Event, error) {
	rows, err := s.q.OrderEventList(ctx, s.db, id)
	if err != nil {
		return nil, fmt.Errorf("read the order's events: %w", err)
	}
	events := make([]Event, len(rows))
	for i, row := range rows {
		events[i] = Event{
			Sequence: row.Sequence,
			State: State{Status: Status(row.Status), Payment: PaymentStatus(row.PaymentStatus),
				Fulfillment: FulfillmentStatus(row.FulfillmentStatus), Review: ReviewStatus(row.ReviewStatus)},
			Cause: Cause{Type: row.Type, Actor: row.Actor, Reason: row.Reason},
		}
	}
	return events, nil
}
