package pgsearch

import (
	"context"
	"fmt"
	"math"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"cartwright/gen/db"
	"cartwright/internal/search"
)

// seeker is one search under way.
type seeker struct {
	e       *Engine
	tx      pgx.Tx
	tree    *tree
	query   search.Query
	said    said
	book    *book
	options map[string][]string // folded
	dims    []dimension
	from    int64 // prices
	to      int64
	base    []row // what the words match: all of it, or its part in the sample
	whole   bool  // base is all of it
	least   int64 // what is known to match at least
}

func (e *Engine) seek(tx pgx.Tx, tree *tree, query search.Query, said said) *seeker {
	s := &seeker{
		e: e, tx: tx, tree: tree, query: query, said: said, book: newBook(),
		from: 0, to: math.MaxInt64, options: map[string][]string{},
	}
	if query.MinPrice != nil {
		s.from = query.MinPrice.Minor
	}
	if query.MaxPrice != nil {
		s.to = query.MaxPrice.Minor
	}
	for name, values := range query.Options {
		for _, value := range values {
			s.options[fold(name)] = append(s.options[fold(name)], fold(value))
		}
	}
	s.dims = s.dimensions(query)
	return s
}

// run answers the page, and whether anything was found at all.
func (s *seeker) run(ctx context.Context, place place) (result search.Result, found bool, err error) {
	if s.said.isText && len(s.said.groups) == 0 && len(s.said.skus) == 0 {
		result.Facets = s.facets(nil)
		return result, true, nil // no word in it: nothing to correct either
	}
	if err := s.readBase(ctx); err != nil {
		return result, false, err
	}
	views := make([]view, len(s.dims)+1) // by the dimension left out; the last leaves none out
	for i := range views {
		if views[i], err = s.view(ctx, i); err != nil {
			return result, false, err
		}
	}
	all := views[len(s.dims)]
	result.Total = all.count()
	result.Facets = s.facets(views)
	if all.approximate || place.Tier > 0 {
		result.IDs, result.Next, err = s.walk(ctx, all, place)
	} else {
		result.IDs, result.Next = s.cut(all.rows, place)
	}
	return result, len(s.base) > 0, err
}

// sampleFactor is one over the share of the documents that is sampled.
const sampleFactor = 64

// readBase reads what the words match: the sample of it, and all of it where that is few enough.
func (s *seeker) readBase(ctx context.Context) error {
	words := s.words()
	rows, err := s.e.q.SearchSample(ctx, s.tx, db.SearchSampleParams{
		Everything: words == "" && len(s.said.skus) == 0, Query: words, Ids: ids(s.said.skus),
	})
	if err != nil {
		return fmt.Errorf("read the sample: %w", err)
	}
	s.base = make([]row, len(rows))
	for i, r := range rows {
		s.base[i] = toRow(db.SearchCandidatesRow(r))
	}
	if s.e.clearly(len(rows)) {
		return nil
	}
	all, err := s.candidates(ctx, words, "", false)
	if err != nil || len(all) > s.e.cap {
		s.least = int64(s.e.cap) + 1
		return err
	}
	s.base, s.whole = all, true
	return nil
}

// clearly holds when so many of the sample say that more match than are counted exactly.
func (e *Engine) clearly(sampled int) bool {
	return sampled >= 100 && sampled*sampleFactor > 2*e.cap
}

// words is the tsquery of what was typed; "" when nothing was.
func (s *seeker) words() string {
	operands := make([]string, len(s.said.groups))
	for i := range s.said.groups {
		operands[i] = s.said.groups[i].operand("")
	}
	return allOf(operands)
}

// candidates reads what matches, one more than counts.
func (s *seeker) candidates(ctx context.Context, query, filters string, priced bool) ([]row, error) {
	rows, err := s.e.q.SearchCandidates(ctx, s.tx, db.SearchCandidatesParams{
		Everything: query == "" && len(s.said.skus) == 0, Query: query, Ids: ids(s.said.skus), Filters: filters,
		Priced: priced, MinPrice: s.from, MaxPrice: s.to, AtMost: int32(s.e.cap) + 1,
	})
	if err != nil {
		return nil, fmt.Errorf("read the matches: %w", err)
	}
	out := make([]row, len(rows))
	for i, r := range rows {
		out[i] = toRow(r)
	}
	return out, nil
}

func toRow(r db.SearchCandidatesRow) row {
	return row{id: r.ProductID, price: r.Price, sold: r.Sold, createdAt: r.CreatedAt, card: readCard(r.Card)}
}

// ids is never nil, which would be NULL to the database.
func ids(some []uuid.UUID) []uuid.UUID {
	if some == nil {
		return []uuid.UUID{}
	}
	return some
}

// view is what matches the words and every dimension, but perhaps one.
type view struct {
	rows        []row
	factor      int64 // how many products each row stands for
	approximate bool
	least       int64
}

func (v view) count() search.Count {
	return search.Count{Value: max(int64(len(v.rows))*v.factor, v.least), Approximate: v.approximate}
}

// view leaves out the dimension of this number.
func (s *seeker) view(ctx context.Context, without int) (view, error) {
	var kept []row
	var filters []string
	priced := false
	for i, dim := range s.dims {
		if i != without {
			if dim.never {
				return view{factor: 1}, nil
			}
			filters = append(filters, dim.operand)
			priced = priced || dim.name == byPrice
		}
	}
	for i := range s.base {
		if s.fits(&s.base[i], without) {
			kept = append(kept, s.base[i])
		}
	}
	if s.whole {
		return view{rows: kept, factor: 1}, nil
	}
	sampled := view{rows: kept, factor: sampleFactor, approximate: true}
	if len(filters) == 0 {
		sampled.least = s.least
		return sampled, nil
	}
	if s.e.clearly(len(kept)) || without < len(s.dims) && s.dims[without].name == byFeatured {
		return sampled, nil // no facet leaves out whether a product is featured
	}
	filter := allOf(filters)
	rows, err := s.candidates(ctx, allOf([]string{s.words(), filter}), filter, priced)
	if err != nil || len(rows) > s.e.cap {
		sampled.least = int64(s.e.cap) + 1
		return sampled, err
	}
	return view{rows: rows, factor: 1}, nil
}

func (s *seeker) fits(r *row, without int) bool {
	for i, dim := range s.dims {
		if i != without && !dim.fits(r) {
			return false
		}
	}
	return true
}
