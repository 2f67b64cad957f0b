package scale

import (
	"context"
	"fmt"
	"slices"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"cartwright/gen/db"
)

// tables are those that are filled, in the order of filling.
var tables = []string{"products", "product_variants", "product_images", "stock_levels", "stock_movements", "search_documents"}

// chunk is how many products go together: enough for COPY to pay, few enough to be held twice in memory.
const chunk = 5000

// loadTx adds the products of these numbers with all that belongs to them.
func (s Shop) loadTx(ctx context.Context, tx pgx.Tx, numbers []int, categories []uuid.UUID) error {
	bare, err := pays(ctx, tx, len(numbers))
	if err != nil {
		return err
	}
	var dropped *definitions
	if bare {
		if dropped, err = dropTx(ctx, tx, tables); err != nil {
			return err
		}
	}
	known, err := readLexicon(ctx, tx, categories)
	if err != nil {
		return err
	}
	if err := s.copyTx(ctx, tx, numbers, known); err != nil {
		return err
	}
	if err := known.recordTx(ctx, tx); err != nil {
		return err
	}
	if bare {
		if err := dropped.restoreTx(ctx, tx, s.report("indexes")); err != nil {
			return err
		}
	}
	return nil
}

// pays tells whether it is quicker to make the indexes anew than to add to them.
func pays(ctx context.Context, tx pgx.Tx, added int) (bool, error) {
	const few = 2000 // below, neither takes a second
	there, err := db.New().ProductCount(ctx, tx)
	if err != nil {
		return false, fmt.Errorf("count the products: %w", err)
	}
	return added >= few && there <= int64(added)/10, nil
}

func (s Shop) report(step string) func(done, total int) {
	return func(done, total int) {
		if s.Progress != nil {
			s.Progress(Progress{Step: step, Done: done, Total: total})
		}
	}
}

// copyTx makes the rows of one chunk while the database takes those of the last.
func (s Shop) copyTx(ctx context.Context, tx pgx.Tx, numbers []int, known *lexicon) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	ready := make(chan *rows)
	go func() {
		defer close(ready)
		w := s.writer(known)
		for part := range slices.Chunk(numbers, chunk) {
			select {
			case ready <- w.write(part):
			case <-ctx.Done():
				return
			}
		}
	}()
	report, done := s.report("products"), 0
	for r := range ready {
		if err := r.runTx(ctx, tx); err != nil {
			return err
		}
		done += r.count
		report(done, len(numbers))
	}
	return ctx.Err()
}
