package pgsearch

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"cartwright/internal/search"
)

// Limits of facets.
const (
	maxFacetValues = 100
	maxOptionNames = 30
)

// tally is what is counted by now: each view as soon as it is read, so that no two are held at once.
type tally struct {
	facets  search.Facets
	counted map[string]bool // dimensions
	options map[string]optionCount
}

// optionCount counts options by their numbers in the book.
type optionCount struct {
	counts      []int64
	times       int64
	approximate bool
}

func newTally() tally { return tally{counted: map[string]bool{}, options: map[string]optionCount{}} }

// tally counts the facet of a dimension in the view that leaves it out.
func (s *seeker) tally(dim string, v view) {
	s.counts.counted[dim] = true
	switch dim {
	case byCategory:
		s.counts.facets.Categories = s.categories(v)
	case byPrice:
		s.counts.facets.Prices = s.prices(v)
	case byStock:
		s.counts.facets.Availability = s.availability(v)
	case byFeatured: // which is no facet
	default:
		s.counts.options[strings.TrimPrefix(dim, "=")] = s.optionCount(v)
	}
}

// facets are what was counted, and the rest, which leaves nothing out, counted in what matches everything.
func (s *seeker) facets(all view) search.Facets {
	for _, dim := range []string{byCategory, byPrice, byStock} {
		if !s.counts.counted[dim] {
			s.tally(dim, all)
		}
	}
	s.counts.facets.Options = s.optionFacets(s.optionCount(all))
	return s.counts.facets
}

func (s *seeker) categories(v view) search.Facet {
	counts := make([]int64, len(s.tree.nodes))
	for i := range v.rows {
		if at, known := s.tree.byID[v.rows[i].category]; known {
			counts[at]++
		}
	}
	sums := make([]int64, len(counts))
	for i, count := range counts {
		if count > 0 {
			s.tree.above(i, func(j int) { sums[j] += count })
		}
	}
	facet := search.Facet{Approximate: v.approximate}
	for i, node := range s.tree.nodes {
		selected := s.query.Category == node.slug
		if node.active && (sums[i] > 0 || selected) {
			facet.Values = append(facet.Values, search.FacetValue{
				Value: node.slug, Label: node.name, Count: sums[i] * v.times(), Selected: selected,
			})
		}
	}
	facet.Values = commonest(facet.Values)
	return facet
}

func (v view) times() int64 { return max(v.factor, 1) }

// commonest sorts, and keeps no more than may be shown.
func commonest(values []search.FacetValue) []search.FacetValue {
	slices.SortFunc(values, func(a, b search.FacetValue) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Label, b.Label), cmp.Compare(a.Value, b.Value))
	})
	kept := 0
	return slices.DeleteFunc(values, func(value search.FacetValue) bool {
		kept++
		return kept > maxFacetValues && !value.Selected
	})
}

func (s *seeker) availability(v view) search.Facet {
	var counts [2]int64
	for i := range v.rows {
		if v.rows[i].inStock {
			counts[1]++
		} else {
			counts[0]++
		}
	}
	facet := search.Facet{Approximate: v.approximate}
	for _, inStock := range []bool{true, false} {
		text := strconv.FormatBool(inStock)
		facet.Values = append(facet.Values, search.FacetValue{
			Value: text, Label: text, Count: counts[map[bool]int{true: 1}[inStock]] * v.times(),
			Selected: s.query.InStock != nil && *s.query.InStock == inStock,
		})
	}
	return facet
}

// namedFacet is the facet of an option and how many products its values have together.
type namedFacet struct {
	facet search.Facet
	total int64
}

// optionFacets are options by name: the commonest names, and those that are filtered by.
func (s *seeker) optionFacets(all optionCount) (kept []search.Facet) {
	numbers := map[string][]int{}
	found := map[string]bool{}
	for number, entry := range s.book.entries {
		numbers[entry.name] = append(numbers[entry.name], number)
		found[entry.name] = found[entry.name] || number < len(all.counts) && all.counts[number] > 0
	}
	var facets []namedFacet
	for name, of := range numbers {
		if count, filtered := s.counts.options[name]; filtered {
			facets = append(facets, s.optionFacet(name, of, count))
		} else if found[name] {
			facets = append(facets, s.optionFacet(name, of, all))
		}
	}
	slices.SortFunc(facets, func(a, b namedFacet) int {
		return cmp.Or(cmp.Compare(b.total, a.total), strings.Compare(a.facet.Name, b.facet.Name))
	})
	for i, one := range facets {
		if _, filtered := s.options[fold(one.facet.Name)]; i < maxOptionNames || filtered {
			kept = append(kept, one.facet)
		}
	}
	return kept
}

// optionFacet is the facet of an option, whose values have these numbers.
func (s *seeker) optionFacet(name string, numbers []int, counted optionCount) (out namedFacet) {
	out.facet = search.Facet{Name: name, Label: name, Approximate: counted.approximate}
	for _, number := range numbers {
		entry := &s.book.entries[number]
		var count int64
		if number < len(counted.counts) {
			count = counted.counts[number] * counted.times
		}
		selected := slices.Contains(s.options[name], entry.value)
		if count == 0 && !selected {
			continue
		}
		if entry.nameLabel != "" {
			out.facet.Label, out.facet.Name = entry.nameLabel, entry.nameLabel
		}
		label := cmp.Or(entry.valueLabel, entry.value)
		out.facet.Values = append(out.facet.Values, search.FacetValue{Value: label, Label: label, Count: count, Selected: selected})
		out.total += count
	}
	out.facet.Values = commonest(out.facet.Values)
	return out
}

func (s *seeker) optionCount(v view) optionCount {
	return optionCount{counts: s.countOptions(v.rows), times: v.times(), approximate: v.approximate}
}

// countOptions counts the rows that have each option of the book.
func (s *seeker) countOptions(rows []row) []int64 {
	counts := make([]int64, len(s.book.entries), len(s.book.entries)+64)
	last := make([]int, len(s.book.entries), len(s.book.entries)+64) // the row that counted last, plus one
	for i := range rows {
		rows[i].eachOption(func(both string) {
			number := s.book.read(both)
			for number >= len(counts) {
				counts, last = append(counts, 0), append(last, 0)
			}
			if last[number] != i+1 {
				last[number] = i + 1
				counts[number]++
			}
		})
	}
	return counts
}
