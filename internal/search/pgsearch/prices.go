package pgsearch

import (
	"math"

	"cartwright/internal/search"
)

// maxEdges is how many bounds there are between price ranges.
const maxEdges = 8

// prices counts round ranges between the lowest and the highest price. The first begins at 0, the last
// has no end.
func (s *seeker) prices(v view) search.PriceFacet {
	facet := search.PriceFacet{Approximate: v.approximate}
	low, high := int64(math.MaxInt64), int64(-1)
	for i := range v.rows {
		v.rows[i].eachPrice(func(price int64) bool {
			low, high = min(low, price), max(high, price)
			return true
		})
	}
	if high < 0 {
		return facet
	}
	edges := edgesBetween(low, high)
	counts := make([]int64, len(edges)+1)
	for i := range v.rows {
		at, counted := 0, -1
		v.rows[i].eachPrice(func(price int64) bool { // ascending, so the range only moves up
			for at < len(edges) && price >= edges[at] {
				at++
			}
			if at != counted {
				counts[at]++
				counted = at
			}
			return true
		})
	}
	from := int64(0)
	for i, count := range counts {
		one := search.PriceRange{Min: from, Count: count * v.times()}
		if i < len(edges) {
			to := edges[i] - 1
			one.Max, from = &to, edges[i]
		}
		one.Selected = s.asksPrice() && s.from == one.Min && (one.Max == nil && s.to == math.MaxInt64 || one.Max != nil && s.to == *one.Max)
		facet.Ranges = append(facet.Ranges, one)
	}
	return facet
}

// edgesBetween are round amounts above low and not above high: 1, 2.5 and 5 times the powers of ten, or
// fewer of them where that is too many.
func edgesBetween(low, high int64) (edges []int64) {
	for _, steps := range [][]int64{{10, 25, 50}, {10, 50}, {10}} {
		edges = edges[:0]
		for power := int64(1); power <= high/10 && power < math.MaxInt64/1000; power *= 10 {
			for _, step := range steps {
				if edge := power * step; edge > low && edge <= high {
					edges = append(edges, edge)
				}
			}
		}
		if len(edges) <= maxEdges {
			return edges
		}
	}
	return edges[len(edges)-maxEdges:]
}

// asksPrice tells whether a price was asked for, if only one that everything has.
func (s *seeker) asksPrice() bool { return s.query.MinPrice != nil || s.query.MaxPrice != nil }
