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
		rows, err := s.stretch(ctx, s.query.Sort, s.filtered(s.words()), "", after)
		if err != nil {
			return nil, nil, err
		}
		found, next := s.paged(placesOf(s.query.Sort, rows, 0), after.Corrected)
		return found, next, nil
	}
	var places []place
	for at := max(after.Tier, skuTier); at != 0 && len(places) <= s.query.Size(); {
		more, next, err := s.tier(ctx, at, all, after)
		if err != nil {
			return nil, nil, err
		}
		places = append(places, more...)
		at, after = next, place{Corrected: after.Corrected}
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
		return s.ranked(rows, skuTier, after), next, err
	case rankedTier:
		rows, err := s.candidatesOnly(ctx, s.filtered(names))
		if err == nil && len(rows) > s.e.cap && !after.begun {
			return nil, namesTier, nil // more than the sample said
		}
		return s.ranked(s.withoutSKUs(rows), rankedTier, after), restTier, err
	case namesTier:
		rows, err := s.stretch(ctx, search.BestSelling, s.filtered(names), "", after)
		return placesOf(search.BestSelling, s.withoutSKUs(rows), namesTier), restTier, err
	default:
		rows, err := s.stretch(ctx, search.BestSelling, s.filtered(s.words()), names, after)
		return placesOf(search.BestSelling, s.withoutSKUs(rows), restTier), 0, err
	}
}

// names is the tsquery of names that have every word.
func (s *seeker) names() string {
	operands := make([]string, len(s.said.groups))
	for i := range s.said.groups {
		operands[i] = s.said.groups[i].strict("~")
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
	found, err := s.e.q.SearchCandidates(ctx, s.tx, db.SearchCandidatesParams{
		Query: query, Priced: s.isPriced(), MinPrice: s.from, MaxPrice: s.to, AtMost: int32(s.e.cap) + 1,
	})
	if err != nil {
		return nil, fmt.Errorf("read the names: %w", err)
	}
	rows := make([]row, len(found))
	for i, r := range found {
		rows[i] = toRow(r)
	}
	return rows, nil
}

func (s *seeker) isPriced() bool {
	return slices.ContainsFunc(s.dims, func(dim dimension) bool { return dim.name == byPrice })
}

func (s *seeker) withoutSKUs(rows []row) []row {
	return slices.DeleteFunc(rows, func(r row) bool { return slices.Contains(s.said.skus, r.id) })
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

// maxWalk is how many documents of an order are read in the hope that enough of them match.
const maxWalk = 20_000

// stretch is what matches after a place of an order: a page, one more, and as many as may be dropped.
func (s *seeker) stretch(ctx context.Context, sort search.Sort, query, excluding string, after place) ([]row, error) {
	limit := int32(s.query.Size() + 1 + len(s.said.skus))
	if !after.begun {
		after = beginning(sort)
	}
	rows, err := s.walked(ctx, sort, query, excluding, after, limit)
	if err != nil || len(rows) == int(limit) {
		return rows, err
	}
	sorted, err := s.e.q.SearchSorted(ctx, s.tx, db.SearchSortedParams{
		Everything: query == "", Query: query, Excluding: excluding, Priced: s.isPriced(), MinPrice: s.from, MaxPrice: s.to,
		Sort: string(sort), AfterTime: after.Time, AfterID: after.ID, AfterNumber: after.Number, AfterText: after.Text,
		PageLimit: limit,
	})
	if err != nil {
		return nil, fmt.Errorf("sort the matches: %w", err)
	}
	rows = rows[:0]
	for _, r := range sorted {
		rows = append(rows, toRow(db.SearchCandidatesRow(r)))
	}
	return rows, nil
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

func (s *seeker) walked(ctx context.Context, sort search.Sort, query, excluding string, after place, limit int32) ([]row, error) {
	w := db.SearchWalkBestSellingParams{
		Everything: query == "", Query: query, Excluding: excluding, Priced: s.isPriced(), MinPrice: s.from, MaxPrice: s.to,
		AfterNumber: after.Number, AfterTime: after.Time, AfterID: after.ID, WalkLimit: maxWalk, PageLimit: limit,
	}
	switch sort {
	case search.Newest:
		rows, err := s.e.q.SearchWalkNewest(ctx, s.tx, db.SearchWalkNewestParams{
			Everything: w.Everything, Query: w.Query, Priced: w.Priced, MinPrice: w.MinPrice, MaxPrice: w.MaxPrice,
			AfterTime: w.AfterTime, AfterID: w.AfterID, WalkLimit: w.WalkLimit, PageLimit: w.PageLimit,
		})
		return toRows(rows, err, func(r db.SearchWalkNewestRow) row { return toRow(db.SearchCandidatesRow(r)) })
	case search.PriceUp:
		rows, err := s.e.q.SearchWalkPriceUp(ctx, s.tx, db.SearchWalkPriceUpParams{
			Everything: w.Everything, Query: w.Query, Priced: w.Priced, MinPrice: w.MinPrice, MaxPrice: w.MaxPrice,
			AfterNumber: w.AfterNumber, AfterID: w.AfterID, WalkLimit: w.WalkLimit, PageLimit: w.PageLimit,
		})
		return toRows(rows, err, func(r db.SearchWalkPriceUpRow) row { return toRow(db.SearchCandidatesRow(r)) })
	case search.PriceDown:
		rows, err := s.e.q.SearchWalkPriceDown(ctx, s.tx, db.SearchWalkPriceDownParams{
			Everything: w.Everything, Query: w.Query, Priced: w.Priced, MinPrice: w.MinPrice, MaxPrice: w.MaxPrice,
			AfterNumber: w.AfterNumber, AfterID: w.AfterID, WalkLimit: w.WalkLimit, PageLimit: w.PageLimit,
		})
		return toRows(rows, err, func(r db.SearchWalkPriceDownRow) row { return toRow(db.SearchCandidatesRow(r)) })
	case search.Name:
		rows, err := s.e.q.SearchWalkName(ctx, s.tx, db.SearchWalkNameParams{
			Everything: w.Everything, Query: w.Query, Priced: w.Priced, MinPrice: w.MinPrice, MaxPrice: w.MaxPrice,
			AfterText: after.Text, AfterID: w.AfterID, WalkLimit: w.WalkLimit, PageLimit: w.PageLimit,
		})
		return toRows(rows, err, func(r db.SearchWalkNameRow) row { return toRow(db.SearchCandidatesRow(r)) })
	default:
		rows, err := s.e.q.SearchWalkBestSelling(ctx, s.tx, w)
		return toRows(rows, err, func(r db.SearchWalkBestSellingRow) row { return toRow(db.SearchCandidatesRow(r)) })
	}
}

func toRows[R any](rows []R, err error, to func(R) row) ([]row, error) {
	if err != nil {
		return nil, fmt.Errorf("walk the documents: %w", err)
	}
	out := make([]row, len(rows))
	for i, r := range rows {
		out[i] = to(r)
	}
	return out, nil
}
