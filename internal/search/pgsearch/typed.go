package pgsearch

import (
	"strings"
	"unicode"

	"cartwright/internal/catalog"
)

// maxWords bounds the work that one query may ask for.
const maxWords = 12

// typedWord is a word as it was typed, folded. Grams are what a run of Chinese, Japanese or Korean is
// found by; other words have none.
type typedWord struct {
	text  string
	grams []string
}

// typedWords are the words of a text, each once.
func typedWords(text string) (words []typedWord) {
	seen := map[string]bool{}
	for _, word := range strings.FieldsFunc(fold(text), isSeparator) {
		for _, run := range splitRuns(word) {
			if seen[run] || len(words) == maxWords {
				continue
			}
			seen[run] = true
			word := typedWord{text: run}
			if isGram([]rune(run)[0]) {
				word.grams = grams(run)
			}
			words = append(words, word)
		}
	}
	return words
}

// isSeparator holds for whatever cannot be part of a word in any script.
func isSeparator(r rune) bool {
	return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r)
}

// splitRuns parts runs of Chinese, Japanese and Korean from other letters.
func splitRuns(word string) (runs []string) {
	start, last := 0, false
	for i, r := range word {
		if now := isGram(r); i > 0 && now != last {
			runs = append(runs, word[start:i])
			start = i
		}
		last = isGram(r)
	}
	return append(runs, word[start:])
}

// isGram holds for the characters that search_vector takes singly and in pairs.
func isGram(r rune) bool {
	switch {
	case r >= 0x3005 && r <= 0x3007, r >= 0x3040 && r <= 0x30fa, r >= 0x30fc && r <= 0x30ff,
		r >= 0x3400 && r <= 0x4dbf, r >= 0x4e00 && r <= 0x9fff, r >= 0xac00 && r <= 0xd7a3,
		r >= 0xf900 && r <= 0xfaff, r >= 0x20000 && r <= 0x3ffff:
		return true
	}
	return false
}

// maxGrams bounds how much of a run is looked for.
const maxGrams = 24

// grams are the pairs of neighbours of a run, or the one character it has.
func grams(run string) (out []string) {
	characters := []rune(run)
	if len(characters) == 1 {
		return []string{run}
	}
	for i := 0; i+1 < len(characters) && len(out) < maxGrams; i++ {
		out = append(out, string(characters[i:i+2]))
	}
	return out
}

// skuKey is how SKUs are compared, exactly as the SQL function search_sku does.
func skuKey(text string) string { return parts.Replace(catalog.Key(text)) }

// parts are what separates the parts of a SKU.
var parts = strings.NewReplacer(" ", "", "-", "", "_", "", ".", "", "/", "", "#", "", ":", "")

// beyond is the first text that does not begin so, as far as texts go.
func beyond(prefix string) string { return prefix + "\U0010FFFF" }
