package checkout

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"cartwright/internal/jobs"
	"cartwright/internal/orders"
	"cartwright/internal/payments"
)

// sweepEvery is how late an order may be let go. Looking for those that are due costs a placed order nothing,
// where a job of its own would cost it more than its rows.
const sweepEvery = 10 * time.Second

// anyDue is whether expireDue would find one.
const anyDue = "EXISTS (SELECT FROM orders WHERE status = 'PENDING' AND expires_at <= now())"

// lookAgain is how soon the expiry of an order with a payment under way is tried again. A bank may
// take days, and each look asks the provider.
const lookAgain = 5 * time.Minute

// expireDue finds the orders whose time to pay is over.
type expireDue struct{}

// Kind names the job.
func (expireDue) Kind() string { return "orders_expire_due" }

// expireOrder lets an unpaid order go when its time is over.
type expireOrder struct {
	OrderID uuid.UUID `json:"orderId"`
}

// Kind names the job.
func (expireOrder) Kind() string { return "order_expire" }

// Limits make one job of an order, which stays due while a payment of it is under way.
func (expireOrder) Limits() jobs.Limits { return jobs.Limits{Once: true} }

// expireDue is the job that gives each order that is due a job of its own.
func (s *Service) expireDue(ctx context.Context, _ expireDue) error {
	for after := (orders.Due{}); ; {
		due, err := s.Orders.ListDue(ctx, after)
		if err != nil || len(due) == 0 {
			return err
		}
		found := make([]jobs.Args, len(due))
		for i, order := range due {
			found[i] = expireOrder{order.ID}
		}
		err = s.DB.InTx(ctx, func(ctx context.Context, tx pgx.Tx) error {
			return s.Jobs.EnqueueAllTx(ctx, tx, found, s.Now())
		})
		if err != nil {
			return err
		}
		after = due[len(due)-1]
	}
}

// expire is the job that ends an order whose time to pay is over.
func (s *Service) expire(ctx context.Context, job expireOrder) error {
	order, err := s.Orders.Get(ctx, job.OrderID)
	if err != nil || !order.Payable() {
		return err
	}
	if left := order.ExpiresAt.Sub(s.Now()); left > 0 {
		return jobs.Again(left)
	}
	cause := orders.Cause{Type: "expired", Actor: bySystem, Reason: "not paid in time"}
	_, err = s.stop(ctx, job.OrderID, cause, unpaidOnly)
	if errors.Is(err, payments.ErrInFlight) {
		return jobs.Again(lookAgain)
	}
	return err
}
