package orders

import (
	"context"

	"github.com/jackc/pgx/v5"
)

// DisputeTx records what happened to a dispute of a locked order. The order stays where it is: what a bank takes is not
// given back by the shop.
func (s *Service) DisputeTx(ctx context.Context, tx pgx.Tx, order Order, cause Cause) (Order, error) {
	return s.changeTx(ctx, tx, order, order.State, cause)
}
