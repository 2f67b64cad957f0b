package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// Read runs fn in a transaction that only reads, in which every statement sees the same moment. What fn
// sets for the transaction ends with it.
func (db *DB) Read(ctx context.Context, fn Func) error {
	tx, err := db.pool.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly})
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	defer func() { _ = tx.Rollback(context.WithoutCancel(ctx)) }()
	return fn(context.WithValue(ctx, txKey{}, tx), tx)
}
