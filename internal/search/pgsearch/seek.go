package pgsearch

import (
	"context"
	"fmt"
	"math"
	"slices"

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
	counts  tally
}

func (e *Engine) seek(tx pgx.Tx, tree *tree, query search.Query, said said) *seeker {
	s := &seeker{
		e: e, tx: tx, tree: tree, query: query, said: said, book: newBook(),
		from: 0, to: math.MaxInt64, options: map[string][]string{}, counts: newTally(),
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
		for _, dim := range s.dims {
			s.tally(dim.name, view{})
		}
		result.Facets = s.facets(view{})
		return result, true, nil // no word in it: nothing to correct either
	}
	if err := s.readBase(ctx); err != nil {
		return result, false, err
	}
	all, err := s.views(ctx)
	if err != nil {
		return result, false, err
	}
	result.Total = all.count()
	result.Facets = s.facets(all)
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
		Everything: words == "" && len(s.said.skus) == 0, Query: words,
	})
	if err != nil {
		return fmt.Errorf("read the sample: %w", err)
	}
	s.base = make([]row, len(rows))
	for i, r := range rows {
		s.base[i] = toRow(db.SearchCandidatesRow(r))
	}
	if s.e.clearly(len(rows)) || len(s.dims) > 0 && len(rows)*sampleFactor > s.e.cap && len(rows) >= minSampled {
		return nil // perhaps more than are counted, of which filters may leave few enough: for the views to see
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
// How many are sampled of so many is chance: four times in a hundred thousand it is four deviations more.
func (e *Engine) clearly(sampled int) bool {
	expected := float64(e.cap) / sampleFactor
	return sampled >= minSampled && float64(sampled) > expected+4*math.Sqrt(expected)
}

// minSampled is from how many on a sample says something.
const minSampled = 100

// words is the tsquery of what was typed; "" when nothing was.
func (s *seeker) words() string {
	var operands []string
	for _, g := range s.said.required() {
		operands = append(operands, g.operand(""))
	}
	return allOf(operands)
}

// candidates reads what matches, one more than counts.
func (s *seeker) candidates(ctx context.Context, query, filters string, priced bool) ([]row, error) {
	rows, err := s.documents(ctx, db.SearchCandidatesParams{
		Everything: query == "" && len(s.said.skus) == 0, Query: query,
		Priced: priced, MinPrice: s.from, MaxPrice: s.to, AtMost: int32(s.e.cap) + 1,
	})
	if err != nil {
		return nil, err
	}
	return s.withSKUs(ctx, rows, filters, priced)
}

// documents are those that match, as many as allowed, in no particular order.
func (s *seeker) documents(ctx context.Context, wanted db.SearchCandidatesParams) ([]row, error) {
	found, err := s.e.q.SearchCandidates(ctx, s.tx, wanted)
	if err != nil {
		return nil, fmt.Errorf("read the matches: %w", err)
	}
	rows := make([]row, len(found))
	for i, r := range found {
		rows[i] = toRow(r)
	}
	return rows, nil
}

// withSKUs adds the products of a typed SKU to those that the words found.
func (s *seeker) withSKUs(ctx context.Context, rows []row, filters string, priced bool) ([]row, error) {
	if len(s.said.skus) == 0 {
		return rows, nil
	}
	found, err := s.e.q.SearchSKUProducts(ctx, s.tx, db.SearchSKUProductsParams{
		Ids: s.said.skus, Everything: filters == "", Query: filters, Priced: priced, MinPrice: s.from, MaxPrice: s.to,
	})
	if err != nil {
		return nil, fmt.Errorf("read the products of a SKU: %w", err)
	}
	there := map[uuid.UUID]bool{}
	for i := range rows {
		there[rows[i].id] = true
	}
	for _, r := range found {
		if !there[r.ProductID] {
			rows = append(rows, toRow(db.SearchCandidatesRow(r)))
		}
	}
	return rows, nil
}

func toRow(r db.SearchCandidatesRow) row {
	return row{id: r.ProductID, price: r.Price, sold: r.Sold, createdAt: r.CreatedAt, card: readCard(r.Card)}
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

// views counts the facets that leave a dimension out, and answers what leaves none out. Of what it reads it
// keeps the least, of which the answer is a part.
func (s *seeker) views(ctx context.Context) (view, error) {
	var least view
	from := -1
	for i, dim := range s.dims {
		if dim.name == byFeatured {
			continue // no facet leaves it out
		}
		v, err := s.view(ctx, i)
		if err != nil {
			return view{}, err
		}
		s.tally(dim.name, v)
		if !s.whole && !v.approximate && (from < 0 || len(v.rows) < len(least.rows)) {
			least, from = v, i
		}
	}
	if from < 0 {
		return s.view(ctx, len(s.dims))
	}
	least.rows = slices.DeleteFunc(least.rows, func(r row) bool { return !s.dims[from].fits(&r) })
	return least, nil
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
	}
	if sampled.least > 0 || s.e.clearly(len(kept)) {
		return sampled, nil
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
