package catalog

import (
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"unicode"
)

// CheckAddress reports what is wrong with the absolute http or https address of a picture or page; "" when nothing is.
func CheckAddress(address string) string {
	if strings.ContainsFunc(address, func(r rune) bool { return unicode.IsSpace(r) || isInvisible(r) || r == '\\' }) {
		return "An address holds no space, no backslash and nothing invisible."
	}
	parsed, err := url.Parse(address)
	switch {
	case err != nil && strings.Contains(err.Error(), "invalid URL escape"):
		return "A % in an address is followed by two hexadecimal digits; a % itself is written %25."
	case err != nil:
		return "This is not an address such as https://example.com/picture.jpg."
	case parsed.Scheme != "http" && parsed.Scheme != "https":
		return "This must begin with http:// or https://."
	case parsed.User != nil:
		return "This names a user: an address that everybody reads holds none."
	case !isHost(parsed.Hostname()):
		return "This names no host: an address begins like https://example.com/."
	case parsed.Port() != "" && !isPort(parsed.Port()):
		return "The port of this address is no number up to 65535."
	}
	return ""
}

func isPort(text string) bool {
	port, err := strconv.ParseUint(text, 10, 16)
	return err == nil && port > 0
}

// isHost holds for an IP address and for labels of letters, digits, hyphens and underscores (RFC 1123, section 2.1).
func isHost(host string) bool {
	if _, err := netip.ParseAddr(host); err == nil {
		return true
	}
	host = strings.TrimSuffix(host, ".")
	if host == "" || len(host) > 253 {
		return false
	}
	for label := range strings.SplitSeq(host, ".") {
		if label == "" || len(label) > 63 || strings.HasPrefix(label, "-") || strings.HasSuffix(label, "-") ||
			strings.ContainsFunc(label, func(r rune) bool {
				return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) && r != '-' && r != '_'
			}) {
			return false
		}
	}
	return true
}
