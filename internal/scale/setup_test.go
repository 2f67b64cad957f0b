package scale

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cartwright/internal/catalog"
	"cartwright/internal/media"
	"cartwright/internal/money"
	"cartwright/internal/page"
	"cartwright/internal/postgres"
	"cartwright/internal/postgres/pgtest"
)

const address = "https://shop.example.com"

var today = time.Date(2026, 3, 29, 11, 30, 0, 0, time.UTC)

func setup(t *testing.T, currency money.Currency) Shop {
	t.Helper()
	return on(pgtest.New(t), currency)
}

func on(db *postgres.DB, currency money.Currency) Shop {
	now := func() time.Time { return today }
	return Shop{
		DB: db, Catalog: catalog.New(db, page.NewCodec([]byte("secret")), media.Addresses{}, nil, now), Currency: currency,
		BaseURL: address, Pictures: []string{"/pictures/a.svg", "/pictures/b.svg", "/pictures/c.svg"}, Now: now,
	}
}

func (s Shop) mustSeed(t *testing.T, products int) Report {
	t.Helper()
	report, err := Seed(t.Context(), s, products)
	require.NoError(t, err)
	return report
}

// scan is the one value of a query.
func scan[T any](t *testing.T, s Shop, query string) (value T) {
	t.Helper()
	require.NoError(t, s.DB.QueryRow(t.Context(), query).Scan(&value), query)
	return value
}

// content is a digest of everything that was seeded. A category's id is the shop's own, its slug is ours.
func content(t *testing.T, s Shop) string {
	t.Helper()
	return scan[string](t, s, `
		SELECT md5(string_agg(line, E'\n' ORDER BY line)) FROM (
			SELECT concat_ws('|', p.id, c.slug, p.name, p.slug, p.description, p.short_description, p.status, p.track_inventory,
				p.low_stock_threshold, p.dimensions, p.is_featured, p.created_at AT TIME ZONE 'UTC', p.updated_at AT TIME ZONE 'UTC') AS line
			FROM products p JOIN categories c ON c.id = p.category_id
			UNION ALL SELECT concat_ws('|', id, product_id, is_default, name, sku, price_minor, follows_price, compare_price_minor, cost_price_minor,
				currency, weight, options, is_active, sort_order, created_at AT TIME ZONE 'UTC') FROM product_variants
			UNION ALL SELECT concat_ws('|', id, product_id, url, alt_text, sort_order, created_at AT TIME ZONE 'UTC') FROM product_images
			UNION ALL SELECT concat_ws('|', variant_id, on_hand, reserved) FROM stock_levels
			UNION ALL SELECT concat_ws('|', id, variant_id, quantity, reason, created_at AT TIME ZONE 'UTC') FROM stock_movements
		) lines`)
}

// definitions of every index, constraint and trigger.
func structure(t *testing.T, s Shop) []string {
	t.Helper()
	found := scan[[]string](t, s, `
		SELECT array_agg(line ORDER BY line) FROM (
			SELECT format('index %s', indexdef) AS line FROM pg_indexes WHERE schemaname = 'public'
			UNION ALL SELECT format('constraint %s on %s %s %s', conname, conrelid::regclass, pg_get_constraintdef(oid), convalidated)
				FROM pg_constraint WHERE connamespace = 'public'::regnamespace
			UNION ALL SELECT format('trigger %s on %s %s', tgname, tgrelid::regclass, tgenabled) FROM pg_trigger WHERE NOT tgisinternal
		) lines`)
	require.Greater(t, len(found), 100)
	return found
}
