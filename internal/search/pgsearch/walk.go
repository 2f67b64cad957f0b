package pgsearch

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/google/uuid"

	"cartwright/gen/db"
	"cartwright/internal/search"
)

// tier is a stretch of relevance among too many matches to be ranked.
type tier int

// The tiers. Names are ranked where they are few enough, else walked.
const (
	skuTier tier = iota + 1
	rankedTier
	namesTier
	restTier
)

// walk is the page of what matches too often to be read whole.
func (s *seeker) walk(ctx context.Context, all view, after place) ([]uuid.UUID, any, error) {
	if s.query.Sort != search.Relevance {
		rows, err := s.stretch(ctx, line{sort: s.query.Sort, query: s.filtered(s.words())}, after)
		if err != nil {
			return nil, nil, err
		}
		found, next := s.paged(placesOf(s.query.Sort, rows, 0), after.Corrected)
		return found, next, nil
	}
	if after.begun && after.Tier == 0 { // from when there were few enough to be ranked, all in one
		shown := after
		after = place{Corrected: after.Corrected, Shown: &shown}
	}
	var places []place
	for at := max(after.Tier, skuTier); at != 0 && len(places) <= s.query.Size(); {
		more, next, err := s.tier(ctx, at, all, after)
		if err != nil {
			return nil, nil, err
		}
		for i := range more {
			more[i].Shown = after.Shown
		}
		places = append(places, more...)
		at, after = next, place{Corrected: after.Corrected, Shown: after.Shown}
	}
	found, next := s.paged(places, after.Corrected)
	return found, next, nil
}

// filtered is a tsquery with every dimension.
func (s *seeker) filtered(words string) string {
	operands := []string{words}
	for _, dim := range s.dims {
		operands = append(operands, dim.operand)
	}
	return allOf(operands)
}

// tier is what follows in one tier, at least a page where there is as much, and the next tier.
func (s *seeker) tier(ctx context.Context, at tier, all view, after place) ([]place, tier, error) {
	names := s.names()
	switch at {
	case skuTier:
		rows, err := s.bySKU(ctx)
		next := namesTier
		if names == "" {
			next = restTier
		} else if s.fewNames(all) {
			next = rankedTier
		}
		return s.ranked(s.withoutShown(rows, after), skuTier, after), next, err
	case rankedTier:
		rows, err := s.candidatesOnly(ctx, s.filtered(names))
		if err == nil && len(rows) > s.e.cap && !after.begun {
			return nil, namesTier, nil // more than the sample said
		}
		return s.ranked(s.withoutShown(s.withoutSKUs(rows), after), rankedTier, after), restTier, err
	case namesTier:
		rows, err := s.stretch(ctx, line{sort: search.BestSelling, query: s.filtered(names)}, after)
		return placesOf(search.BestSelling, s.withoutShown(s.withoutSKUs(rows), after), namesTier), restTier, err
	default:
		rows, err := s.stretch(ctx, line{sort: search.BestSelling, query: s.filtered(s.words()), excluding: names}, after)
		return placesOf(search.BestSelling, s.withoutShown(s.withoutSKUs(rows), after), restTier), 0, err
	}
}

// names is the tsquery of names that have every word.
func (s *seeker) names() string {
	var operands []string
	for _, g := range s.said.required() {
		operands = append(operands, g.strict("~"))
	}
	return allOf(operands)
}

// fewNames guesses from the sample whether the names that match can be ranked.
func (s *seeker) fewNames(all view) bool {
	named := 0
	for i := range all.rows {
		if inName, _, _ := s.matches(&all.rows[i]); inName {
			named++
		}
	}
	return int64(named)*all.factor < int64(s.e.cap)/2
}

func (s *seeker) bySKU(ctx context.Context) ([]row, error) {
	return s.withSKUs(ctx, nil, s.filtered(""), s.isPriced())
}

// candidatesOnly reads what matches without the products of a typed SKU.
func (s *seeker) candidatesOnly(ctx context.Context, query string) ([]row, error) {
	return s.documents(ctx, db.SearchCandidatesParams{
		Query: query, Priced: s.isPriced(), MinPrice: s.from, MaxPrice: s.to, AtMost: int32(s.e.cap) + 1,
	})
}

func (s *seeker) isPriced() bool {
	return slices.ContainsFunc(s.dims, func(dim dimension) bool { return dim.name == byPrice })
}

func (s *seeker) withoutSKUs(rows []row) []row {
	return slices.DeleteFunc(rows, func(r row) bool { return slices.Contains(s.said.skus, r.id) })
}

// withoutShown leaves out what a page showed before there were too many.
func (s *seeker) withoutShown(rows []row, after place) []row {
	if after.Shown == nil {
		return rows
	}
	return slices.DeleteFunc(rows, func(r row) bool {
		return compare(search.Relevance, placeOf(search.Relevance, &r, s.score(&r)), *after.Shown) <= 0
	})
}

// ranked puts the rows of a tier in the order of their scores, after a place.
func (s *seeker) ranked(rows []row, at tier, after place) (places []place) {
	for i := range rows {
		p := placeOf(search.Relevance, &rows[i], s.score(&rows[i]))
		p.Tier = at
		if !after.begun || compare(search.Relevance, p, after) > 0 {
			places = append(places, p)
		}
	}
	slices.SortFunc(places, func(a, b place) int { return compare(search.Relevance, a, b) })
	return places
}

