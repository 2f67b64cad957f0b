package catalog

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"cartwright/gen/db"
	"cartwright/internal/errs"
	"cartwright/internal/media"
	"cartwright/internal/postgres"
)

// NewProduct is a product to store. The first of Variants becomes the default one.
type NewProduct struct {
	Details
	Images   []Image
	Variants []VariantDetails
}

// CreateTx stores the product and answers its id and those of its variants, in their order.
// ErrSKUTaken, ErrOptionsTaken, ErrProductSlugTaken, or an Invalid error for an unknown category, a
// reserved slug or options that are none.
func (s *Service) CreateTx(ctx context.Context, tx pgx.Tx, product NewProduct) (uuid.UUID, []uuid.UUID, error) {
	id := uuid.Must(uuid.NewV7())
	if err := s.createProduct(ctx, tx, id, product.Details); err != nil {
		return id, nil, err
	}
	if err := s.createImages(ctx, tx, id, product.Images); err != nil {
		return id, nil, err
	}
	variantIDs, err := s.createVariants(ctx, tx, id, product.Variants)
	return id, variantIDs, err
}

// createProduct stores the product's row under the given slug, else under one derived from the
// name: the plain one, or, where another product has that, one with a piece of the id behind it.
func (s *Service) createProduct(ctx context.Context, tx pgx.Tx, id uuid.UUID, product Details) error {
	if product.Slug != "" {
		if reserved(product.Slug) {
			return errSlugReserved
		}
		return s.createAs(ctx, tx, id, product)
	}
	plain, suffix := slugOf(product.Name), id.String()[28:]
	if product.Slug = plain; plain != "" && !reserved(plain) {
		// In a savepoint: whoever takes the slug at this moment must not spoil the transaction.
		err := s.db.InTx(ctx, func(ctx context.Context, tx pgx.Tx) error { return s.createAs(ctx, tx, id, product) })
		if !errors.Is(err, ErrProductSlugTaken) {
			return err
		}
	}
	if plain == "" {
		plain = "product"
	}
	product.Slug = plain + "-" + suffix
	return s.createAs(ctx, tx, id, product)
}

func (s *Service) createAs(ctx context.Context, tx pgx.Tx, id uuid.UUID, product Details) error {
	err := s.q.ProductCreate(ctx, tx, db.ProductCreateParams{
		ID:                id,
		CategoryID:        product.CategoryID,
		Name:              product.Name,
		Slug:              product.Slug,
		Description:       product.Description,
		ShortDescription:  product.ShortDescription,
		Status:            string(product.Status),
		TrackInventory:    product.TrackInventory,
		LowStockThreshold: product.LowStockThreshold,
		Dimensions:        product.Dimensions,
		IsFeatured:        product.IsFeatured,
		SEOTitle:          product.SEOTitle,
		SEODescription:    product.SEODescription,
		Now:               s.now(),
	})
	if err != nil {
		return refused(fmt.Errorf("create product: %w", err))
	}
	return KeepShownTx(ctx, tx, []Texts{{id, product.ShortDescription, product.Description}})
}

func (s *Service) createImages(ctx context.Context, tx pgx.Tx, product uuid.UUID, images []Image) error {
	rows := make([]db.ImageCreateParams, len(images))
	for i, image := range images {
		rows[i] = db.ImageCreateParams{
			ID: uuid.Must(uuid.NewV7()), ProductID: product, URL: image.URL, KeyInURL: media.KeyIn(image.URL),
			AltText: image.AltText, SortOrder: int32(i), Now: s.now(),
		}
	}
	if err := postgres.BatchError(s.q.ImageCreate(ctx, tx, rows).Exec); err != nil {
		return fmt.Errorf("create images: %w", err)
	}
	return nil
}

func (s *Service) createVariants(
	ctx context.Context, tx pgx.Tx, product uuid.UUID, variants []VariantDetails,
) ([]uuid.UUID, error) {
	ids := make([]uuid.UUID, len(variants))
	rows := make([]db.VariantCreateParams, len(variants))
	for i, variant := range variants {
		ids[i] = uuid.Must(uuid.NewV7())
		row, err := fromVariant(variant)
		if err != nil {
			return nil, ofVariant(err, i)
		}
		row.ID, row.ProductID, row.IsDefault, row.Now = ids[i], product, i == 0, s.now()
		row.SortOrder = int32(i)
		rows[i] = row
	}
	var err error
	s.q.VariantCreate(ctx, tx, rows).Exec(func(i int, rowErr error) {
		if err == nil && rowErr != nil {
			err = ofVariant(refused(fmt.Errorf("create variants: %w", rowErr)), i)
		}
	})
	if err != nil {
		return nil, err
	}
	return ids, nil
}

// ofVariant names the fields of an error as the request for a new product has them: the first variant
// is the default one, whose fields are the product's.
func ofVariant(err error, i int) error {
	var known *errs.Error
	if i == 0 || !errors.As(err, &known) {
		return err
	}
	named := *known
	named.Fields = slices.Clone(known.Fields)
	for f := range named.Fields {
		named.Fields[f].Name = fmt.Sprintf("variants[%d].%s", i-1, named.Fields[f].Name)
	}
	return &named
}
