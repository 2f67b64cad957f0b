package catalog

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

const maxSlug = 180

// slugOf derives a slug: "Crème Brûlée Set" becomes "creme-brulee-set". Text without Latin letters
// or digits gives "".
func slugOf(name string) string {
	var slug strings.Builder
	for _, r := range norm.NFKD.String(strings.ToLower(name)) {
		switch {
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
