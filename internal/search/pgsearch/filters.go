package pgsearch

import (
	"math"
	"slices"
	"strconv"

	"cartwright/internal/search"
)

// dimension is a filter that a facet can leave out.
type dimension struct {
	name    string // category, price, inStock, featured, or = and an option's folded name
	operand string // what documents that fit have, and few that do not; "" when nothing can be said
	fits    func(*row) bool
	never   bool // nothing fits
}

// The names of dimensions that are not options.
const (
	byCategory = "category"
	byPrice    = "price"
	byStock    = "inStock"
	byFeatured = "featured"
)

func (s *seeker) dimensions(query search.Query) (dims []dimension) {
	if query.Category != "" {
		dims = append(dims, s.inCategory(query.Category))
	}
	if s.from > 0 || s.to < math.MaxInt64 {
		dims = append(dims, dimension{
			name: byPrice, operand: anyOf(priceLexemes(s.from, s.to)),
			fits: func(r *row) bool { return r.priced(s.from, s.to) },
		})
	}
	if query.InStock != nil {
		wanted := *query.InStock
		dims = append(dims, dimension{
			name: byStock, operand: lexeme(map[bool]string{true: "!in", false: "!out"}[wanted]),
			fits: func(r *row) bool { return r.inStock == wanted },
		})
	}
	if query.Featured != nil {
		wanted := *query.Featured
		dims = append(dims, dimension{
			name: byFeatured, operand: lexeme(map[bool]string{true: "!featured", false: "!plain"}[wanted]),
			fits: func(r *row) bool { return r.featured == wanted },
		})
	}
	for name, values := range s.options {
		dims = append(dims, s.withOption(name, values))
	}
	slices.SortFunc(dims, func(a, b dimension) int {
		if a.name < b.name {
			return -1
		}
		return 1
	})
	return dims
}

func (s *seeker) inCategory(slug string) dimension {
	top, known := s.tree.bySlug[slug]
	if !known || !s.tree.nodes[top].active {
		return dimension{name: byCategory, never: true, fits: func(*row) bool { return false }}
	}
	return dimension{
		name: byCategory, operand: lexeme("/" + s.tree.nodes[top].id.String()),
		fits: func(r *row) bool { return s.tree.within(r.category, top) },
	}
}

// withOption fits products that have one of the values, which are folded like the name.
func (s *seeker) withOption(name string, values []string) dimension {
	operands := make([]string, len(values))
	wanted := make(map[int]bool, len(values))
	for i, value := range values {
		operands[i] = lexeme(optionLexeme(name, value))
		wanted[s.book.number(name, value)] = true
	}
	return dimension{
		name: "=" + name, operand: anyOf(operands),
		fits: func(r *row) (fits bool) {
			r.eachOption(func(both string) { fits = fits || wanted[s.book.read(both)] })
			return fits
		},
	}
}

func optionLexeme(name, value string) string {
	return "=" + clip(name, 100) + "=" + clip(value, 200)
}

// clip is the first so many characters.
func clip(text string, characters int) string {
	for i := range text {
		if characters == 0 {
			return text[:i]
		}
		characters--
	}
	return text
}

// A document says of each of its prices in which of these classes it lies: fine ones are 5 % wide,
// coarse ones are 16 fine ones.
const fineInCoarse = 16

func fineClass(price int64) int { return int(math.Floor(20 * math.Log(float64(price)+1))) }

// priceLexemes are the classes that hold the range, and a little more than it, because two programs need
// not agree on the last digit of a logarithm.
func priceLexemes(from, to int64) (operands []string) {
	first, last := fineClass(from)-1, fineClass(to)+1
	for class := first; class <= last; {
		if class%fineInCoarse == 0 && class+fineInCoarse-1 <= last {
			operands = append(operands, lexeme("$c"+strconv.Itoa(class/fineInCoarse)))
			class += fineInCoarse
			continue
		}
		operands = append(operands, lexeme("$f"+strconv.Itoa(class)))
		class++
	}
	return operands
}
