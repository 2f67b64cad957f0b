package pgsearch

import (
	"testing"
	"unicode"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"cartwright/internal/postgres/pgtest"
)

func TestWhatIsTypedIsFoldedAsTheDatabaseFolds(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	texts := rapid.StringOfN(rapid.OneOf(
		rapid.SampledFrom([]rune("ÀÉîöÜñçŠžŁøØßẞÆœÞđıİſΣςάΏЙйёЁЖїҐ™®№①ﬁＡｂがパ헤드폰茶ﾊﾟ²½ -_./'ﷺ")),
		rapid.RuneFrom(nil, unicode.Latin, unicode.Greek, unicode.Cyrillic, unicode.Hiragana, unicode.Katakana, unicode.Hangul, unicode.Punct).
			Filter(func(r rune) bool { return r < 0x10000 }), // beyond, the two may know different versions of Unicode
	), 0, 40, -1)
	rapid.Check(t, func(r *rapid.T) {
		text := texts.Draw(r, "text")
		var folded, sku string
		err := db.QueryRow(t.Context(), `SELECT search_fold($1), search_sku($1)`, text).Scan(&folded, &sku)
		if err != nil || folded != fold(text) || sku != skuKey(text) {
			r.Fatalf("%q: %v: %q, %q instead of %q, %q", text, err, fold(text), skuKey(text), folded, sku)
		}
	})
}

func TestAccentsAndCaseDoNotMatter(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"Crème Brûlée": "creme brulee", "Straße": "strasse", "STRASSE": "strasse", "Łódź": "lodz", "Smørrebrød": "smorrebrod",
		"Œuvre": "oeuvre", "ΣΊΣΥΦΟΣ": "σισυφοσ", "Ёлка": "елка", "ЙОГА": "йога", "Ｈｅｌｌｏ": "hello", "ガラス": "ガラス", "ﾊﾟﾝ": "パン",
		"헤드폰": "헤드폰",
	} {
		require.Equal(t, want, fold(text), text)
	}
}

func TestDistanceCountsTypos(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		a, b string
		most int
		want int
	}{
		{"lamp", "lamp", 2, 0}, {"lamp", "lmap", 2, 1}, {"lamp", "lam", 2, 1}, {"lamp", "clamp", 2, 1}, {"lamp", "limp", 2, 1},
		{"headphones", "haedphnes", 2, 2}, {"lamp", "desk", 2, 3}, {"a", "abcd", 2, 3}, {"", "ab", 2, 2},
	} {
		require.Equal(t, c.want, distance([]rune(c.a), []rune(c.b), c.most), "%s %s", c.a, c.b)
	}
}

// Every word a letter away, or two from a long one, must be among those looked up.
func TestNearWordsShareADeletion(t *testing.T) {
	t.Parallel()
	letters := rapid.SampledFrom([]rune("abcdeo"))
	rapid.Check(t, func(r *rapid.T) {
		word := []rune(rapid.StringOfN(letters, 4, 14, -1).Draw(r, "word"))
		typed := append([]rune{}, word...)
		edits := 1
		if len(word) >= minTwice+2 {
			edits = rapid.IntRange(1, 2).Draw(r, "edits")
		}
		for range edits {
			at := rapid.IntRange(0, len(typed)-1).Draw(r, "at")
			switch rapid.IntRange(0, 3).Draw(r, "edit") {
			case 0:
				typed = append(typed[:at:at], typed[at+1:]...)
			case 1:
				typed = append(typed[:at:at], append([]rune{letters.Draw(r, "letter")}, typed[at:]...)...)
			case 2:
				typed[at] = letters.Draw(r, "letter")
			case 3:
				other := min(at+1, len(typed)-1)
				typed[at], typed[other] = typed[other], typed[at]
			}
		}
		if distance(word, typed, edits) > edits {
			return // two edits of one place may be none of ours
		}
		shared := map[int32]bool{}
		for _, hash := range Deletes(string(word)) {
			shared[hash] = true
		}
		for _, hash := range Deletes(string(typed)) {
			if shared[hash] {
				return
			}
		}
		r.Fatalf("%s and %s share nothing", string(word), string(typed))
	})
}

func TestWordsOfATextInSeveralScripts(t *testing.T) {
	t.Parallel()
	texts := func(text string) (out []string) {
		for _, word := range typedWords(text) {
			out = append(out, word.text)
		}
		return out
	}
	require.Equal(t, []string{"noise", "canc"}, texts("Noise  CANC noise"))
	require.Equal(t, []string{"o", "brien", "3", "5mm"}, texts("O'Brien 3.5mm"))
	require.Equal(t, []string{"iphone", "用", "ケーブル"}, texts("iPhone用、ケーブル")[:3])
	require.Equal(t, []string{"ケー", "ーブ", "ブル"}, typedWords("ケーブル")[0].grams)
	require.Equal(t, []string{"茶"}, typedWords("茶")[0].grams)
	require.Empty(t, texts(" !? <-> "))
}
