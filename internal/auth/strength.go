package auth

import (
	_ "embed" // the common passwords
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"cartwright/internal/emails"
)

// Limits of a password. Each byte of it is hashed, so there is an end.
const (
	minPassword = 8    // characters
	maxPassword = 1024 // bytes
)

// common are passwords that everybody tries first, one a line and in lower case: words with the usual endings, walks
// over keyboards, years and dates.
//
//go:embed common.txt
var common string

// acceptable is nil for a password that may be chosen for the account of this address; ErrWeak names why not.
func acceptable(password, email string) error {
	password = norm.NFC.String(password)
	lower := strings.ToLower(password)
	name, _, _ := strings.Cut(email, "@")
	switch {
	case utf8.RuneCountInString(password) < minPassword:
		return weak("too_short", "A password has at least 8 characters.")
	case strings.TrimFunc(password, isBlank) == "":
		return weak("too_common", "A password has letters that can be seen.")
	case len(password) > maxPassword:
		return weak("too_long", "A password has at most 1024 bytes.")
	case emails.Same(password, name) || emails.Same(password, email):
		return weak("too_common", "A password is not the e-mail address.")
	case isCommon(lower):
		return weak("too_common", "Many people have this password, so it is tried first. Choose another.")
	}
	return nil
}

// isBlank reports whether a letter cannot be seen.
func isBlank(r rune) bool {
	return unicode.IsSpace(r) || !unicode.IsGraphic(r) || r == '\u2800' || r == '\u3164'
}

// isCommon tells whether the list has a password in lower case, also when digits and signs stand for letters.
func isCommon(lower string) bool { return listed(lower) || listed(unmasked.Replace(lower)) }

func listed(password string) bool {
	return !strings.Contains(password, "\n") && strings.Contains(common, "\n"+password+"\n")
}

// unmasked reads the signs that people write for letters.
var unmasked = strings.NewReplacer("0", "o", "1", "l", "3", "e", "4", "a", "5", "s", "7", "t", "@", "a", "$", "s", "!", "i")
