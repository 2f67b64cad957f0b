package scale

import (
	"context"
	"fmt"
	"slices"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"cartwright/gen/db"
)

// findableTx makes the search documents of the products, which the triggers would have made one by one.
func (s Shop) findableTx(ctx context.Context, tx pgx.Tx, numbers []int, bare bool) error {
	q := db.New()
	if bare {
		if err := q.SearchDropIndexes(ctx, tx); err != nil {
			return fmt.Errorf("drop the indexes of search: %w", err)
		}
	}
	report, done := s.report("search"), 0
	for part := range slices.Chunk(numbers, chunk) {
		ids := make([]uuid.UUID, len(part))
		for i, n := range part {
			ids[i] = newID(productID, n, 0)
		}
		if err := q.SearchRefresh(ctx, tx, ids); err != nil {
			return fmt.Errorf("make search documents: %w", err)
		}
		done += len(part)
		report(done, len(numbers))
	}
	if bare {
		if err := q.SearchMakeIndexes(ctx, tx); err != nil {
			return fmt.Errorf("make the indexes of search: %w", err)
		}
	}
	return nil
}
