package orders

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

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
