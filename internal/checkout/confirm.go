package checkout

import (
	"context"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"cartwright/internal/jobs"
	"cartwright/internal/orders"
)

// OrderConfirmation tells the customer that an order is bought and paid: one job for each such order.
type OrderConfirmation struct {
	OrderID uuid.UUID `json:"orderId"`
}

// Kind names the job.
func (OrderConfirmation) Kind() string { return "order_confirmation" }

// Limits are a mail's; an order is confirmed once.
func (OrderConfirmation) Limits() jobs.Limits {
	limits := jobs.ForMail()
	limits.Once = true
	return limits
}

// confirmedTx takes an order whose money and stock are certain to its paid state, and has the customer
// told once tx commits.
func (s *Service) confirmedTx(
	ctx context.Context, tx pgx.Tx, order orders.Order, paid orders.State, cause orders.Cause,
) (orders.Order, error) {
	order, err := s.Orders.MoveTx(ctx, tx, order, paid, cause)
	if err != nil {
		return order, err
	}
	return order, s.Jobs.EnqueueTx(ctx, tx, OrderConfirmation{order.ID}, s.Now())
}
