package scale

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// newVariants are one to six, two on average.
func newVariants(d *dice, n int, p product, noun string, g *group) []variant {
	count, roll := 1, d.below(1000)
	for _, reached := range []int{460, 710, 850, 930, 970} { // of 1,000 products, so many have no more
		if roll >= reached {
			count++
		}
	}
	options := newOptions(d, count, g)
	count = len(options)
	figure := newFigure(d, g.figure)
	compare, cost := newCompare(d, figure), newCost(d, figure)
	weight := float64(max(1, g.grams*d.between(50, 200)/1000)) / 100 // kilograms, to ten grams
	variants := make([]variant, count)
	for i := range variants {
		variants[i] = variant{
			id: newID(variantID, n, i), movement: newID(movementID, n, i),
			name: nameOf(options[i], p.name), sku: skuOf(noun, n, i),
			figure: figure, compare: compare, cost: cost, weight: weight,
			options: options[i], quantity: newQuantity(d, p.tracked),
		}
		if i > 0 && d.permille(200) { // a larger one costs more
			variants[i].figure += 100 * d.between(1, max(1, figure/500))
			variants[i].compare = nil
		}
	}
	return variants
}

// newOptions are what sets each variant apart. Fewer come back where there are not as many values.
func newOptions(d *dice, count int, g *group) [][]option {
	names := slices.Clone(g.options)
	if len(names) > 1 && d.permille(400) {
		names[0], names[1] = names[1], names[0]
	}
	if count == 1 && d.permille(400) {
		return [][]option{nil}
	}
	// Four and six variants are a grid of two options where there are two; else the first option alone differs.
	columns := count
	if len(names) > 1 && (count == 4 || count == 6) {
		columns = count / 2
	}
	first := valuesOf(d, names[0], columns)
	second := []string{""}
	if len(names) > 1 && (columns < count || d.permille(500)) {
		second = valuesOf(d, names[1], count/columns)
	}
	var all [][]option
	for _, b := range second {
		for _, a := range first {
			options := []option{{names[0], a}}
			if b != "" {
				options = append(options, option{names[1], b})
			}
			all = append(all, options)
		}
	}
	return all
}

// valuesOf are count different values; sizes come in their order.
func valuesOf(d *dice, name string, count int) []string {
	from := colors
	switch name {
	case "size":
		return sizes[:count]
	case "material":
		from = materials
	}
	start, step := newPopular(d, len(from)), 1+d.below(3)
	values := make([]string, count)
	for i := range values {
		values[i] = capital(from[(start+i*step)%len(from)])
	}
	return values
}

// newPopular prefers what stands in front.
func newPopular(d *dice, n int) int { return min(d.below(n), d.below(n)) }

func nameOf(options []option, product string) string {
	if len(options) == 0 {
		return product
	}
	values := make([]string, len(options))
	for i, o := range options {
		values[i] = o.value
	}
	return strings.Join(values, ", ")
}

// skuOf is like "LAM-000123" for the default variant, "LAM-000123-2" for the second.
func skuOf(noun string, n, i int) string {
	letters := strings.ToUpper(strings.ReplaceAll(strings.ReplaceAll(noun, " ", ""), "-", ""))
	sku := fmt.Sprintf("%.3s-%06d", letters, n)
	if i > 0 {
		sku += "-" + strconv.Itoa(i+1)
	}
	return sku
}

// newQuantity is nothing for one variant in eight, and around forty for the others.
func newQuantity(d *dice, tracked bool) int {
	if empty := d.permille(125); empty || !tracked {
		return 0
	}
	return max(1, 40*spread(d)/1000)
}
