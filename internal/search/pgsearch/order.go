package pgsearch

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"cartwright/internal/page"
	"cartwright/internal/search"
)

// place is where a page ends: the last row's values in the order of the list.
type place struct {
	Tier      tier      `json:"t,omitempty"` // of relevance among too many to be ranked
	Number    int64     `json:"n,omitempty"` // a score, a price, units sold
	Text      string    `json:"x,omitempty"` // a name
	Time      time.Time `json:"c,omitzero"`  // created at
	ID        uuid.UUID `json:"i"`
	Corrected string    `json:"q,omitempty"` // what is looked for instead of what was typed
	Shown     *place    `json:"s,omitempty"` // up to where all was ranked and shown, before there were too many
	begun     bool
}

func readPlace(after json.RawMessage) (p place, err error) {
	if after == nil {
		return place{}, nil
	}
	if err := json.Unmarshal(after, &p); err != nil {
		return place{}, page.ErrCursor.Wrap(fmt.Errorf("read the place: %w", err))
	}
	p.begun = p.ID != uuid.Nil
	if p.Shown != nil {
		p.Shown.Shown = nil
	}
	return p, nil
}

// placeOf is where a page that ends with this row ends, in an order.
func placeOf(sort search.Sort, r *row, score int64) place {
	p := place{ID: r.id, begun: true}
	switch sort {
	case search.Newest:
		p.Time = r.createdAt
	case search.PriceUp, search.PriceDown:
		p.Number = r.price
	case search.Name:
		p.Text = r.nameKey()
	case search.BestSelling:
		p.Number, p.Time = r.sold, r.createdAt
	default:
		p.Number, p.Time = score, r.createdAt
	}
	return p
}

// nameKey is what names are sorted by, as the database keeps it.
func (r *row) nameKey() string { return clip(r.name, 200) }

// compare tells which of two places comes first in an order.
func compare(sort search.Sort, a, b place) int {
	ids := bytes.Compare(a.ID[:], b.ID[:])
	switch sort {
	case search.Newest:
		return cmp.Or(b.Time.Compare(a.Time), -ids)
	case search.PriceUp:
		return cmp.Or(cmp.Compare(a.Number, b.Number), ids)
	case search.PriceDown:
		return cmp.Or(cmp.Compare(b.Number, a.Number), -ids)
	case search.Name:
		return cmp.Or(cmp.Compare(a.Text, b.Text), ids)
	default: // best selling, and relevance by its score
		return cmp.Or(cmp.Compare(b.Number, a.Number), b.Time.Compare(a.Time), -ids)
	}
}

// cut is the page of these rows, which are all that match, after a place.
func (s *seeker) cut(rows []row, after place) ([]uuid.UUID, any) {
	places := make([]place, 0, len(rows))
	for i := range rows {
		p := placeOf(s.query.Sort, &rows[i], s.score(&rows[i]))
		if !after.begun || compare(s.query.Sort, p, after) > 0 {
			places = append(places, p)
		}
	}
	slices.SortFunc(places, func(a, b place) int { return compare(s.query.Sort, a, b) })
	return s.paged(places, after.Corrected)
}

// paged is one page of places that follow in their order, of which there may be more.
func (s *seeker) paged(places []place, corrected string) (found []uuid.UUID, next any) {
	size := s.query.Size()
	for _, p := range places[:min(size, len(places))] {
		found = append(found, p.ID)
	}
	if len(places) > size {
		last := places[size-1]
		last.Corrected = corrected
		next = last
	}
	return found, next
}
