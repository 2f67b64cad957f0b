package app

import (
	"net/url"
	"strings"
)

// oneForm writes an absolute address as browsers do, so that two of the same place are the same text: the scheme and the
// host in lower case, without the port that goes without saying and without a slash at the end. ok is false for what is
// no such address, or has a user, a query or a fragment.
func oneForm(text string) (address string, ok bool) {
	parsed, err := url.Parse(text)
	if err != nil || !isAddress(text) || parsed.Hostname() == "" || parsed.User != nil || strings.ContainsAny(text, "?#") {
		return text, false
	}
	host := strings.ToLower(parsed.Host)
	host = strings.TrimSuffix(host, map[string]string{"http": ":80", "https": ":443"}[parsed.Scheme])
	host = strings.TrimSuffix(host, ":")
	return parsed.Scheme + "://" + host + strings.TrimRight(parsed.EscapedPath(), "/"), true
}

// isOneForm holds for an address that oneForm can write.
func isOneForm(text string) bool {
	_, ok := oneForm(text)
	return ok
}

// oneForms writes what can be written in one form, and leaves the rest for the problems to tell of.
func oneForms(list []string) []string {
	for i, text := range list {
		list[i], _ = oneForm(text)
	}
	return list
}
