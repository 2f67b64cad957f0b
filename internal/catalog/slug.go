package catalog

import (
	"slices"
	"strings"
	"unicode"

	"github.com/google/uuid"
	"github.com/gosimple/unidecode"
	"golang.org/x/text/unicode/norm"
)

const maxSlug = 180

// slugOf derives a slug: "Crème Brûlée Set" becomes "creme-brulee-set", and letters of other alphabets become Latin ones
// that sound or look alike. Text without letters or digits gives "".
func slugOf(name string) string {
	var slug strings.Builder
	for _, r := range transliterate(name) {
		switch r = unicode.ToLower(r); {
		case 'a' <= r && r <= 'z' || '0' <= r && r <= '9':
			slug.WriteRune(r)
		case r == '\'':
			// an apostrophe belongs to its letter
		case slug.Len() > 0 && !strings.HasSuffix(slug.String(), "-"):
			slug.WriteByte('-')
		}
		if slug.Len() >= maxSlug {
			break
		}
	}
	return strings.Trim(slug.String(), "-")
}

// transliterate writes a text in ASCII. Compatible forms are unified first, and marks that stand alone, which the
// library would read as characters of their own, go.
func transliterate(text string) string {
	if isASCII(text) {
		return text
	}
	text = strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) && r < 0x900 || unicode.Is(unicode.Cf, r) { // later marks are vowels of their scripts
			return -1
		}
		return r
	}, norm.NFKC.String(text))
	return unidecode.Unidecode(text)
}

func isASCII(text string) bool {
	return strings.IndexFunc(text, func(r rune) bool { return r > unicode.MaxASCII }) < 0
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
