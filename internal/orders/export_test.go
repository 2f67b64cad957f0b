package orders

import (
	"context"

	"cartwright/gen/db"
	"cartwright/internal/page"
)

// ListThrough asks for the first page of a list through something else than the database.
func (s *Service) ListThrough(ctx context.Context, through db.DBTX, filter Filter) {
	_, _ = s.listThrough(ctx, through, filter, page.Request{})
}
