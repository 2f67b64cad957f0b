package checkout

import (
	"context"
	"errors"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"cartwright/internal/jobs"
	"cartwright/internal/orders"
)

// OrderLink is the job of mailing a link to a guest's order. It names no order where a look-up found none.
type OrderLink struct {
	OrderID uuid.UUID `json:"orderId"`
}

// Kind names the job.
func (OrderLink) Kind() string { return "order_link" }

// Limits are a mail's.
func (OrderLink) Limits() jobs.Limits { return jobs.ForMail() }

// MailLink mails a link to a guest's order to the address it has, if the number and the address are those of one. It does
// the same work, a read and a job, whether or not there is such an order.
func (s *Service) MailLink(ctx context.Context, number, email string) error {
	return s.DB.InTx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		id, err := s.Orders.FindGuests(ctx, tx, number, email)
		if errors.Is(err, orders.ErrNotFound) {
			id, err = uuid.Must(uuid.NewV7()), nil
		}
		if err != nil {
			return err
		}
		return s.Jobs.EnqueueTx(ctx, tx, OrderLink{id}, s.Now())
	})
}
