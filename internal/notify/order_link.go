package notify

import (
	"context"
	"errors"

	"cartwright/internal/checkout"
	"cartwright/internal/orders"
)

// linkOrder mails a link to a guest's order to the address it has. Each attempt makes a token of its own: what is stored of
// an earlier one does not tell it.
func (s *Service) linkOrder(ctx context.Context, job checkout.OrderLink) error {
	order, err := s.Orders.AddToken(ctx, job.OrderID)
	switch {
	case errors.Is(err, orders.ErrNotFound):
		return nil
	case err != nil:
		return err
	}
	return s.Send(ctx, Mail{
		To: Recipient{Address: order.Email}, About: order.ID,
		Content: OrderFound{ID: order.ID, Number: order.Number, Token: order.Token, ExpiresIn: orders.LinkLasts},
	})
}
