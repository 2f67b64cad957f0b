package orders

import (
	"context"

	"github.com/jackc/pgx/v5"
)

// RefundTx records what happened to a refund of a locked order, and takes the order to where that leads: there is an
// event also where the state stays. ErrTransition.
func (s *Service) RefundTx(ctx context.Context, tx pgx.Tx, order Order, to State, cause Cause) (Order, error) {
	return s.changeTx(ctx, tx, order, to, cause)
}
