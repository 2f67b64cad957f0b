package pgsearch

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"cartwright/internal/catalog"
)

// textsBatch is how many products' texts are read at once.
const textsBatch = 200

// readTexts reads the texts with markup that nobody has read yet, and reports whether there may be more. Who writes a
// product through package catalog or bulk reads them then; these are from before, or written in SQL.
func (e *Engine) readTexts(ctx context.Context) (more bool, err error) {
	err = e.db.InTx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		found, err := e.q.SearchUnreadTake(ctx, tx, textsBatch)
		if more = len(found) == textsBatch; err != nil || len(found) == 0 {
			return err
		}
		texts := make([]catalog.Texts, len(found))
		for i, row := range found {
			texts[i] = catalog.Texts{ID: row.ID, Short: row.ShortDescription, Long: row.Description}
		}
		return catalog.KeepShownTx(ctx, tx, texts)
	})
	if err != nil {
		return false, fmt.Errorf("read texts: %w", err)
	}
	return more, nil
}
