package emails

import (
	"errors"
	"strings"

	"golang.org/x/net/idna"
	"golang.org/x/text/unicode/norm"
)

// Limits of RFC 5321 4.5.3.1 and RFC 1035 2.3.4, in bytes.
const (
	maxAddress = 254
	maxLocal   = 64
)

// ErrAddress is returned for what is no address that mail reaches.
var ErrAddress = errors.New("not an e-mail address that mail reaches, such as name@example.com")

// domains maps a domain to what the DNS knows it by, as browsers and mail programs do (UTS 46).
var domains = idna.New(
	idna.MapForLookup(), idna.Transitional(false), idna.BidiRule(), idna.StrictDomainName(true), idna.VerifyDNSLength(true),
)

// Parse returns the address in the form it is stored and written to: the local part as it was typed, the domain in ASCII.
// An address with letters beyond ASCII before the @ is refused, for many mail servers take none; letters that look like
// others or cannot be seen are among them.
// Errors: ErrAddress.
func Parse(text string) (string, error) {
	local, domain, ok := split(text)
	if !ok || !isLocal(local) {
		return "", ErrAddress
	}
	if !isASCII(domain) {
		mapped, err := domains.ToASCII(domain)
		if err != nil {
			return "", ErrAddress
		}
		domain = mapped
	}
	address := local + "@" + domain
	if len(address) > maxAddress || !isDomain(domain) {
		return "", ErrAddress
	}
	return address, nil
}

// Canonical returns an address that was stored before Parse refused its like, in the form that mail can be sent to where
// it has one: composed letters, the domain in ASCII.
func Canonical(text string) string {
	text = norm.NFC.String(text)
	local, domain, ok := split(text)
	if !ok || isASCII(domain) {
		return text
	}
	mapped, err := domains.ToASCII(domain)
	if err != nil {
		return text
	}
	return local + "@" + mapped
}

// Key returns what addresses are compared by: one text for all spellings of an address. It takes any text, so that an
// address that was stored before Parse refused its like is still found.
func Key(text string) string {
	return lowerASCII(Canonical(text))
}

// Same reports whether two texts are the same address.
func Same(a, b string) bool { return Key(a) == Key(b) }

// split cuts an address at its last @; local is the whole text where there is none.
func split(text string) (local, domain string, ok bool) {
	at := strings.LastIndexByte(text, '@')
	if at < 0 {
		return text, "", false
	}
	return text[:at], text[at+1:], true
}

// isLocal reports whether a local part is a dot-string of RFC 5321 4.1.2.
func isLocal(local string) bool {
	if len(local) > maxLocal {
		return false
	}
	for atom := range strings.SplitSeq(local, ".") {
		if atom == "" || strings.ContainsFunc(atom, func(r rune) bool { return !isAtom(r) }) {
			return false
		}
	}
	return true
}

func isAtom(r rune) bool {
	return isLetter(r) || isDigit(r) || r != 0 && strings.ContainsRune("!#$%&'*+-/=?^_`{|}~", r)
}

// isDomain reports whether mail can be sent to a domain in ASCII: two labels or more, the last no number. Labels in
// punycode are those that a name has.
func isDomain(domain string) bool {
	labels := strings.Split(domain, ".")
	if _, err := domains.ToASCII(domain); err != nil || len(labels) < 2 {
		return false
	}
	last := labels[len(labels)-1]
	return len(last) > 1 && strings.ContainsFunc(last, isLetter)
}

func isLetter(r rune) bool { return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' }
func isDigit(r rune) bool  { return '0' <= r && r <= '9' }

func isASCII(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool { return r > '~' })
}

// lowerASCII is the text with the letters A to Z in lower case, and no others.
func lowerASCII(text string) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			return r - 'A' + 'a'
		}
		return r
	}, text)
}
