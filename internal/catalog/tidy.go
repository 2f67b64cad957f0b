package catalog

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"cartwright/internal/errs"
)

// Tidy cleans a text that tells things apart, such as a SKU: composed characters, no space around it, and none of the
// characters that nobody sees. It is otherwise as it was typed.
func Tidy(text string) string {
	if plainASCII(text) {
		return text
	}
	typed := []rune(norm.NFC.String(text))
	var out strings.Builder
	for i, r := range typed {
		switch {
		case isSpace(r):
			out.WriteByte(' ')
		case joins(r) && i > 0 && i+1 < len(typed) && typed[i-1] > unicode.MaxASCII && typed[i+1] > unicode.MaxASCII:
			out.WriteRune(r)
		case isInvisible(r):
		default:
			out.WriteRune(r)
		}
	}
	return norm.NFC.String(strings.Join(strings.Fields(out.String()), " "))
}

// Key returns what a text that tells things apart is compared by: tidy, without any invisible character, in lower case.
// The SQL function catalogue_key does the same.
func Key(text string) string {
	if plainASCII(text) {
		return strings.ToLower(text)
	}
	visible := strings.Map(func(r rune) rune {
		switch {
		case isSpace(r):
			return ' '
		case isInvisible(r):
			return -1
		}
		return r
	}, text)
	folded := strings.Map(foldCase, norm.NFC.String(strings.Join(strings.Fields(visible), " ")))
	return norm.NFC.String(folded)
}

// OptionsKey returns what options are compared by; of two variants with equal ones, nobody sees which is which.
func OptionsKey(options map[string]string) map[string]string {
	keyed := make(map[string]string, len(options))
	for name, value := range options {
		keyed[Key(name)] = Key(value)
	}
	return keyed
}

func plainASCII(text string) bool {
	for i := range len(text) {
		if text[i] <= ' ' || text[i] > '~' {
			return false
		}
	}
	return true
}

// isSpace holds for what shows as a space, as PostgreSQL's function spells it out.
func isSpace(r rune) bool {
	switch {
	case r == ' ', r >= '\t' && r <= '\r', r == 0x85, r == 0xa0, r == 0x1680, r >= 0x2000 && r <= 0x200a,
		r == 0x2028, r == 0x2029, r == 0x202f, r == 0x205f, r == 0x3000:
		return true
	}
	return false
}

// isInvisible holds for what shows as nothing: controls, marks of direction, joiners, fillers and variation selectors.
func isInvisible(r rune) bool {
	switch {
	case r < ' ', r >= 0x7f && r <= 0x9f, r == 0xad, r == 0x34f, r == 0x61c, r == 0x115f, r == 0x1160,
		r >= 0x17b4 && r <= 0x17b5, r >= 0x180b && r <= 0x180f, r >= 0x200b && r <= 0x200f, r >= 0x202a && r <= 0x202e,
		r >= 0x2060 && r <= 0x206f, r == 0x3164, r >= 0xfe00 && r <= 0xfe0f, r == 0xfeff, r == 0xffa0:
		return true
	}
	return false
}

// joins holds for invisible characters that change how letters of some scripts, and emoji, are drawn.
func joins(r rune) bool { return r == 0x200c || r == 0x200d || r >= 0xfe00 && r <= 0xfe0f }

// foldCase makes capitals of Latin, Greek, Cyrillic and Armenian small.
func foldCase(r rune) rune {
	if r < 0x590 || r >= 0x1e00 && r < 0x2000 {
		return unicode.ToLower(r)
	}
	return r
}

// tidied is a text that a request names something by; an Invalid error when nothing is left of it.
func tidied(field, text string) (string, error) {
	if text = Tidy(text); text == "" {
		return "", errs.InvalidFields(errs.Field{Name: field, Code: "pattern", Message: "This holds no character that can be seen."})
	}
	return text, nil
}
