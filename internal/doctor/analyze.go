package doctor

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// analyzable is the check that autovacuum can analyse every table.
var analyzable = check{holds: "autovacuum can analyse every table", find: findUnanalyzable}

// expression is what ANALYZE computes for each row of a table that it samples.
type expression struct{ table, owner, text string }

// findUnanalyzable computes on some rows what ANALYZE would, the way autovacuum does: with an empty search_path. An
// error there leaves a table without statistics, and pg_restore without the index.
func findUnanalyzable(ctx context.Context, tx pgx.Tx) (broken []string, err error) {
	inside, err := tx.Begin(ctx) // a savepoint, which also takes the empty path back
	if err != nil {
		return nil, err
	}
	defer func() { _ = inside.Rollback(ctx) }()
	if _, err := inside.Exec(ctx, "SET LOCAL search_path = ''"); err != nil {
		return nil, err
	}
	expressions, err := listExpressions(ctx, inside)
	if err != nil {
		return nil, err
	}
	for _, one := range expressions {
		err := one.compute(ctx, inside)
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if err != nil {
			broken = append(broken, fmt.Sprintf("table %s, because of %s: %v", one.table, one.owner, err))
		}
	}
	return broken, nil
}

// listExpressions lists the expressions and predicates of indexes, and the expressions of extended statistics. PostgreSQL
// writes them with every name qualified, because the search_path is empty.
func listExpressions(ctx context.Context, tx pgx.Tx) ([]expression, error) {
	rows, err := tx.Query(ctx, `
		SELECT i.indrelid::regclass::text, i.indexrelid::regclass::text,
			concat_ws(', ', pg_get_expr(i.indexprs, i.indrelid), pg_get_expr(i.indpred, i.indrelid))
		FROM pg_index i
		JOIN pg_class c ON c.oid = i.indrelid
		WHERE (i.indexprs IS NOT NULL OR i.indpred IS NOT NULL)
		  AND c.relnamespace NOT IN ('pg_catalog'::regnamespace, 'pg_toast'::regnamespace)
		UNION ALL
		SELECT s.stxrelid::regclass::text, s.stxnamespace::regnamespace || '.' || s.stxname, e.text
		FROM pg_statistic_ext s
		CROSS JOIN LATERAL unnest(pg_get_statisticsobjdef_expressions(s.oid)) AS e (text)
		ORDER BY 1, 2`)
	if err != nil {
		return nil, fmt.Errorf("list what ANALYZE computes: %w", err)
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (one expression, err error) {
		return one, row.Scan(&one.table, &one.owner, &one.text)
	})
}

// sampled is how many rows of a table an expression is computed for.
const sampled = 100

func (e expression) compute(ctx context.Context, tx pgx.Tx) error {
	inside, err := tx.Begin(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = inside.Rollback(ctx) }()
	// Both names come from the catalogue, quoted where they must be. Without OFFSET 0 the planner drops what is not used.
	_, err = inside.Exec(ctx, fmt.Sprintf("SELECT count(computed) FROM (SELECT ROW(%s) AS computed FROM %s LIMIT %d OFFSET 0) AS few",
		e.text, e.table, sampled))
	return err
}
