package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"
)

type beginKey struct{}

// AtBegin has fn run first in every transaction that InTx begins with this context, and again in each of its tries;
// not in savepoints. When fn fails so does the transaction. It takes the place of one that was to run before.
// Statements that stand alone, and Read, begin none.
func AtBegin(ctx context.Context, fn Func) context.Context {
	return context.WithValue(ctx, beginKey{}, fn)
}

// begin runs what was to run first in tx.
func begin(ctx context.Context, tx pgx.Tx) error {
	if first, ok := ctx.Value(beginKey{}).(Func); ok {
		return first(ctx, tx)
	}
	return nil
}
