package pgsearch

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// fold makes texts comparable, exactly as the SQL function search_fold does.
func fold(text string) string {
	if isASCII(text) {
		return strings.ToLower(text)
	}
	text = norm.NFKD.String(aside.Replace(text))
	text = strings.Map(func(r rune) rune {
		if r >= 0x300 && r <= 0x36f {
			return -1
		}
		return r
	}, text)
	text = strings.Map(lower, norm.NFKC.String(text))
	return letters.Replace(text)
}

func isASCII(text string) bool {
	for i := range len(text) {
		if text[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

func lower(r rune) rune {
	if 'A' <= r && r <= 'Z' {
		return r + 'a' - 'A'
	}
	return r
}

// aside keeps й apart from и with an accent, and drops what would become letters.
var aside = strings.NewReplacer("Й", "\ue000", "й", "\ue000", "™", " ", "®", " ", "©", " ", "℠", " ",
	"\u200b", " ", "\u200d", " ", "\ufeff", " ")

// letters are those that no decomposition makes comparable.
var letters = func() *strings.Replacer {
	const (
		from = "\ue000ØøĐđŁłĦħŦŧıÐðΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣςΤΥΦΧΨΩАБВГДЕЖЗИКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯЄІҐЂЈЉЊЋЏ"
		to   = "йooddllhhttiddαβγδεζηθικλμνξοπρσστυφχψωабвгдежзиклмнопрстуфхцчшщъыьэюяєіґђјљњћџ"
	)
	pairs := []string{"Æ", "ae", "æ", "ae", "Œ", "oe", "œ", "oe", "Þ", "th", "þ", "th", "ẞ", "ss", "ß", "ss"}
	replacements := []rune(to)
	for i, r := range []rune(from) {
		pairs = append(pairs, string(r), string(replacements[i]))
	}
	return strings.NewReplacer(pairs...)
}()
