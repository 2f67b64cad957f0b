package catalog

import (
	"context"
	"fmt"
	"reflect"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"cartwright/gen/db"
	"cartwright/internal/postgres"
)

// GetToEdit is Get for whoever may change the product next: it is read in a transaction, which no cache
// answers, so that its version is the one a change is held to.
func (s *Service) GetToEdit(ctx context.Context, idOrSlug string, viewer Viewer) (product Product, err error) {
	err = s.db.InTx(ctx, func(ctx context.Context, _ pgx.Tx) error {
		product, err = s.Get(ctx, idOrSlug, viewer)
		return err
	})
	return product, err
}

// ProductEdit is what a merchant changes of a product: its own fields, and those of the default
// variant that stand for the product's.
type ProductEdit struct {
	Details
	Default VariantDetails
}

// UpdateProduct changes a product and answers it as it is then. change gets the present values and
// may be called more than once; what its pointers and maps lead to it must replace, not write to.
// ErrProductNotFound, ErrStale, ErrProductSlugTaken, ErrSKUTaken, or an Invalid error.
func (s *Service) UpdateProduct(
	ctx context.Context, idOrSlug string, match Match, change func(*ProductEdit),
) (updated Product, err error) {
	err = s.db.InTx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		locked, err := s.lockProduct(ctx, tx, idOrSlug, match)
		if err != nil {
			return err
		}
		main := locked.variants[0]
		before := ProductEdit{Details: toDetails(locked.row), Default: main.VariantDetails}
		after := before
		if change(&after); !reflect.DeepEqual(before, after) {
			if after.Default.Name == before.Name {
				after.Default.Name = after.Name // it never had a name of its own
			}
			if err := s.writeProduct(ctx, tx, locked.row, after.Details); err != nil {
				return err
			}
			main.VariantDetails = after.Default
			if err := s.writeVariant(ctx, tx, locked, main); err != nil {
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

func (s *Service) writeProduct(ctx context.Context, tx pgx.Tx, row db.Product, details Details) error {
	if details.Slug != row.Slug && reserved(details.Slug) {
		return errSlugReserved
	}
	err := s.q.ProductUpdate(ctx, tx, db.ProductUpdateParams{
		ID:                row.ID,
		CategoryID:        details.CategoryID,
		Name:              details.Name,
		Slug:              details.Slug,
		Description:       details.Description,
		ShortDescription:  details.ShortDescription,
		Status:            string(details.Status),
		TrackInventory:    details.TrackInventory,
		LowStockThreshold: details.LowStockThreshold,
		Dimensions:        details.Dimensions,
		IsFeatured:        details.IsFeatured,
		SEOTitle:          details.SEOTitle,
		SEODescription:    details.SEODescription,
	})
	if err != nil {
		return refused(fmt.Errorf("change the product: %w", err))
	}
	return KeepShownTx(ctx, tx, []Texts{{row.ID, details.ShortDescription, details.Description}})
}

// DeleteProduct deletes a product that nobody ever ordered. ErrProductNotFound, ErrStale,
// ErrProductOrdered.
func (s *Service) DeleteProduct(ctx context.Context, idOrSlug string, match Match) error {
	return s.db.InTx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		id, err := s.ID(ctx, idOrSlug)
		if err != nil {
			return err
		}
		row, err := s.q.ProductLockToDelete(ctx, tx, id)
		if err != nil {
			return missing(err, ErrProductNotFound, "lock the product")
		}
		if err := match.check(row.Version); err != nil {
			return err
		}
		return ordered(s.q.ProductDelete(ctx, tx, id), ErrProductOrdered)
	})
}

// ordered turns the refusal to delete what an order refers to into an error of its own.
func ordered(err, refusal error) error {
	switch postgres.Constraint(err) {
	case "order_items_product_id_fkey", "order_items_variant_id_fkey", "stock_reservations_variant_id_fkey":
		return refusal
	}
	return err
}

// lockedProduct is a product that nobody else changes until the transaction ends.
type lockedProduct struct {
	row      db.Product
	variants []Variant // the default one first; what is available of them is not known
}

// LockTx keeps others from changing the product, its variants and images until tx ends, and tells its
// id. ErrProductNotFound; ErrStale when the command is not meant for the version it has.
func (s *Service) LockTx(ctx context.Context, tx pgx.Tx, idOrSlug string, match Match) (uuid.UUID, error) {
	id, err := s.ID(ctx, idOrSlug)
	if err != nil {
		return id, err
	}
	row, err := s.q.ProductLock(ctx, tx, id)
	if err != nil {
		return id, missing(err, ErrProductNotFound, "lock the product")
	}
	return id, match.check(row.Version)
}

// TouchTx says that the product, a variant or an image of it has changed: it gets its next version.
func (s *Service) TouchTx(ctx context.Context, tx pgx.Tx, product uuid.UUID) error {
	if err := s.q.ProductTouch(ctx, tx, db.ProductTouchParams{ID: product, Now: s.now()}); err != nil {
		return fmt.Errorf("touch the product: %w", err)
	}
	return nil
}

func (s *Service) lockProduct(ctx context.Context, tx pgx.Tx, idOrSlug string, match Match) (lockedProduct, error) {
	id, err := s.ID(ctx, idOrSlug)
	if err != nil {
		return lockedProduct{}, err
	}
	row, err := s.q.ProductLock(ctx, tx, id)
	if err != nil {
		return lockedProduct{}, missing(err, ErrProductNotFound, "lock the product")
	}
	if err := match.check(row.Version); err != nil {
		return lockedProduct{}, err
	}
	rows, err := s.q.VariantsOfProduct(ctx, tx, id)
	if err != nil {
		return lockedProduct{}, fmt.Errorf("read the variants: %w", err)
	}
	locked := lockedProduct{row: row}
	for _, row := range rows {
		variant, err := toVariant(row, 0)
		if err != nil {
			return lockedProduct{}, err
		}
		locked.variants = append(locked.variants, variant)
	}
	return locked, nil
}

// readAgain is the product as this transaction leaves it.
func (s *Service) readAgain(ctx context.Context, id uuid.UUID) (Product, error) {
	found, err := s.ByIDs(ctx, []uuid.UUID{id}, Viewer{Staff: true})
	if err != nil {
		return Product{}, err
	}
	return found[0], nil
}
