package catalog

import (
	"context"
	"fmt"
	"reflect"
	"slices"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"cartwright/gen/db"
	"cartwright/internal/postgres"
)

// maxVariants is how many variants a product has at most, the default one included.
const maxVariants = 101

// CreateVariantTx adds a variant to a product and answers both ids. ErrProductNotFound, ErrStale,
// ErrTooManyVariants, ErrSKUTaken, ErrOptionsTaken, or an Invalid error.
func (s *Service) CreateVariantTx(
	ctx context.Context, tx pgx.Tx, idOrSlug string, match Match, variant VariantDetails,
) (product, id uuid.UUID, err error) {
	locked, err := s.lockProduct(ctx, tx, idOrSlug, match)
	if err != nil {
		return product, id, err
	}
	if len(locked.variants) >= maxVariants {
		return product, id, ErrTooManyVariants
	}
	if variant.FollowsPrice {
		variant.Price = locked.variants[0].Price
	}
	row, err := fromVariant(variant)
	if err != nil {
		return product, id, err
	}
	product, id = locked.row.ID, uuid.Must(uuid.NewV7())
	row.ID, row.ProductID, row.Now = id, product, s.now()
	row.SortOrder = int32(len(locked.variants)) // behind the others; where two have the same place, ids decide
	err = postgres.BatchError(s.q.VariantCreate(ctx, tx, []db.VariantCreateParams{row}).Exec)
	if err != nil {
		return product, id, refused(fmt.Errorf("create the variant: %w", err))
	}
	return product, id, s.TouchTx(ctx, tx, product)
}

// UpdateVariant changes a variant and answers its product. change is as in UpdateProduct.
// ErrProductNotFound, ErrVariantNotFound, ErrStale, ErrSKUTaken, ErrOptionsTaken, or an Invalid error.
func (s *Service) UpdateVariant(
	ctx context.Context, idOrSlug string, id uuid.UUID, match Match, change func(*VariantDetails),
) (updated Product, err error) {
	err = s.db.InTx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		locked, err := s.lockProduct(ctx, tx, idOrSlug, match)
		if err != nil {
			return err
		}
		variant, err := locked.variant(id)
		if err != nil {
			return err
		}
		before := variant.VariantDetails
		if change(&variant.VariantDetails); !reflect.DeepEqual(before, variant.VariantDetails) {
			if err := s.writeVariant(ctx, tx, locked, variant); err != nil {
				return err
			}
			if err := s.TouchTx(ctx, tx, locked.row.ID); err != nil {
				return err
			}
		}
		updated, err = s.readAgain(ctx, locked.row.ID)
		return err
	})
	return updated, err
}

// DeleteVariant deletes a variant that nobody ever ordered and answers its product.
// ErrProductNotFound, ErrVariantNotFound, ErrStale, ErrVariantIsDefault, ErrVariantOrdered.
func (s *Service) DeleteVariant(
	ctx context.Context, idOrSlug string, id uuid.UUID, match Match,
) (left Product, err error) {
	err = s.db.InTx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		locked, err := s.lockProduct(ctx, tx, idOrSlug, match)
		if err != nil {
			return err
		}
		variant, err := locked.variant(id)
		if err != nil {
			return err
		}
		if variant.IsDefault {
			return ErrVariantIsDefault
		}
		if err := ordered(s.q.VariantDelete(ctx, tx, id), ErrVariantOrdered); err != nil {
			return err
		}
		if err := s.TouchTx(ctx, tx, locked.row.ID); err != nil {
			return err
		}
		left, err = s.readAgain(ctx, locked.row.ID)
		return err
	})
	return left, err
}

func (p lockedProduct) variant(id uuid.UUID) (Variant, error) {
	i := slices.IndexFunc(p.variants, func(v Variant) bool { return v.ID == id })
	if i < 0 {
		return Variant{}, ErrVariantNotFound
	}
	return p.variants[i], nil
}

// changedSKU is a variant's SKU, tidy unless it is the one it has.
func (p lockedProduct) changedSKU(variant Variant) (string, error) {
	if had, err := p.variant(variant.ID); err == nil && had.SKU == variant.SKU {
		return had.SKU, nil
	}
	return tidied("sku", variant.SKU)
}

// writeVariant stores a changed variant. The default one's price is the product's, and those without
// one of their own get it too.
func (s *Service) writeVariant(ctx context.Context, tx pgx.Tx, product lockedProduct, variant Variant) (err error) {
	switch {
	case variant.IsDefault && variant.FollowsPrice:
		return errNoPrice
	case variant.FollowsPrice:
		variant.Price = product.variants[0].Price
	}
	if variant.SKU, err = product.changedSKU(variant); err != nil {
		return err
	}
	options, err := fromOptions(variant.Options)
	if err != nil {
		return err
	}
	err = s.q.VariantUpdate(ctx, tx, db.VariantUpdateParams{
		ID:                variant.ID,
		Name:              variant.Name,
		SKU:               variant.SKU,
		PriceMinor:        variant.Price.Minor,
		FollowsPrice:      variant.FollowsPrice,
		ComparePriceMinor: fromAmount(variant.ComparePrice),
		CostPriceMinor:    fromAmount(variant.CostPrice),
		Weight:            variant.Weight,
		Options:           options,
		IsActive:          !variant.Inactive,
		Now:               s.now(),
	})
	if err != nil {
		return refused(fmt.Errorf("change the variant: %w", err))
	}
	if !variant.IsDefault || variant.Price == product.variants[0].Price {
		return nil
	}
	err = s.q.VariantsFollowPrice(ctx, tx, db.VariantsFollowPriceParams{
		ProductID: product.row.ID, PriceMinor: variant.Price.Minor, Now: s.now(),
	})
	if err != nil {
		return fmt.Errorf("change the prices that follow: %w", err)
	}
	return nil
}
