package bulk

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"cartwright/internal/postgres"
)

// writeRows writes rows in a transaction, or in a savepoint of the import's. Nearly everything that is
// wrong with a row is found before it is written; what others do in that moment is found by the
// database, for the batch as a whole. Then it is written anew, seeing what they did, and then in halves,
// until what cannot be written is one row.
func (r *run) writeRows(ctx context.Context, rows []*Row) (tally, [][]RowError, error) {
	if len(rows) == 0 {
		return tally{}, nil, nil
	}
	done, failed, err := r.tryRows(ctx, rows)
	if refusal(err) != nil {
		done, failed, err = r.tryRows(ctx, rows)
	}
	refused := refusal(err)
	switch {
	case refused == nil:
		return done, failed, err
	case len(rows) == 1:
		return tally{}, [][]RowError{{refusedRow(rows[0], refused)}}, nil
	}
	first, failed, err := r.writeRows(ctx, rows[:len(rows)/2])
	if err != nil {
		return first, failed, err
	}
	second, more, err := r.writeRows(ctx, rows[len(rows)/2:])
	first.add(second)
	return first, append(failed, more...), err
}

func (t *tally) add(other tally) {
	t.created += other.created
	t.updated += other.updated
	t.unchanged += other.unchanged
}

func (r *run) tryRows(ctx context.Context, rows []*Row) (done tally, failed [][]RowError, err error) {
	var later []stockChange
	var relevel []uuid.UUID
	err = r.db.InTx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		st, err := r.read(ctx, tx, rows, r.atOnce)
		if err != nil {
			return err
		}
		st.failed = r.failedAt
		done, failed = st.plan(rows)
		if later = nil; r.atOnce {
			later = st.pending
		}
		if err := r.write(ctx, tx, st); err != nil || !r.atOnce {
			return err
		}
		relevel = st.relevelled
		// What waits for the commit is done now, a batch at a time, or it would be far too much at once.
		_, err = tx.Exec(ctx, "SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
		return err
	})
	if err == nil {
		r.pending, r.relevel = append(r.pending, later...), append(r.relevel, relevel...)
	}
	return done, failed, err
}

// refusal is what the database says to values it does not take, or nil.
func refusal(err error) *pgconn.PgError {
	var pgErr *pgconn.PgError
	if errors.As(err, &pgErr) && len(pgErr.Code) == 5 && (pgErr.Code[:2] == "23" || pgErr.Code[:2] == "22") {
		return pgErr
	}
	return nil
}

// refusedRow names what a constraint holds against a row.
func refusedRow(row *Row, refused *pgconn.PgError) RowError {
	problem := RowError{Line: row.Line, SKU: row.SKU, Code: "refused", Message: "The shop does not take this row."}
	switch postgres.Constraint(refused) {
	case "product_variants_sku_once", "product_variants_sku_key_once":
		problem.Column, problem.Code, problem.Message = skuName, "taken", "Another variant has this SKU."
	case "product_variants_options_once":
		problem.Column, problem.Code = optionsName, "taken"
		problem.Message = "Another variant of the product has these options."
	case "products_slug_once":
		problem.Column, problem.Code, problem.Message = "slug", "taken", "Another product has this slug."
	case "products_category_known":
		problem.Column, problem.Code, problem.Message = "category", "unknown_category", "There is no category with this slug."
	case "stock_never_negative":
		problem.Column, problem.Code, problem.Message = quantityName, "below_reserved", "Open orders hold more units than this."
	}
	return problem
}

// settleStock sets the levels that an import in one transaction has kept for its end, in the order in
// which everybody changes them.
func (r *run) settleStock(ctx context.Context, tx pgx.Tx) error {
	if err := r.relevelled(ctx, tx); err != nil {
		return err
	}
	slices.SortFunc(r.pending, func(a, b stockChange) int { return bytes.Compare(a.variant[:], b.variant[:]) })
	for chunk := range slices.Chunk(r.pending, batchRows) {
		ids := make([]uuid.UUID, len(chunk))
		for i, change := range chunk {
			ids[i] = change.variant
		}
		levels, err := r.levels(ctx, tx, ids, !r.options.DryRun)
		if err != nil {
			return err
		}
		fine := make([]stockChange, 0, len(chunk))
		for _, change := range chunk {
			if refused := change.refusal(levels[change.variant]); refused != nil {
				r.report.Updated--
				r.report.fail(*refused)
				continue
			}
			fine = append(fine, change)
		}
		if r.options.DryRun {
			continue
		}
		if err := r.setStock(ctx, tx, fine, levels); err != nil {
			return err
		}
	}
	return nil
}

// relevelled adds the levels that are to follow their products, and change in nothing else.
func (r *run) relevelled(ctx context.Context, tx pgx.Tx) error {
	if len(r.relevel) == 0 || r.options.DryRun {
		return nil
	}
	ids, err := r.q.BulkVariantsOf(ctx, tx, r.relevel)
	if err != nil {
		return fmt.Errorf("read the variants of products: %w", err)
	}
	set := make(map[uuid.UUID]bool, len(r.pending))
	for _, change := range r.pending {
		set[change.variant] = true
	}
	for _, id := range ids {
		if !set[id] {
			r.pending = append(r.pending, stockChange{variant: id})
		}
	}
	return nil
}
