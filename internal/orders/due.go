package orders

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"cartwright/gen/db"
)

// Due is an unpaid order whose time to pay is over, since then.
type Due struct {
	ID    uuid.UUID
	Since time.Time
}

// ListDue is the next of them after one, from the one due longest; none when there are no more.
func (s *Service) ListDue(ctx context.Context, after Due) ([]Due, error) {
	rows, err := s.q.OrderDueList(ctx, s.db, db.OrderDueListParams{
		Now: s.now(), AfterTime: after.Since, AfterID: after.ID, PageLimit: dueAtOnce,
	})
	if err != nil {
		return nil, fmt.Errorf("list orders that are due: %w", err)
	}
	due := make([]Due, len(rows))
	for i, row := range rows {
		due[i] = Due{ID: row.ID, Since: row.ExpiresAt}
	}
	return due, nil
}

const dueAtOnce = 100

// ExtendTx gives a locked order until then to be paid, and never less than it has.
func (s *Service) ExtendTx(ctx context.Context, tx pgx.Tx, order Order, until time.Time) (Order, error) {
	if !order.ExpiresAt.Before(until) {
		return order, nil
	}
	extended, err := s.q.OrderExtend(ctx, tx, db.OrderExtendParams{ID: order.ID, ExpiresAt: until})
	if err != nil {
		return Order{}, fmt.Errorf("extend the time to pay: %w", err)
	}
	order.ExpiresAt = extended
	return order, nil
}
