package bulk

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"slices"
	"strconv"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"cartwright/internal/catalog"
)

// Options say how a file is imported.
type Options struct {
	Format  Format
	DryRun  bool
	Atomic  bool
	MaxRows int // 0 is as many as there are
	// Watch is called as rows are done with; it may be nil.
	Watch func(rows int)
}

// Import writes the rows of a file, in batches: each is written whole or not at all, and whoever ends
// the context ends the import behind one. What is wrong with rows is in the report, and so is all
// else that was done when Import answers an error:
//
//   - ErrHeader: the columns cannot be used; nothing was written.
//   - ErrRefused: the import is atomic and a row failed; nothing was written.
//   - ErrTooManyRows, or what reading the file answered: rows before that are written, unless the
//     import is atomic.
//
// An atomic import and a dry run read the file more than once if it can be rewound, or a copy of it.
func (s *Service) Import(ctx context.Context, file io.Reader, options Options) (Report, error) {
	if options.Atomic || options.DryRun {
		return s.importAtOnce(ctx, file, options)
	}
	run := s.newRun(options)
	err := run.all(ctx, file)
	return run.report, err
}

// importAtOnce imports in one transaction.
func (s *Service) importAtOnce(ctx context.Context, file io.Reader, options Options) (report Report, err error) {
	source, done, err := rewindable(file)
	if err != nil {
		return Report{DryRun: options.DryRun, Atomic: options.Atomic}, err
	}
	defer done()
	err = s.db.InTx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		if _, err := source.Seek(0, io.SeekStart); err != nil {
			return err
		}
		run := s.newRun(options)
		run.atOnce = true
		err := run.once(ctx, tx, source)
		report = run.report
		return err
	})
	if errors.Is(err, errDry) {
		err = nil
	}
	if err != nil && !options.DryRun {
		report.Created, report.Updated, report.Unchanged = 0, 0, 0
	}
	return report, err
}

// errDry rolls a dry run back.
var errDry = errors.New("dry run")

// run is one import under way.
type run struct {
	*Service
	options Options
	report  Report
	atOnce  bool // in one transaction
	seed    maphash.Seed
	lines   map[uint64]int32 // where each SKU stood first, by hash: the whole file's, so it must be small
	failed  map[uint64]int32 // where those of rows that failed did
	batch   batch
	pending []stockChange
	relevel []uuid.UUID // products whose levels follow them at the end
}

func (s *Service) newRun(options Options) *run {
	return &run{
		Service: s, options: options, report: Report{DryRun: options.DryRun, Atomic: options.Atomic},
		seed: maphash.MakeSeed(), lines: map[uint64]int32{}, failed: map[uint64]int32{},
	}
}

// once is a whole import within tx. Levels are locked at the end, so that no buyer waits for the rest.
func (r *run) once(ctx context.Context, tx pgx.Tx, file io.Reader) error {
	if err := r.q.BulkLevelsLater(ctx, tx); err != nil {
		return fmt.Errorf("leave the levels for the end: %w", err)
	}
	if err := r.all(ctx, file); err != nil {
		return err
	}
	if err := r.settleStock(ctx, tx); err != nil {
		return err
	}
	switch {
	case r.options.DryRun:
		return errDry
	case r.report.Failed > 0:
		return ErrRefused
	}
	return nil
}

// all reads the file and writes its rows.
func (r *run) all(ctx context.Context, file io.Reader) error {
	rows, err := r.open(file)
	if err != nil {
		return err
	}
	for {
		c := &check{currency: r.currency}
		row, err := rows.next(c)
		if errors.Is(err, io.EOF) {
			return r.flush(ctx)
		}
		if err == nil && r.options.MaxRows > 0 && r.report.Rows == r.options.MaxRows {
			err = ErrTooManyRows
		}
		if err != nil {
			return cmp.Or(r.flush(ctx), err)
		}
		r.take(row, c)
		if r.batch.full() {
			if err := r.flush(ctx); err != nil {
				return err
			}
		}
	}
}

// rowReader reads a file row by row. Problems of a row are left with check; an error ends the file.
type rowReader interface {
	next(c *check) (*Row, error)
}

func (r *run) open(file io.Reader) (rowReader, error) {
	if r.options.Format == NDJSON {
		return newJSONRows(file), nil
	}
	return newCSVRows(file)
}

// take puts a row into the batch, or what is wrong with it.
func (r *run) take(row *Row, c *check) {
	r.report.Rows++
	r.batch.size += row.size
	if row.SKU == "" && len(c.problems) == 0 {
		c.column = skuName
		c.problem("required", "A row says what it is about.")
	}
	if row.SKU != "" && len(row.SKU) <= 4*texts[skuName].max {
		r.onlyOnce(row, c)
	}
	if len(c.problems) == 0 {
		r.batch.rows = append(r.batch.rows, row)
		return
	}
	for i := range c.problems {
		c.problems[i].Line = row.Line
		if c.problems[i].Column != skuName {
			c.problems[i].SKU = row.SKU
		}
	}
	r.batch.failed = append(r.batch.failed, c.problems)
	r.lose(row.key(), row.Line)
}

// lose remembers where a row failed, for rows that depend on it.
func (r *run) lose(key string, line int) {
	if hash := maphash.String(r.seed, key); key != "" {
		r.failed[hash] = int32(line)
	}
}

// failedAt is the line in which the row of a SKU failed.
func (r *run) failedAt(key string) (line int, failed bool) {
	at, failed := r.failed[maphash.String(r.seed, key)]
	return int(at), failed
}

// onlyOnce refuses a SKU that stood in the file before.
func (r *run) onlyOnce(row *Row, c *check) {
	hash := maphash.String(r.seed, row.key())
	if before, ok := r.lines[hash]; ok {
		c.column = skuName
		c.problem("duplicate_sku", "This SKU stands in line "+strconv.Itoa(int(before))+" already.")
		return
	}
	r.lines[hash] = int32(row.Line)
}

// flush writes the batch and reports it. It is not interrupted: what it did would not be known.
func (r *run) flush(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	b := r.batch
	r.batch = batch{rows: b.rows[:0], failed: b.failed[:0]}
	inBatch := ctx
	if !r.atOnce {
		inBatch = context.WithoutCancel(ctx)
	}
	done, failed, err := r.writeRows(inBatch, b.rows)
	if err != nil {
		return err
	}
	for _, problems := range failed {
		r.lose(catalog.Key(problems[0].SKU), problems[0].Line)
	}
	failed = append(failed, b.failed...)
	slices.SortStableFunc(failed, func(a, b []RowError) int { return cmp.Compare(a[0].Line, b[0].Line) })
	for _, problems := range failed {
		r.report.fail(problems...)
	}
	r.report.count(done)
	if r.options.Watch != nil {
		r.options.Watch(r.report.Rows)
	}
	return nil
}

// A batch is as many rows as are written together: enough to make a statement worth its way, few enough
// to hold in memory and to let others at their locks.
const (
	batchRows = 1000
	batchSize = 4 << 20
)

type batch struct {
	rows   []*Row
	failed [][]RowError
	size   int // in bytes
}

func (b *batch) full() bool {
	return len(b.rows)+len(b.failed) >= batchRows || b.size >= batchSize
}
