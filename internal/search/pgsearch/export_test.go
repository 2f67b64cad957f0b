package pgsearch

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/jackc/pgx/v5"

	"cartwright/internal/search"
)

// Statements are the names of the statements that a page is found with.
func (e *Engine) Statements(ctx context.Context, query search.Query, after json.RawMessage) (names []string, result search.Result, err error) {
	return e.findSlowly(ctx, query, after, "0")
}

// Slowly searches with a pause of so many seconds before each statement.
func (e *Engine) Slowly(ctx context.Context, query search.Query, pause string) error {
	_, _, err := e.findSlowly(ctx, query, nil, pause)
	return err
}

func (e *Engine) findSlowly(ctx context.Context, query search.Query, after json.RawMessage, pause string) (names []string, result search.Result, err error) {
	tree, err := e.forest.at(ctx, query.Category)
	if err != nil {
		return nil, result, err
	}
	err = e.read(ctx, func(ctx context.Context, tx pgx.Tx) error {
		result, err = e.find(ctx, &named{tx, &names, pause}, tree, query, after)
		return err
	})
	return names, result, err
}

// Turn does once what Keep does again and again.
func (e *Engine) Turn(ctx context.Context) error { return (&keeper{e: e, counted: e.now()}).turn(ctx) }

// Freshen takes one part of the notes.
func (e *Engine) Freshen(ctx context.Context) error {
	if err := e.see(ctx); err != nil {
		return err
	}
	_, err := e.freshen(ctx)
	return err
}

// Reads is how many documents a page is found by, as the indexes lead to them.
func (e *Engine) Reads(ctx context.Context, query search.Query) (read int, err error) {
	tree, err := e.forest.at(ctx, query.Category)
	if err != nil {
		return 0, err
	}
	const fetched = `
		SELECT pg_stat_get_xact_tuples_fetched('search_documents'::regclass)
			+ (SELECT sum(pg_stat_get_xact_tuples_fetched(indexrelid)) FROM pg_index WHERE indrelid = 'search_documents'::regclass)` // and by what ran before
	err = e.read(ctx, func(ctx context.Context, tx pgx.Tx) error {
		var before int
		if err := tx.QueryRow(ctx, fetched).Scan(&before); err != nil {
			return err
		}
		if _, err := e.find(ctx, tx, tree, query, nil); err != nil {
			return err
		}
		err := tx.QueryRow(ctx, fetched).Scan(&read)
		read -= before
		return err
	})
	return read, err
}

// named notes the name of each statement.
type named struct {
	pgx.Tx
	names *[]string
	pause string
}

func (n *named) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	if fields := strings.Fields(sql); len(fields) > 2 && fields[1] == "name:" {
		*n.names = append(*n.names, fields[2])
	}
	if _, err := n.Exec(ctx, "SELECT pg_sleep($1::text::float)", n.pause); err != nil {
		return nil, err
	}
	return n.Tx.Query(ctx, sql, args...)
}
