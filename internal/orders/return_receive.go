package orders

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"cartwright/gen/db"
	"cartwright/internal/errs"
)

// ReceiveReturnTx counts what came of an approved return of a locked order, and what of it is on the shelf again; the
// stock itself is the caller's to move. Of lines that are not named nothing came. ErrTransition, ErrReturnCame, and an
// errs.Invalid that names lines which the return does not have, or says that nothing came.
func (s *Service) ReceiveReturnTx(ctx context.Context, tx pgx.Tx, order Order, one Return, came []ReturnItem, actor string) (Return, error) {
	to := one
	to.Status = ReturnReceived
	if one.Status != ReturnApproved { // also where a refund of it failed, which makes it RECEIVED again
		return Return{}, notAllowed("return", string(one.Status), string(ReturnReceived))
	}
	if err := one.mayHaveCome(came); err != nil {
		return Return{}, err
	}
	if err := s.countReturnTx(ctx, tx, one.ID, came); err != nil {
		return Return{}, err
	}
	moves := make([]Move, len(came))
	for i, item := range came {
		moves[i] = Move{ItemID: item.ItemID, Returned: item.Received}
	}
	order, err := s.MoveItemsTx(ctx, tx, order, moves)
	if err != nil {
		return Return{}, err
	}
	return s.turnReturnTx(ctx, tx, order, one, to, Cause{Type: "return_received", Actor: actor})
}

func (s *Service) countReturnTx(ctx context.Context, tx pgx.Tx, id uuid.UUID, came []ReturnItem) error {
	params := db.ReturnItemReceiveParams{ReturnID: id}
	for _, item := range came {
		params.ItemIds = append(params.ItemIds, item.ItemID)
		params.Received = append(params.Received, item.Received)
		params.Restocked = append(params.Restocked, item.Restocked)
	}
	if _, err := s.q.ReturnItemReceive(ctx, tx, params); err != nil {
		return fmt.Errorf("count what came back: %w", err)
	}
	return nil
}

// mayHaveCome makes sure that each item is the return's, once, that no more came of it than was to, and that no more is on
// the shelf than came.
func (r *Return) mayHaveCome(came []ReturnItem) error {
	expected := map[uuid.UUID]int32{}
	for _, item := range r.Items {
		expected[item.ItemID] = item.Quantity
	}
	var wrong, tooMany []errs.Field
	var sum int64
	seen := map[uuid.UUID]bool{}
	for i, item := range came {
		name := fmt.Sprintf("items[%d].", i)
		switch most, known := expected[item.ItemID]; {
		case !known:
			wrong = append(wrong, errs.Field{Name: name + "orderItemId", Code: "unknown", Message: "The return has no such line."})
		case seen[item.ItemID]:
			wrong = append(wrong, errs.Field{Name: name + "orderItemId", Code: "duplicate", Message: "This line is named twice."})
		case item.Restocked > item.Received:
			wrong = append(wrong, errs.Field{Name: name + "restockedQuantity", Code: "too_large", Message: "No more is on the shelf again than came."})
		case item.Received > most:
			tooMany = append(tooMany, errs.Field{
				Name: name + "receivedQuantity", Code: ErrReturnCame.Code, Message: fmt.Sprintf("Only %d of this line were to come.", most),
			})
		}
		seen[item.ItemID] = true
		sum += int64(item.Received)
	}
	switch {
	case len(wrong) > 0:
		return errs.InvalidFields(wrong...)
	case len(tooMany) > 0:
		return ErrReturnCame.With(tooMany...)
	case sum == 0:
		return errs.InvalidFields(errs.Field{Name: "items", Code: "nothing_came", Message: "Cancel a return of which nothing came."})
	}
	return nil
}
