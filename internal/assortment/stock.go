package assortment

import (
	"context"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"cartwright/internal/catalog"
	"cartwright/internal/inventory"
	"cartwright/internal/page"
)

// Stock is the level of each variant of the product with this id or slug, the default one first;
// catalog.ErrProductNotFound.
func (s *Service) Stock(ctx context.Context, idOrSlug string) ([]inventory.Level, error) {
	product, err := s.catalog.ID(ctx, idOrSlug)
	if err != nil {
		return nil, err
	}
	levels, err := s.inventory.Levels(ctx, product)
	if err == nil && len(levels) == 0 {
		return nil, catalog.ErrProductNotFound
	}
	return levels, err
}

// AdjustStock moves the stock of one variant by hand, nil meaning the default one, and answers the
// level as it is then. catalog.ErrProductNotFound and the errors of inventory.AdjustTx.
func (s *Service) AdjustStock(
	ctx context.Context, idOrSlug string, variant *uuid.UUID, change inventory.Adjustment,
) (inventory.Level, error) {
	return s.changeStock(ctx, idOrSlug, variant, func(ctx context.Context, tx pgx.Tx, id uuid.UUID) error {
		return s.inventory.AdjustTx(ctx, tx, id, change)
	})
}

// SetBackorder allows or ends back-orders of a variant and answers its level.
// catalog.ErrProductNotFound and the errors of inventory.SetBackorderTx.
func (s *Service) SetBackorder(ctx context.Context, idOrSlug string, variant uuid.UUID, allow bool) (inventory.Level, error) {
	return s.changeStock(ctx, idOrSlug, &variant, func(ctx context.Context, tx pgx.Tx, id uuid.UUID) error {
		return s.inventory.SetBackorderTx(ctx, tx, id, allow)
	})
}

// changeStock finds the variant, changes its level and reads it again.
func (s *Service) changeStock(
	ctx context.Context, idOrSlug string, variant *uuid.UUID, change func(context.Context, pgx.Tx, uuid.UUID) error,
) (changed inventory.Level, err error) {
	err = s.db.InTx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		before, err := s.level(ctx, idOrSlug, variant)
		if err != nil {
			return err
		}
		if err := change(ctx, tx, before.VariantID); err != nil {
			return err
		}
		changed, err = s.level(ctx, idOrSlug, &before.VariantID)
		return err
	})
	return changed, err
}

func (s *Service) level(ctx context.Context, idOrSlug string, variant *uuid.UUID) (inventory.Level, error) {
	levels, err := s.Stock(ctx, idOrSlug)
	if err != nil {
		return inventory.Level{}, err
	}
	for _, level := range levels {
		if (variant == nil && level.IsDefault) || (variant != nil && level.VariantID == *variant) {
			return level, nil
		}
	}
	return inventory.Level{}, inventory.ErrVariantNotFound
}

// Movements pages through the stock movements of a product, or of one of its variants, newest first.
// catalog.ErrProductNotFound, inventory.ErrVariantNotFound.
func (s *Service) Movements(
	ctx context.Context, idOrSlug string, variant *uuid.UUID, request page.Request,
) (page.Of[inventory.Movement], error) {
	if _, err := s.level(ctx, idOrSlug, variant); err != nil {
		return page.Of[inventory.Movement]{}, err
	}
	product, err := s.catalog.ID(ctx, idOrSlug)
	if err != nil {
		return page.Of[inventory.Movement]{}, err
	}
	return s.inventory.Movements(ctx, product, variant, request)
}
