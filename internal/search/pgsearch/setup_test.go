package pgsearch_test

import (
	"context"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"cartwright/internal/assortment"
	"cartwright/internal/catalog"
	"cartwright/internal/inventory"
	"cartwright/internal/media"
	"cartwright/internal/money"
	"cartwright/internal/page"
	"cartwright/internal/postgres"
	"cartwright/internal/postgres/pgtest"
	"cartwright/internal/search"
	"cartwright/internal/search/pgsearch"
)

// shop is a catalogue and an engine on it.
type shop struct {
	db         *postgres.DB
	catalog    *catalog.Service
	assortment *assortment.Service
	engine     *pgsearch.Engine
	search     *search.Service
	t          testing.TB
	made       int
}

func now() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }

// setup makes a shop whose counts are exact up to so many products; 0 means as many as in production.
func setup(t testing.TB, exact int) *shop {
	t.Helper()
	return setupWalking(t, exact, 0)
}

// setupWalking also says how many documents of an order are read before the matches are sorted.
func setupWalking(t testing.TB, exact, walk int) *shop {
	t.Helper()
	return setupWith(t, pgsearch.Config{Cap: exact, Walk: walk, Timeout: 20 * time.Second})
}

func setupWith(t testing.TB, config pgsearch.Config) *shop {
	t.Helper()
	db := pgtest.New(t)
	pages := page.NewCodec([]byte("a secret that only tests know"))
	s := &shop{db: db, catalog: catalog.New(db, pages, media.Addresses{}, nil, now), t: t}
	s.assortment = assortment.New(db, s.catalog, inventory.New(db, pages, now))
	config.DB, config.Now = db, now
	s.engine = pgsearch.New(config)
	s.search = search.New(s.engine, s.catalog, pages)
	return s
}

// keep has the engine kept up to date until the test ends.
func (s *shop) keep() {
	ctx, cancel := context.WithCancel(context.WithoutCancel(s.t.Context()))
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.engine.Keep(ctx, slog.New(slog.DiscardHandler))
	}()
	s.t.Cleanup(func() { cancel(); <-done })
}

func (s *shop) category(name string, parent *uuid.UUID) catalog.Category {
	s.t.Helper()
	s.made++
	made, err := s.catalog.CreateCategory(s.t.Context(), catalog.Category{
		Name: name, Slug: fmt.Sprintf("c-%d", s.made), ParentID: parent, IsActive: true,
	})
	require.NoError(s.t, err)
	return made
}

// product is what tests say of one; the rest is made up.
type product struct {
	name, description, sku string
	category               uuid.UUID
	price                  int64
	stock                  int32
	featured               bool
	variants               []variant
}

type variant struct {
	price   int64
	stock   int32
	options map[string]string
}

func (s *shop) product(p product) uuid.UUID {
	s.t.Helper()
	s.made++
	if p.sku == "" {
		p.sku = fmt.Sprintf("QQ-%d", s.made)
	}
	details := catalog.Details{
		CategoryID: p.category, Name: p.name, Description: &p.description, Status: catalog.Active,
		TrackInventory: true, IsFeatured: p.featured,
	}
	made := assortment.NewProduct{
		NewProduct: catalog.NewProduct{Details: details, Variants: []catalog.VariantDetails{
			{Name: p.name, SKU: p.sku, Price: money.New(p.price, "USD")},
		}},
		Quantities: []int32{p.stock},
	}
	for i, v := range p.variants {
		made.Variants = append(made.Variants, catalog.VariantDetails{
			Name: fmt.Sprint(i), SKU: fmt.Sprintf("%s-%d", p.sku, i), Price: money.New(v.price, "USD"), Options: v.options,
		})
		made.Quantities = append(made.Quantities, v.stock)
	}
	added, err := s.assortment.Add(s.t.Context(), made)
	require.NoError(s.t, err)
	return added.ID
}

// copies adds so many products like this one.
func (s *shop) copies(id uuid.UUID, count int) {
	s.t.Helper()
	s.copiesAs(id, `SELECT gen_random_uuid() AS id FROM generate_series(1, $2::integer)`, count)
}

// copiesAs adds a product like this one for every id that is selected.
func (s *shop) copiesAs(id uuid.UUID, ids string, count int) {
	s.t.Helper()
	s.exec(`
		WITH made AS (
			INSERT INTO products
			SELECT (jsonb_populate_record(p, jsonb_build_object('id', n.id, 'slug', n.id))).*
			FROM products p, (`+ids+`) AS n
			WHERE p.id = $1
			RETURNING id
		)
		INSERT INTO product_variants
		SELECT (jsonb_populate_record(v, jsonb_build_object('id', gen_random_uuid(), 'product_id', m.id, 'sku', m.id))).*
		FROM product_variants v, made m
		WHERE v.product_id = $1`, id, count)
}

func (s *shop) find(query search.Query) search.Found {
	s.t.Helper()
	found, err := s.search.Find(s.t.Context(), query)
	require.NoError(s.t, err)
	return found
}

// text finds the names of the first page.
func (s *shop) text(text string) []string {
	s.t.Helper()
	return names(s.find(search.Query{Text: text}))
}

func names(found search.Found) []string {
	out := []string{}
	for _, product := range found.Items {
		out = append(out, product.Name)
	}
	return out
}

// exec changes the database behind the services' backs.
func (s *shop) exec(sql string, args ...any) {
	s.t.Helper()
	_, err := s.db.Exec(s.t.Context(), sql, args...)
	require.NoError(s.t, err)
}