func placesOf(sort search.Sort, rows []row, at tier) []place {
	places := make([]place, len(rows))
	for i := range rows {
		places[i] = placeOf(sort, &rows[i], 0)
		places[i].Tier = at
	}
	return places
}

// line is an order of what matches a tsquery, and another one not.
type line struct {
	sort             search.Sort
	query, excluding string
}

// stretch is what follows a place of a line: a page, one more, and as many as may be dropped.
func (s *seeker) stretch(ctx context.Context, line line, after place) (rows []row, err error) {
	limit := s.query.Size() + 1 + len(s.said.skus)
	if after.Shown != nil {
		limit += s.e.cap
	}
	if !after.begun {
		after = beginning(line.sort)
	}
	for _, way := range s.ways(line.sort) {
		found, ended, err := s.walked(ctx, line, way, after, s.e.walk, limit-len(rows))
		if err != nil {
			return nil, err
		}
		if rows = append(rows, found...); len(rows) >= limit {
			return rows, nil
		}
		if !ended {
			if len(rows) > 0 {
				after = placeOf(line.sort, &rows[len(rows)-1], 0)
			}
			found, err = s.sorted(ctx, line, after, limit-len(rows))
			return append(rows, found...), err
		}
	}
	return rows, nil
}

// way is a part of an order that is walked by itself: the documents whose default variant's price is
// between these.
type way struct {
	side     string // of the range of prices that is asked for; "" when the part is the whole
	from, to int64
}

// ways are the parts of an order, one after the other. An order by price with a bound begins where most
// of its matches are, or few if any have a variant that fits beside the one they are sorted by.
func (s *seeker) ways(sort search.Sort) (ways []way) {
	if !s.isPriced() || sort != search.PriceUp && sort != search.PriceDown {
		return []way{{"", 0, math.MaxInt64}}
	}
	if s.from > 0 {
		ways = append(ways, way{"below", 0, s.from - 1})
	}
	ways = append(ways, way{"within", s.from, s.to})
	if s.to < math.MaxInt64 {
		ways = append(ways, way{"above", s.to + 1, math.MaxInt64})
	}
	if sort == search.PriceDown {
		slices.Reverse(ways)
	}
	return ways
}

// begin is the place, or the one before the way's first where that is further on.
func (w way) begin(sort search.Sort, after place) place {
	switch {
	case sort == search.PriceUp && after.Number < w.from:
		return place{Number: w.from - 1, ID: uuid.Max}
	case sort == search.PriceDown && after.Number > w.to:
		return place{Number: w.to + 1, ID: uuid.Nil}
	}
	return after
}

// beginning is the place before the first of an order.
func beginning(sort search.Sort) place {
	switch sort {
	case search.PriceUp:
		return place{Number: -1}
	case search.Name:
		return place{}
	default:
		return place{Number: math.MaxInt64, Time: time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC), ID: uuid.Max}
	}
}

// walked is what matches of the next documents of a way, at most so many, and whether the way ended with them.
func (s *seeker) walked(ctx context.Context, line line, way way, after place, documents, limit int) (rows []row, ended bool, err error) {
	after = way.begin(line.sort, after)
	found, err := s.e.q.SearchWalk(ctx, s.tx, db.SearchWalkParams{
		Everything: line.query == "", Query: line.query, Excluding: line.excluding, Priced: s.isPriced(), MinPrice: s.from, MaxPrice: s.to,
		Sort: string(line.sort), AfterTime: after.Time, AfterID: after.ID, AfterNumber: after.Number, AfterText: after.Text,
		Side: way.side, WalkLimit: int64(documents), PageLimit: int32(limit),
	})
	if err != nil {
		return nil, false, fmt.Errorf("walk the documents: %w", err)
	}
	ended = true
	for _, r := range found {
		ended = ended && !r.IsLast
		if r.Fits {
			rows = append(rows, row{id: r.ProductID, price: r.Price, sold: r.Sold, createdAt: r.CreatedAt, card: readCard(r.Card)})
		}
	}
	return rows, ended, nil
}

// sorted is what follows a place of a line, found by sorting all that matches.
func (s *seeker) sorted(ctx context.Context, line line, after place, limit int) ([]row, error) {
	found, err := s.e.q.SearchSorted(ctx, s.tx, db.SearchSortedParams{
		Everything: line.query == "", Query: line.query, Excluding: line.excluding, Priced: s.isPriced(), MinPrice: s.from, MaxPrice: s.to,
		Sort: string(line.sort), AfterTime: after.Time, AfterID: after.ID, AfterNumber: after.Number, AfterText: after.Text,
		PageLimit: int32(limit),
	})
	if err != nil {
		return nil, fmt.Errorf("sort the matches: %w", err)
	}
	rows := make([]row, len(found))
	for i, r := range found {
		rows[i] = toRow(db.SearchCandidatesRow(r))
	}
	slices.SortFunc(rows, func(a, b row) int { return compare(line.sort, placeOf(line.sort, &a, 0), placeOf(line.sort, &b, 0)) })
	return rows, nil
}
