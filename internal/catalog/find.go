package catalog

import (
	"context"

	"github.com/google/uuid"
)

// Find tells the id of the product with this id or slug. An id is answered as it is, whether there is
// such a product or not; ErrProductNotFound for a slug that no product has.
func (s *Service) Find(ctx context.Context, idOrSlug string) (uuid.UUID, error) {
	return s.productID(ctx, idOrSlug)
}
