package orders

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"cartwright/gen/db"
	"cartwright/internal/errs"
)

// RequestReturn asks to send back part of an order, for who may open it. Only what was sent can be, and only what is not
// on another return: however many ask at once, no more is ever on its way back than was sent. ErrNotFound,
// ErrNothingToReturn, ErrReturnExceeds, and an errs.Invalid that names lines which the order does not have.
func (s *Service) RequestReturn(ctx context.Context, key Key, items []ReturnItem, actor string) (requested Return, err error) {
	err = s.db.InTx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		order, err := s.OpenTx(ctx, tx, key)
		if err != nil {
			return err
		}
		left, err := s.ReturnableTx(ctx, tx, order)
		if err != nil {
			return err
		}
		if err := mayReturn(left, items); err != nil {
			return err
		}
		if requested, err = s.createReturnTx(ctx, tx, order.ID, items, actor); err != nil {
			return err
		}
		return s.noteReturnTx(ctx, tx, order, requested, Cause{Type: "return_requested", Actor: actor})
	})
	return requested, err
}

// ReturnableTx is how many of each line of a locked order were sent, have not come back and are on no return. What was sent by mistake and
// returned all the same leaves less than none.
func (s *Service) ReturnableTx(ctx context.Context, tx pgx.Tx, order Order) (map[uuid.UUID]int32, error) {
	returned, err := s.q.ReturnItemSums(ctx, tx, order.ID)
	if err != nil {
		return nil, fmt.Errorf("read what came back of the order: %w", err)
	}
	left := map[uuid.UUID]int32{}
	for _, item := range order.Items {
		left[item.ID] = item.Fulfilled - item.Returned
	}
	for _, item := range returned {
		left[item.OrderItemID] -= item.Quantity
	}
	return left, nil
}

// mayReturn makes sure that each item is the order's, once, and that so many of it can be sent back.
func mayReturn(left map[uuid.UUID]int32, items []ReturnItem) error {
	var some bool
	for _, quantity := range left {
		some = some || quantity > 0
	}
	if !some {
		return ErrNothingToReturn
	}
	var unknown, tooMany []errs.Field
	seen := map[uuid.UUID]bool{}
	for i, item := range items {
		name := fmt.Sprintf("items[%d].", i)
		switch rest, known := left[item.ItemID]; {
		case !known:
			unknown = append(unknown, errs.Field{Name: name + "orderItemId", Code: "unknown", Message: "The order has no such line."})
		case seen[item.ItemID]:
			unknown = append(unknown, errs.Field{Name: name + "orderItemId", Code: "duplicate", Message: "This line is named twice."})
		case item.Quantity > rest:
			tooMany = append(tooMany, errs.Field{
				Name: name + "quantity", Code: ErrReturnExceeds.Code, Message: fmt.Sprintf("Only %d of this line can be returned.", max(0, rest)),
			})
		}
		seen[item.ItemID] = true
	}
	switch {
	case len(unknown) > 0:
		return errs.InvalidFields(unknown...)
	case len(tooMany) > 0:
		return ErrReturnExceeds.With(tooMany...)
	}
	return nil
}

// createReturnTx writes a return of a locked order.
func (s *Service) createReturnTx(ctx context.Context, tx pgx.Tx, order uuid.UUID, items []ReturnItem, actor string) (Return, error) {
	row, err := s.q.ReturnCreate(ctx, tx, db.ReturnCreateParams{
		ID: uuid.Must(uuid.NewV7()), OrderID: order, Status: string(ReturnRequested), Actor: actor, Now: s.now(),
	})
	if err != nil {
		return Return{}, fmt.Errorf("create the return: %w", err)
	}
	params := db.ReturnItemCreateParams{ReturnID: row.ID}
	for _, item := range items {
		params.ItemIds = append(params.ItemIds, item.ItemID)
		params.Quantities = append(params.Quantities, item.Quantity)
		params.Reasons = append(params.Reasons, string(item.Reason))
		params.Notes = append(params.Notes, item.Note)
	}
	if err := s.q.ReturnItemCreate(ctx, tx, params); err != nil {
		return Return{}, fmt.Errorf("write down what is returned: %w", err)
	}
	return s.withReturnItems(ctx, tx, row)
}

// noteReturnTx records in a locked order's history where a return of it stands.
func (s *Service) noteReturnTx(ctx context.Context, tx pgx.Tx, order Order, one Return, cause Cause) error {
	cause.Return, cause.Stands = one.ID, one.Status
	_, err := s.ChangeTx(ctx, tx, order, order.State, cause)
	return err
}
