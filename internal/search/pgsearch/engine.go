package pgsearch

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"cartwright/gen/db"
	"cartwright/internal/postgres"
	"cartwright/internal/search"
)

// Config is what an engine needs.
type Config struct {
	DB  *postgres.DB
	Now func() time.Time
	// Cap is up to how many matches counts are exact; 0 means 10,000.
	Cap int
	// Walk is how many documents of an order are read in the hope that enough of them match, before all
	// that match are sorted; 0 means 20,000.
	Walk int
	// Timeout is how long one statement may take; 0 means 2 s. A search, which has at most some twenty,
	// may take one and a half of it as a whole.
	Timeout time.Duration
}

const (
	defaultCap     = 10_000
	defaultWalk    = 20_000
	defaultTimeout = 2 * time.Second
)

// Engine searches in PostgreSQL.
type Engine struct {
	db      *postgres.DB
	q       *db.Queries
	now     func() time.Time
	cap     int
	walk    int
	timeout time.Duration
	forest  *forest
	woken   chan struct{} // holds one when Keep has work
}

var _ search.Engine = (*Engine)(nil)

// New makes an engine.
func New(config Config) *Engine {
	e := &Engine{db: config.DB, q: db.New(), now: config.Now, cap: config.Cap, walk: config.Walk, timeout: config.Timeout, woken: make(chan struct{}, 1)}
	if e.cap == 0 {
		e.cap = defaultCap
	}
	if e.walk == 0 {
		e.walk = defaultWalk
	}
	if e.timeout == 0 {
		e.timeout = defaultTimeout
	}
	e.forest = newForest(e.db, e.now)
	e.db.OnChange(e.wake)
	e.db.Pulse().Watch(waits, e.wake)
	return e
}

// Search is described by search.Engine.
func (e *Engine) Search(ctx context.Context, query search.Query, after json.RawMessage) (result search.Result, err error) {
	tree, err := e.forest.at(ctx, query.Category)
	if err != nil {
		return result, fmt.Errorf("read the categories: %w", err)
	}
	if query.Category != "" && !tree.shows(query.Category) {
		return result, search.ErrCategory
	}
	err = e.read(ctx, func(ctx context.Context, tx pgx.Tx) error {
		result, err = e.find(ctx, tx, tree, query, after)
		return err
	})
	return result, err
}

// read opens a transaction in which no statement takes long, nor all together.
func (e *Engine) read(ctx context.Context, fn postgres.Func) error {
	ctx, cancel := context.WithTimeout(ctx, e.timeout*3/2)
	defer cancel()
	return e.db.Read(ctx, func(ctx context.Context, tx pgx.Tx) error {
		if err := e.q.SearchLimits(ctx, tx, fmt.Sprint(e.timeout.Milliseconds())); err != nil {
			return fmt.Errorf("set limits: %w", err)
		}
		return fn(ctx, tx)
	})
}

// find looks for what was typed and, when there is nothing, for what may have been meant.
func (e *Engine) find(ctx context.Context, tx pgx.Tx, tree *tree, query search.Query, after json.RawMessage) (search.Result, error) {
	place, err := readPlace(after)
	if err != nil {
		return search.Result{}, err
	}
	said, err := e.understand(ctx, tx, query.Text)
	if err != nil {
		return search.Result{}, err
	}
	if place.Corrected != "" {
		if said, err = e.understand(ctx, tx, place.Corrected); err != nil {
			return search.Result{}, err
		}
	}
	result, found, err := e.seek(tx, tree, query, said).run(ctx, place)
	if wide, differs := said.widened(); err == nil && !found && differs {
		result, found, err = e.seek(tx, tree, query, wide).run(ctx, place)
	}
	if err != nil || found || len(said.groups) == 0 || place.Corrected != "" {
		result.CorrectedQuery = place.Corrected
		return result, err
	}
	corrections, err := e.correct(ctx, tx, said)
	if err != nil {
		return result, err
	}
	for _, c := range corrections {
		second, found, err := e.seek(tx, tree, query, c.said).run(ctx, place)
		if err != nil {
			return result, err
		}
		if found {
			second.CorrectedQuery = c.text
			return second, nil
		}
	}
	return result, nil
}
