package catalog

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"cartwright/gen/db"
	"cartwright/internal/cache"
	"cartwright/internal/media"
	"cartwright/internal/money"
	"cartwright/internal/page"
	"cartwright/internal/postgres"
)

// Service reads and writes the catalogue.
type Service struct {
	db       *postgres.DB
	q        *db.Queries
	pages    page.Codec
	pictures media.Addresses
	kept     *cache.Cache[Product]
	now      func() time.Time
}

// New makes a service that keeps the products it reads in a cache made with Weight; nil keeps nothing.
func New(
	database *postgres.DB, pages page.Codec, pictures media.Addresses, kept *cache.Cache[Product], now func() time.Time,
) *Service {
	return &Service{db: database, q: db.New(), pages: pages, pictures: pictures, kept: kept, now: now}
}

// Get finds a product by id or slug; ErrProductNotFound when the viewer may not know of it.
func (s *Service) Get(ctx context.Context, idOrSlug string, viewer Viewer) (Product, error) {
	id, err := s.ID(ctx, idOrSlug)
	if err != nil {
		return Product{}, err
	}
	products, err := s.ByIDs(ctx, []uuid.UUID{id}, viewer)
	if err != nil {
		return Product{}, err
	}
	if len(products) == 0 {
		return Product{}, ErrProductNotFound
	}
	return products[0], nil
}

// ByIDs loads products with category, images and variants, in the order of ids. Left out are unknown ids, and what the
// viewer may not see, even where a look before found the id: it may have changed since. Outside a transaction a product
// may come from the cache, and is then at most cache.Lag old. Products are shared: they must not be changed.
func (s *Service) ByIDs(ctx context.Context, ids []uuid.UUID, viewer Viewer) ([]Product, error) {
	found, err := s.kept.Load(ctx, ids, s.read)
	if err != nil {
		return nil, err
	}
	products := make([]Product, 0, len(ids))
	for _, id := range ids {
		if product, ok := found[id]; ok && viewer.sees(product.Status) {
			products = append(products, product)
		}
	}
	return products, nil
}

// read fetches products in three statements, however many they are.
func (s *Service) read(ctx context.Context, ids []uuid.UUID) (map[uuid.UUID]Product, error) {
	if len(ids) == 0 {
		return map[uuid.UUID]Product{}, nil
	}
	rows, err := s.q.ProductsByIDs(ctx, s.db, ids)
	if err != nil {
		return nil, fmt.Errorf("read products: %w", err)
	}
	variants, err := s.q.VariantsByProducts(ctx, s.db, ids)
	if err != nil {
		return nil, fmt.Errorf("read variants: %w", err)
	}
	images, err := s.q.ImagesByProducts(ctx, s.db, ids)
	if err != nil {
		return nil, fmt.Errorf("read images: %w", err)
	}
	return toProducts(rows, variants, images, s.pictures)
}

// List is one page of products of a status, newest first. Anyone but staff sees ACTIVE ones only.
func (s *Service) List(ctx context.Context, status Status, viewer Viewer, request page.Request) (page.Of[Product], error) {
	if status == "" {
		status = Active
	}
	if !viewer.sees(status) {
		return page.Of[Product]{Items: []Product{}}, nil
	}
	read := func(after position, limit int32) ([]position, error) {
		rows, err := s.q.ProductListNewest(ctx, s.db, db.ProductListNewestParams{
			Status: string(status), BeforeTime: after.CreatedAt, BeforeID: after.ID, PageLimit: limit,
		})
		return mapSlice(rows, func(r db.ProductListNewestRow) position { return position(r) }), err
	}
	return s.newest(ctx, "products "+string(status), viewer, request, read)
}

// Featured is one page of the featured products, newest first.
func (s *Service) Featured(ctx context.Context, request page.Request) (page.Of[Product], error) {
	read := func(after position, limit int32) ([]position, error) {
		rows, err := s.q.ProductListFeatured(ctx, s.db, db.ProductListFeaturedParams{
			BeforeTime: after.CreatedAt, BeforeID: after.ID, PageLimit: limit,
		})
		return mapSlice(rows, func(r db.ProductListFeaturedRow) position { return position(r) }), err
	}
	return s.newest(ctx, "products featured", Viewer{}, request, read)
}

// position is where a newest-first page ends.
type position struct {
	ID        uuid.UUID
	CreatedAt time.Time
}

// newest pages through a newest-first query, which read runs, and loads what it finds.
func (s *Service) newest(
	ctx context.Context, list string, viewer Viewer, request page.Request, read func(position, int32) ([]position, error),
) (page.Of[Product], error) {
	after := position{ID: uuid.Max, CreatedAt: time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)}
	if request.Cursor != "" {
		if err := s.pages.Decode(list, request.Cursor, &after); err != nil {
			return page.Of[Product]{}, err
		}
	}
	size := request.Size()
	found, err := read(after, int32(size)+1)
	if err != nil {
		return page.Of[Product]{}, fmt.Errorf("list %s: %w", list, err)
	}
	cut, err := page.Cut(s.pages, list, found, size, func(p position) any { return p })
	if err != nil {
		return page.Of[Product]{}, err
	}
	items, err := s.ByIDs(ctx, mapSlice(cut.Items, func(p position) uuid.UUID { return p.ID }), viewer)
	return page.Of[Product]{Items: items, Next: cut.Next}, err
}

// Currency is what the shop's prices are in; "" while it has none.
func (s *Service) Currency(ctx context.Context) (money.Currency, error) {
	currency, err := s.q.VariantCurrency(ctx, s.db)
	if postgres.IsMissing(err) {
		return "", nil
	}
	return money.Currency(currency), err
}

// IsEmpty tells whether the shop has no product yet.
func (s *Service) IsEmpty(ctx context.Context) (bool, error) {
	count, err := s.q.ProductCount(ctx, s.db)
	return count == 0, err
}

func missing(err, notFound error, doing string) error {
	if postgres.IsMissing(err) {
		return notFound
	}
	return fmt.Errorf("%s: %w", doing, err)
}
