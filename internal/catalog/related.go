package catalog

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"cartwright/gen/db"
)

// Related is what goes with a product: what was bought together with it lately, most often first, then
// what else its category has. Only ACTIVE products, in the same number of statements however many.
func (s *Service) Related(ctx context.Context, idOrSlug string, viewer Viewer, limit int) ([]Product, error) {
	product, err := s.Get(ctx, idOrSlug, viewer)
	if err != nil {
		return nil, err
	}
	related, err := s.q.ProductListBoughtWith(ctx, s.db, db.ProductListBoughtWithParams{
		ProductID: product.ID, ListLimit: int32(limit),
	})
	if err != nil {
		return nil, fmt.Errorf("list what was bought together: %w", err)
	}
	alike, err := s.q.ProductListInCategory(ctx, s.db, db.ProductListInCategoryParams{
		CategoryID: product.CategoryID,
		Without:    append([]uuid.UUID{product.ID}, related...),
		ListLimit:  int32(limit - len(related)),
	})
	if err != nil {
		return nil, fmt.Errorf("list the products of the category: %w", err)
	}
	return s.ByIDs(ctx, append(related, alike...), Viewer{})
}
