package inventory_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"cartwright/gen/db"
	"cartwright/internal/inventory"
	"cartwright/internal/page"
	"cartwright/internal/postgres"
	"cartwright/internal/postgres/pgtest"
)

// threshold is that of every product.
const threshold = 5

// stand is inventory on a database of its own.
type stand struct {
	db       *postgres.DB
	stock    *inventory.Service
	category uuid.UUID
}

func setup(t *testing.T) *stand {
	t.Helper()
	s := &stand{db: pgtest.New(t), category: uuid.New()}
	s.stock = inventory.New(s.db, page.NewCodec([]byte("secret")), time.Now)
	_, err := s.db.Exec(t.Context(), `INSERT INTO categories (id, name, slug, created_at) VALUES ($1, 'c', 'c', now())`, s.category)
	require.NoError(t, err)
	return s
}

// variant is a new one, so many on hand.
func (s *stand) variant(t require.TestingT, onHand int32, backorder bool) uuid.UUID {
	id := uuid.New()
	err := s.db.InTx(context.Background(), func(ctx context.Context, tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `
			WITH product AS (
				INSERT INTO products (id, category_id, name, slug, status, track_inventory, low_stock_threshold, is_featured, created_at, updated_at)
				VALUES ($1, $2, 'p', $1::uuid::text, 'ACTIVE', true, $3, false, now(), now())
			)
			INSERT INTO product_variants (id, product_id, is_default, name, sku, price_minor, currency, created_at, updated_at)
			VALUES ($1, $1, true, 'v', $1::uuid::text, 1, 'USD', now(), now())`, id, s.category, threshold)
		if err != nil {
			return err
		}
		return s.stock.OpenTx(ctx, tx, []inventory.Opening{
			{Units: inventory.Units{VariantID: id, Quantity: onHand}, AllowBackorder: backorder},
		})
	})
	require.NoError(t, err)
	return id
}

// numbers are on hand, allocated, reserved and how often the variant became low.
func (s *stand) numbers(t require.TestingT, variant uuid.UUID) (n [4]int32) {
	require.NoError(t, s.db.QueryRow(context.Background(), `
		SELECT on_hand, allocated, reserved, (SELECT count(*) FROM stock_events e WHERE e.variant_id = s.variant_id)
		FROM stock_levels s WHERE variant_id = $1`, variant).Scan(&n[0], &n[1], &n[2], &n[3]))
	return n
}

// agree holds every level to its ledger and reservations, and the list of what is low to the levels.
func (s *stand) agree(t require.TestingT) {
	broken, err := db.New().StockDisagreements(context.Background(), s.db)
	require.NoError(t, err)
	require.Empty(t, broken)
	var wrong int
	require.NoError(t, s.db.QueryRow(context.Background(), `
		SELECT count(*) FROM stock_levels s FULL JOIN stock_low l USING (variant_id)
		WHERE (s.on_hand - s.allocated - s.reserved <= s.low_stock_at) <> (l.since IS NOT NULL)`).Scan(&wrong))
	require.Zero(t, wrong)
}
