package demo

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/google/uuid"

	"cartwright/internal/assortment"
	"cartwright/internal/catalog"
	"cartwright/internal/money"
)

// Shop is what is to be filled.
type Shop struct {
	Catalog    *catalog.Service
	Assortment *assortment.Service
	Currency   money.Currency
	BaseURL    string // where shoppers reach Handler's ImagePath: "http://localhost:3000"
}

// Report counts what was added and what was there before.
type Report struct {
	CategoriesAdded, CategoriesSkipped int
	ProductsAdded, ProductsSkipped     int
}

// ErrBaseURL reports a Shop whose pictures would have no address: the spec asks for absolute ones.
var ErrBaseURL = errors.New("the demo shop needs the http or https address of the server for its pictures")

// Seed adds the demo shop's categories and products, each in its own transaction. A category or product that has the
// slug, or a product that has the SKU, of one of ours stays as it is and is counted as skipped. After an error the
// report tells how far it came; calling again goes on from there.
func Seed(ctx context.Context, shop Shop) (Report, error) {
	var report Report
	if _, err := money.ParseCurrency(string(shop.Currency)); err != nil {
		return report, fmt.Errorf("seed the demo shop: %w", err)
	}
	base, err := url.Parse(shop.BaseURL)
	if err != nil || (base.Scheme != "http" && base.Scheme != "https") || base.Host == "" {
		return report, ErrBaseURL
	}
	all, err := readGoods()
	if err != nil {
		return report, err
	}
	ids, err := shop.addCategories(ctx, all.Categories, &report)
	if err != nil {
		return report, err
	}
	return report, shop.addProducts(ctx, all.Products, ids, &report)
}

// staff sees what is inactive or not yet public, which is there all the same.
var staff = catalog.Viewer{Staff: true}

// addCategories answers the ids by slug.
func (s Shop) addCategories(ctx context.Context, categories []category, report *Report) (map[string]uuid.UUID, error) {
	ids := make(map[string]uuid.UUID, len(categories))
	for i, category := range categories {
		id, added, err := s.ensureCategory(ctx, s.fromCategory(category, i, ids))
		if err != nil {
			return nil, fmt.Errorf("add the demo category %q: %w", category.Name, err)
		}
		ids[category.Slug] = id
		count(added, &report.CategoriesAdded, &report.CategoriesSkipped)
	}
	return ids, nil
}

// ensureCategory looks a second time when adding is refused: somebody else may just have added it.
func (s Shop) ensureCategory(ctx context.Context, category catalog.Category) (id uuid.UUID, added bool, err error) {
	found, err := s.Catalog.Category(ctx, category.Slug, staff)
	if !errors.Is(err, catalog.ErrCategoryNotFound) {
		return found.ID, false, err
	}
	created, err := s.Catalog.CreateCategory(ctx, category)
	if errors.Is(err, catalog.ErrCategorySlugTaken) || errors.Is(err, catalog.ErrCategoryNameTaken) {
		if found, again := s.Catalog.Category(ctx, category.Slug, staff); again == nil {
			return found.ID, false, nil
		}
	}
	return created.ID, err == nil, err
}

func (s Shop) addProducts(ctx context.Context, products []product, ids map[string]uuid.UUID, report *Report) error {
	for _, product := range products {
		added, err := s.ensureProduct(ctx, product, ids[product.Category])
		if err != nil {
			return fmt.Errorf("add the demo product %q: %w", product.Name, err)
		}
		count(added, &report.ProductsAdded, &report.ProductsSkipped)
	}
	return nil
}

func (s Shop) ensureProduct(ctx context.Context, product product, category uuid.UUID) (added bool, err error) {
	_, err = s.Catalog.Get(ctx, product.Slug, staff)
	if !errors.Is(err, catalog.ErrProductNotFound) {
		return false, err
	}
	goods, err := s.fromProduct(product, category)
	if err != nil {
		return false, err
	}
	_, err = s.Assortment.Add(ctx, goods)
	if errors.Is(err, catalog.ErrProductSlugTaken) || errors.Is(err, catalog.ErrSKUTaken) {
		return false, nil
	}
	return err == nil, err
}

// imageURL is absolute, as the spec wants it.
func (s Shop) imageURL(name string) string {
	return strings.TrimSuffix(s.BaseURL, "/") + images()[name].path()
}

func count(added bool, yes, no *int) {
	if added {
		*yes++
	} else {
		*no++
	}
}
