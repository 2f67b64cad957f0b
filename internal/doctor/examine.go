package doctor

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/jackc/pgx/v5"

	"cartwright/internal/postgres"
)

// shown is how many broken things of a check are named.
const shown = 20

// Examine runs every check, writes a line for each with the time it took, and under it what is broken:
// the first twenty, and how many more. It answers how many checks do not hold.
func Examine(ctx context.Context, db *postgres.DB, out io.Writer) (broken int, err error) {
	err = inPeace(ctx, db, func(ctx context.Context, tx pgx.Tx) error {
		broken = 0
		for _, check := range checks() {
			found, err := check.run(ctx, tx)
			if err != nil {
				return fmt.Errorf("find out whether %s: %w", check.holds, err)
			}
			if err := found.write(out, check.holds); err != nil {
				return err
			}
			if found.count > 0 {
				broken++
			}
		}
		return nil
	})
	return broken, err
}

// inPeace is a transaction that sees one moment, may take its time and memory, and writes nothing.
func inPeace(ctx context.Context, db *postgres.DB, work postgres.Func) error {
	return db.InTx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `
			SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY;
			SET LOCAL statement_timeout = 0;
			SET LOCAL idle_in_transaction_session_timeout = 0;
			SET LOCAL work_mem = '256MB';
			SET LOCAL max_parallel_workers_per_gather = 2;
			SET LOCAL jit = off`)
		if err != nil {
			return fmt.Errorf("prepare the session: %w", err)
		}
		return work(ctx, tx)
	})
}

// findings are what contradicts a check.
type findings struct {
	first []string
	count int
	took  time.Duration
}

func (c check) run(ctx context.Context, tx pgx.Tx) (f findings, err error) {
	began := time.Now()
	if c.find != nil {
		found, err := c.find(ctx, tx)
		return findings{first: found[:min(shown, len(found))], count: len(found), took: time.Since(began)}, err
	}
	rows, err := tx.Query(ctx, `
		SELECT what, count(*) OVER ()
		FROM (`+c.broken+`) AS broken (what)
		ORDER BY what
		LIMIT $1`, append([]any{shown}, c.args...)...)
	if err != nil {
		return f, err
	}
	var what string
	_, err = pgx.ForEachRow(rows, []any{&what, &f.count}, func() error {
		f.first = append(f.first, what)
		return nil
	})
	f.took = time.Since(began)
	return f, err
}

func (f findings) write(out io.Writer, holds string) error {
	verdict := "ok"
	if f.count > 0 {
		verdict = "BROKEN"
	}
	if _, err := fmt.Fprintf(out, "%-7s %s (%.1f s)\n", verdict, holds, f.took.Seconds()); err != nil {
		return err
	}
	for _, what := range f.first {
		if _, err := fmt.Fprintf(out, "        %s\n", what); err != nil {
			return err
		}
	}
	if more := f.count - len(f.first); more > 0 {
		_, err := fmt.Fprintf(out, "        and %d more\n", more)
		return err
	}
	return nil
}
