package notify

import (
	"context"

	"cartwright/internal/checkout"
	"cartwright/internal/orders"
)

// confirmOrder tells the customer what was bought and paid.
func (s *Service) confirmOrder(ctx context.Context, job checkout.OrderConfirmation) error {
	order, err := s.Orders.Get(ctx, job.OrderID)
	if err != nil {
		return err
	}
	if order.Status == orders.Cancelled || order.Status == orders.Refunded || order.Email == orders.ErasedEmail {
		return nil // the mail was late, and says what is not so any more
	}
	return s.Send(ctx, Mail{
		To: Recipient{Address: order.Email}, About: order.ID, Content: OrderConfirmation{Order: order},
	})
}
