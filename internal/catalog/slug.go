package catalog

import (
	"slices"
	"strings"
	"unicode"

	"github.com/google/uuid"
	"golang.org/x/text/unicode/norm"
)

const maxSlug = 180

// slugOf derives a slug: "Crème Brûlée Set" becomes "creme-brulee-set". Text without Latin letters
// or digits gives "".
func slugOf(name string) string {
	var slug strings.Builder
	for _, r := range norm.NFKD.String(name) {
		switch r = unicode.ToLower(r); {
		case r < unicode.MaxASCII && (unicode.IsLetter(r) || unicode.IsDigit(r)):
			slug.WriteRune(r)
		case unicode.Is(unicode.Mn, r) || r == '\'' || r == '’':
			// an accent or apostrophe belongs to its letter
		case slug.Len() > 0 && !strings.HasSuffix(slug.String(), "-"):
			slug.WriteByte('-')
		}
		if slug.Len() >= maxSlug {
			break
		}
	}
	return strings.Trim(slug.String(), "-")
}

// reserved holds for what would not lead to a product by /products/{idOrSlug}: the other addresses
// below /products, and what reads as an id.
func reserved(slug string) bool {
	return slices.Contains([]string{"search", "featured"}, slug) || readsAsID(slug)
}

// reservedCategory is the same of categories.
func reservedCategory(slug string) bool { return slug == "tree" || readsAsID(slug) }

func readsAsID(slug string) bool {
	_, err := uuid.Parse(slug)
	return err == nil && len(slug) == 36
}
