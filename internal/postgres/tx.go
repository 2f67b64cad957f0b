package postgres

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"cartwright/internal/crash"
)

type txKey struct{}

// current is the transaction that the context carries, or nil.
func current(ctx context.Context) pgx.Tx {
	tx, _ := ctx.Value(txKey{}).(pgx.Tx)
	return tx
}

// InsideTx tells whether a transaction is open in this context. Whoever is about to talk over the
// network asks, because a transaction must never wait for that.
func InsideTx(ctx context.Context) bool { return current(ctx) != nil }

// Func is the body of a transaction. Its context carries tx; tx itself is for those who want it.
type Func func(ctx context.Context, tx pgx.Tx) error

type afterKey struct{}

// AfterCommit calls fn once the outermost transaction of this context has committed, in its goroutine. Nothing must
// depend on the call: a process may end between the two, and without a transaction of InTx there is none.
func AfterCommit(ctx context.Context, fn func()) {
	if after, ok := ctx.Value(afterKey{}).(*[]func()); ok {
		*after = append(*after, fn)
	}
}

const maxTries = 4

// InTx runs fn in a transaction, or in a savepoint of the one that ctx carries, and commits when fn
// returns nil. After a serialization failure or deadlock it runs fn again, so fn must do nothing
// but speak to the database and fill variables anew.
func (db *DB) InTx(ctx context.Context, fn Func) error {
	for try := 1; ; try++ {
		err := db.runTx(ctx, fn)
		if try == maxTries || !retryable(err) {
			return err
		}
		if err := pause(ctx, try); err != nil {
			return err
		}
	}
}

func (db *DB) runTx(ctx context.Context, fn Func) error {
	outermost := !InsideTx(ctx)
	tx, err := db.conn(ctx).Begin(ctx)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	said := tx.Conn().PgConn().CustomData()
	if outermost {
		delete(said, changedKey) // by a transaction that was rolled back
	}
	// A no-op after Commit. It must also run when the request's context has ended.
	defer func() { _ = tx.Rollback(context.WithoutCancel(ctx)) }()
	ctx = context.WithValue(ctx, txKey{}, tx)
	var after []func()
	if outermost {
		ctx = context.WithValue(ctx, afterKey{}, &after)
		if err := begin(ctx, tx); err != nil {
			return err
		}
	}
	if err := fn(ctx, tx); err != nil {
		return err
	}
	changed := outermost && said[changedKey] != nil // after Commit the connection is another's
	if err := crash.Commit(func() error { return tx.Commit(ctx) }); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	if changed {
		after = append(after, db.changed...)
	}
	for _, call := range after {
		call()
	}
	return nil
}

// changedKey stands in a connection's data once its transaction has changed the catalogue.
const changedKey = "catalogue changed"

// noticeChanges hears what the triggers of the catalogue's tables say (announce_catalogue_change) in the
// answer to a statement that changed one.
func noticeChanges(conn *pgconn.PgConn, notice *pgconn.Notice) {
	if notice.Code == "01C01" {
		conn.CustomData()[changedKey] = true
	}
}

// retryable holds for errors after which nothing happened and the next try may go well.
func retryable(err error) bool {
	var pgErr *pgconn.PgError
	return errors.As(err, &pgErr) && (pgErr.Code == "40001" || pgErr.Code == "40P01")
}

func pause(ctx context.Context, try int) error {
	wait := time.Duration(try) * (5*time.Millisecond + rand.N(20*time.Millisecond))
	select {
	case <-time.After(wait):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
