package app

import (
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
)

// ownHosts has a shop answer to its own names alone. In dev mode its admin is known to everybody, and a page from elsewhere
// whose name is pointed to this machine (DNS rebinding) could read and do everything. Numbers and names without a dot
// cannot be pointed anywhere by somebody else.
func ownHosts(next http.Handler, addresses ...string) http.Handler {
	names := []string{"host.docker.internal"}
	for _, address := range addresses {
		if parsed, err := url.Parse(address); err == nil {
			names = append(names, strings.ToLower(parsed.Hostname()))
		}
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !isOwnHost(r.Host, names) {
			http.Error(w, "The shop in dev mode is not known by this name. Use localhost, or set PUBLIC_URL.", http.StatusMisdirectedRequest)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// isOwnHost reports whether a Host header names this machine.
func isOwnHost(header string, names []string) bool {
	host := header
	if name, _, err := net.SplitHostPort(header); err == nil {
		host = name
	}
	host = strings.TrimSuffix(strings.ToLower(strings.Trim(host, "[]")), ".")
	_, err := netip.ParseAddr(host)
	return err == nil || !strings.Contains(host, ".") || strings.HasSuffix(host, ".localhost") || slices.Contains(names, host)
}
