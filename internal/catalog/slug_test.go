package catalog

import (
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestADerivedSlugIsOneOrNothing(t *testing.T) {
	t.Parallel()
	slug := regexp.MustCompile(`^[a-z0-9]+(?:-[a-z0-9]+)*$`)
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.String().Draw(t, "name")
		if got := slugOf(name); got != "" && (!slug.MatchString(got) || len(got) > maxSlug) {
			t.Fatalf("%q gives %q", name, got)
		}
	})
}

func TestSlug_KeepsEveryLetterOfAName(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"Weißbier Gläser":  "weissbier-glaser",
		"Łódź: poduszka":   "lodz-poduszka",
		"Smørebrød æble":   "smorebrod-aeble",
		"Œuvre d’art":      "oeuvre-dart",
		"Þorn og Ðagur":    "thorn-og-dagur",
		"Đống hồ":          "dong-ho",
		"Kırmızı şapka":    "kirmizi-sapka",
		"Đo\u0302\u0301ng": "dong",
		"Crème Brûlée Set": "creme-brulee-set",
		"Красный диван":    "krasnyi-divan",
		"Ελληνικό λάδι":    "elleniko-ladi",
		"電気ケトル 1.0L":       "dian-qi-ketoru-1-0l",
		"Ｆｕｌｌ ｗｉｄｔｈ ２":     "full-width-2",
		"zero\u200bwidth":  "zerowidth",
		"Levi's 501":       "levis-501",
		"— … !":            "",
		"🛋":                "",
	} {
		require.Equal(t, want, slugOf(name), name)
	}
}
