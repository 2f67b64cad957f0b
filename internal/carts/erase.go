package carts

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"cartwright/gen/db"
)

// EraseTx takes away every cart of a customer, and those of these ids: the carts behind orders that they placed as a
// guest and that joined their account later. What was bought stands in the orders.
func (s *Service) EraseTx(ctx context.Context, tx pgx.Tx, customer uuid.UUID, ids []uuid.UUID) error {
	if err := s.q.CartErase(ctx, tx, db.CartEraseParams{CustomerID: customer, Ids: ids}); err != nil {
		return fmt.Errorf("erase the carts: %w", err)
	}
	return nil
}
