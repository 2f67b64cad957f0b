package media

import (
	"context"
	"fmt"
	"time"

	"cartwright/gen/db"
)

// keepUnused is how long a picture may be without use. It is longer than the day that its key names,
// plus what an upload may take: a file that is being removed cannot arrive anew under the same key.
const keepUnused = 48 * time.Hour

// sweepSize is how many pictures are looked up at once.
const sweepSize = 100

// Sweep removes pictures that nobody uses: uploads that a crash cut off, and what was deleted since.
type Sweep struct{}

// Kind names the job.
func (Sweep) Kind() string { return "media_sweep" }

// Sweep works the job. Files go before their record, so that none is forgotten.
func (l *Library) Sweep(ctx context.Context, _ Sweep) error {
	for {
		rows, err := l.q.MediaFileListUnused(ctx, l.db, db.MediaFileListUnusedParams{
			Before: l.now().Add(-keepUnused), PageLimit: sweepSize,
		})
		if err != nil {
			return fmt.Errorf("look for unused pictures: %w", err)
		}
		for _, row := range rows {
			if err := l.storage.Delete(ctx, toPicture(row).names()...); err != nil {
				return fmt.Errorf("remove the files of a picture: %w", err)
			}
			if err := l.q.MediaFileDelete(ctx, l.db, row.Key); err != nil {
				return fmt.Errorf("forget a picture: %w", err)
			}
		}
		if len(rows) < sweepSize {
			return nil
		}
	}
}
