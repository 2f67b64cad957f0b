package bulk

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"cartwright/internal/catalog"
)

// beginning is where another address begins behind a separator.
var beginning = regexp.MustCompile(`[,;|]+https?://`)

// addressList parts a cell into addresses, as shops write them: with spaces, line ends, commas, semicolons or bars
// between them. A comma within an address is part of it.
func addressList(cell string) (addresses []string) {
	for word := range strings.FieldsFuncSeq(cell, unicode.IsSpace) {
		start := 0
		for _, at := range beginning.FindAllStringIndex(word, -1) {
			addresses = append(addresses, word[start:at[0]])
			start = at[0]
		}
		addresses = append(addresses, word[start:])
	}
	kept := addresses[:0]
	for _, one := range addresses {
		if one = strings.Trim(one, ",;|"); one != "" {
			kept = append(kept, one)
		}
	}
	return kept
}

// joinedAddress matches what may be several addresses of which only the first is whole.
var joinedAddress = regexp.MustCompile(`(?i)\.(?:jpe?g|png|gif|webp|avif|svg)[,;|].*\.(?:jpe?g|png|gif|webp|avif|svg)$`)

// checkAddresses says what is wrong with addresses of pictures that the product does not show yet.
func (p *planner) checkAddresses(product *productState, wanted []picture) {
	for _, one := range wanted {
		if slices.ContainsFunc(product.images, func(is imageState) bool { return is.url == one.URL }) {
			continue
		}
		problem := catalog.CheckAddress(one.URL)
		if problem == "" && !p.row.strict && joinedAddress.MatchString(one.URL) {
			problem = "These seem to be several addresses: give each in full, beginning with https://, with a space between them."
		}
		if problem != "" {
			p.problem(imagesName, "pattern", problem)
		}
	}
}

// listable is the same address in a form that a cell can hold among others: what could end it is escaped as RFC 3986
// has it.
func listable(address string) string {
	if parts := addressList(address); len(parts) == 1 && parts[0] == address {
		return address
	}
	var out strings.Builder
	for _, c := range address {
		if unicode.IsSpace(c) || strings.ContainsRune(",;|", c) {
			for _, b := range []byte(string(c)) {
				fmt.Fprintf(&out, "%%%02X", b)
			}
			continue
		}
		out.WriteRune(c)
	}
	return out.String()
}
