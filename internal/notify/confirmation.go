package notify

import (
	"context"

	"cartwright/internal/checkout"
)

// confirmOrder tells the customer what was bought and paid.
func (s *Service) confirmOrder(ctx context.Context, job checkout.OrderConfirmation) error {
	order, err := s.Orders.Get(ctx, job.OrderID)
	if err != nil {
		return err
	}
	return s.Send(ctx, Mail{
		To: Recipient{Address: order.Email}, About: order.ID, Content: OrderConfirmation{Order: order},
	})
}
