package catalog

import (
	"context"

	"github.com/google/uuid"
)

// ID tells the id of the product with this id or slug. An id is answered as it is, whether there is such a product or
// not; ErrProductNotFound for a slug that no product has.
func (s *Service) ID(ctx context.Context, idOrSlug string) (uuid.UUID, error) {
	if readsAsID(idOrSlug) {
		return uuid.Parse(idOrSlug)
	}
	id, err := s.q.ProductIDBySlug(ctx, s.db, idOrSlug)
	if err != nil {
		return id, missing(err, ErrProductNotFound, "find the product by slug")
	}
	return id, nil
}
