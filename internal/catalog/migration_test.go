package catalog_test

import (
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"cartwright/internal/postgres"
	"cartwright/internal/postgres/pgtest"
)

// A shop from before options were unique is not hurt by becoming one where they are.
func TestVariantsOfTheSameOptionsAreToldApartByTheirSKUs(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	migrator, err := postgres.NewMigrator(t.Context(), db.Pool().Config().ConnString())
	require.NoError(t, err)
	defer migrator.Close()
	steps, err := migrator.Status(t.Context())
	require.NoError(t, err)
	for i := len(steps) - 1; steps[i].Source.Version >= 9; i-- {
		require.NoError(t, migrator.Down(t.Context()))
	}
	_, err = db.Exec(t.Context(), `
		INSERT INTO categories (id, name, slug, created_at) VALUES (gen_random_uuid(), 'c', 'c', now());
		INSERT INTO products (id, category_id, name, slug, status, created_at, updated_at)
			SELECT gen_random_uuid(), id, p, p, 'ACTIVE', now(), now() FROM categories, unnest(ARRAY['p', 'q']) p;
		INSERT INTO product_variants (id, product_id, is_default, name, sku, price_minor, currency, options, sort_order, created_at, updated_at)
			SELECT gen_random_uuid(), p.id, n = 0, 'v', p.name || n, 1, 'USD', o, n, now(), now()
			FROM products p, (VALUES (0, '{}'::jsonb), (1, '{}'), (2, '{"a": "x", "b": "y"}'), (3, '{"b": "y", "a": "x"}'), (4, '{"a": "z"}')) v(n, o)`)
	require.NoError(t, err)
	require.NoError(t, migrator.Up(t.Context()))
	rows, err := db.Query(t.Context(), `SELECT sku || options::text FROM product_variants ORDER BY sku`)
	require.NoError(t, err)
	found, err := pgx.CollectRows(rows, pgx.RowTo[string])
	require.NoError(t, err)
	require.Equal(t, []string{
		`p0{}`, `p1{}`, `p2{"a": "x", "b": "y"}`, `p3{"a": "x", "b": "y", "sku": "p3"}`, `p4{"a": "z"}`,
		`q0{}`, `q1{}`, `q2{"a": "x", "b": "y"}`, `q3{"a": "x", "b": "y", "sku": "q3"}`, `q4{"a": "z"}`,
	}, found)
}
