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

// facets counts every kind of choice. Views are by the dimension left out, the last without any left
// out; there are none when nothing can match.
func (s *seeker) facets(views []view) search.Facets {
	if views == nil {
		views = make([]view, len(s.dims)+1)
	}
	all := views[len(s.dims)]
	without := func(name string) view {
		for i, dim := range s.dims {
			if dim.name == name {
				return views[i]
			}
		}
		return all
	}
	return search.Facets{
		Categories:   s.categories(without(byCategory)),
		Prices:       s.prices(without(byPrice)),
		Options:      s.optionFacets(all, without),
		Availability: s.availability(without(byStock)),
	}
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

// optionFacets counts options by name: the commonest names, and those that are filtered by.
func (s *seeker) optionFacets(all view, without func(string) view) []search.Facet {
	counts := s.countOptions(all.rows)
	type named struct {
		facet search.Facet
		total int64
	}
	byName := map[string]*named{}
	add := func(name string, v view, counts []int64) {
		facet := search.Facet{Name: name, Label: name, Approximate: v.approximate}
		var total int64
		for number, entry := range s.book.entries {
			selected := slices.Contains(s.options[name], entry.value)
			if entry.name != name || number >= len(counts) && !selected {
				continue
			}
			var count int64
			if number < len(counts) {
				count = counts[number] * v.times()
			}
			if count == 0 && !selected {
				continue
			}
			if entry.nameLabel != "" {
				facet.Label, facet.Name = entry.nameLabel, entry.nameLabel
			}
			label := cmp.Or(entry.valueLabel, entry.value)
			facet.Values = append(facet.Values, search.FacetValue{Value: label, Label: label, Count: count, Selected: selected})
			total += count
		}
		facet.Values = commonest(facet.Values)
		byName[name] = &named{facet, total}
	}
	for name := range s.options {
		v := without("=" + name)
		add(name, v, s.countOptions(v.rows))
	}
	for number, count := range counts {
		if name := s.book.entries[number].name; count > 0 && byName[name] == nil {
			add(name, all, counts)
		}
	}
	facets := make([]named, 0, len(byName))
	for _, one := range byName {
		facets = append(facets, *one)
	}
	slices.SortFunc(facets, func(a, b named) int {
		return cmp.Or(cmp.Compare(b.total, a.total), strings.Compare(a.facet.Name, b.facet.Name))
	})
	var kept []search.Facet
	for i, one := range facets {
		if _, filtered := s.options[fold(one.facet.Name)]; i < maxOptionNames || filtered {
			kept = append(kept, one.facet)
		}
	}
	return kept
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
