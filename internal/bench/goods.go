package main

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// goods are what to ask for. They are read from the database, so that nothing of it is measured.
type goods struct {
	ids        []string // of products for sale, by chance
	stocked    []string // of those with the most units
	categories []string // slugs, the fullest first
}

func readGoods(ctx context.Context, conn *pgx.Conn) (g goods, err error) {
	for _, read := range []struct {
		into  *[]string
		query string
	}{
		{&g.ids, `SELECT id::text FROM products WHERE status = 'ACTIVE' ORDER BY md5(id::text) LIMIT 20000`},
		{&g.stocked, `
			SELECT v.product_id::text
			FROM product_variants v
			JOIN stock_levels s ON s.variant_id = v.id
			JOIN products p ON p.id = v.product_id
			WHERE v.is_default AND p.status = 'ACTIVE' AND p.track_inventory
			ORDER BY s.on_hand DESC
			LIMIT least(2000, (SELECT count(*) FROM products) / 20)`},
		{&g.categories, `
			SELECT c.slug FROM categories c JOIN products p ON p.category_id = c.id
			GROUP BY c.slug ORDER BY count(*) DESC, c.slug LIMIT 40`},
	} {
		rows, err := conn.Query(ctx, read.query)
		if err != nil {
			return g, fmt.Errorf("read what there is to ask for: %w", err)
		}
		if *read.into, err = pgx.CollectRows(rows, pgx.RowTo[string]); err != nil {
			return g, fmt.Errorf("read what there is to ask for: %w", err)
		}
	}
	return g, nil
}

// stock raises a product's default variant to so many units, with the movement that the ledger asks for.
func stock(ctx context.Context, conn *pgx.Conn, product string, units int) error {
	_, err := conn.Exec(ctx, `
		WITH level AS (
			SELECT s.variant_id, $2 - s.available AS added
			FROM stock_levels s JOIN product_variants v ON v.id = s.variant_id
			WHERE v.product_id = $1 AND v.is_default
		), moved AS (
			INSERT INTO stock_movements (id, variant_id, quantity, reason, created_at)
			SELECT uuid_v7(now()), variant_id, added, 'RECEIVED', now() FROM level WHERE added <> 0
		)
		UPDATE stock_levels s SET on_hand = on_hand + level.added FROM level WHERE s.variant_id = level.variant_id`,
		product, units)
	if err != nil {
		return fmt.Errorf("stock a product: %w", err)
	}
	return nil
}
