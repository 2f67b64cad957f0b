// Package assortment puts products on sale: the product of the catalogue together with its stock.
//
// Owns: no table; the one transaction that writes both.
// Does not own: what a product is (package catalog) or how stock moves (package inventory).
//
// Invariants: every variant has a stock level from the moment it exists, opened with a movement.
package assortment

import (
	"context"
	"slices"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"cartwright/internal/catalog"
	"cartwright/internal/inventory"
	"cartwright/internal/postgres"
)

// Service adds to what the shop sells.
type Service struct {
	db        *postgres.DB
	catalog   *catalog.Service
	inventory *inventory.Service
}

// New makes a service.
func New(db *postgres.DB, catalog *catalog.Service, inventory *inventory.Service) *Service {
	return &Service{db: db, catalog: catalog, inventory: inventory}
}

// AddVariant adds a variant and its stock to a product and answers the product as staff see it. The
// errors are those of catalog.CreateVariantTx.
func (s *Service) AddVariant(ctx context.Context, add AddVariant) (product catalog.Product, err error) {
	err = s.db.InTx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		id, variant, err := s.catalog.CreateVariantTx(ctx, tx, add.Product, add.Match, add.Variant)
		if err != nil {
			return err
		}
		stock := []inventory.Opening{{
			Units: inventory.Units{VariantID: variant, Quantity: add.Quantity}, AllowBackorder: add.AllowBackorder,
		}}
		if err := s.inventory.OpenTx(ctx, tx, stock); err != nil {
			return err
		}
		found, err := s.catalog.ByIDs(ctx, []uuid.UUID{id}, catalog.Viewer{Staff: true})
		if err == nil {
			product = found[0]
		}
		return err
	})
	return product, err
}

// AddVariant is a variant to add to the product of this id or slug, and the units there are of it.
type AddVariant struct {
	Product        string
	Match          catalog.Match
	Variant        catalog.VariantDetails
	Quantity       int32
	AllowBackorder bool
}

// NewProduct is a product and the units there are of each of its variants, in their order; of those in
// Backorders, more may be sold.
type NewProduct struct {
	catalog.NewProduct
	Quantities []int32
	Backorders []int // places of variants
}

// Add stores a product with its variants and their stock, all or nothing, and answers it as staff
// see it. The errors are those of catalog.CreateTx.
func (s *Service) Add(ctx context.Context, product NewProduct) (added catalog.Product, err error) {
	err = s.db.InTx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		id, variants, err := s.catalog.CreateTx(ctx, tx, product.NewProduct)
		if err != nil {
			return err
		}
		stock := make([]inventory.Opening, len(variants))
		for i, variant := range variants {
			stock[i].Units = inventory.Units{VariantID: variant, Quantity: product.Quantities[i]}
			stock[i].AllowBackorder = slices.Contains(product.Backorders, i)
		}
		if err := s.inventory.OpenTx(ctx, tx, stock); err != nil {
			return err
		}
		found, err := s.catalog.ByIDs(ctx, []uuid.UUID{id}, catalog.Viewer{Staff: true})
		if err == nil {
			added = found[0]
		}
		return err
	})
	return added, err
}
