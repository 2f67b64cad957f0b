package bulk

import (
	"fmt"
	"slices"
)

// pictures are what the product shall show: what the row says, or what is there, with the texts that the
// row gives them.
func (p *planner) pictures(product *productState) []picture {
	wanted, alts := slices.Clone(p.row.Images.value), p.row.ImageAltTexts
	if !p.row.Images.set {
		for _, is := range product.images {
			wanted = append(wanted, picture{URL: is.url})
		}
	}
	if alts.has() && len(alts.value) != len(wanted) {
		p.problem(altTextsName, "count", fmt.Sprintf("These are %d texts for %d images.", len(alts.value), len(wanted)))
		return wanted
	}
	for i := range wanted {
		switch {
		case alts.has():
			wanted[i].AltText = alts.value[i]
		case alts.null:
			wanted[i].AltText = cleared[string]()
		}
	}
	p.checkAddresses(product, p.row.Images.value)
	if p.row.Images.set && twice(wanted) && !product.shows(wanted) {
		p.problem(imagesName, "duplicate", "An image stands here twice.")
	}
	return wanted
}

func twice(pictures []picture) bool {
	seen := map[string]bool{}
	for _, one := range pictures {
		if seen[one.URL] {
			return true
		}
		seen[one.URL] = true
	}
	return false
}

// shows tells whether the product's images are these already.
func (p *productState) shows(wanted []picture) bool {
	if len(wanted) != len(p.images) {
		return false
	}
	for i, one := range wanted {
		is := p.images[i]
		if is.url != one.URL || !same(one.AltText.overNullable(is.altText), is.altText) {
			return false
		}
	}
	return true
}
