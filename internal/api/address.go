package api

import (
	"context"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"
)

type addressKey struct{}

// clientAddress is where the request came from; the zero address where that is not known. It is the only way to an
// address: headers say what anybody likes.
func clientAddress(ctx context.Context) netip.Addr {
	found, _ := ctx.Value(addressKey{}).(netip.Addr)
	return found
}

// proxies are the networks whose word on a client's address counts.
type proxies []netip.Prefix

func (p proxies) trust(address netip.Addr) bool {
	return slices.ContainsFunc(p, func(network netip.Prefix) bool { return network.Contains(address) })
}

// locate finds out where each request comes from.
func (p proxies) locate(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		request := c.Request()
		c.SetRequest(request.WithContext(context.WithValue(request.Context(), addressKey{}, p.client(request))))
		return next(c)
	}
}

// client is the address behind the proxies that are trusted: each of them added the address it was asked from, so the
// last one that is not a trusted proxy's is the client's. What stands before that, the client wrote.
func (p proxies) client(request *http.Request) netip.Addr {
	address := parseHop(request.RemoteAddr)
	if !p.trust(address) {
		return address
	}
	for _, hop := range slices.Backward(hops(request.Header)) {
		before := parseHop(hop)
		if !before.IsValid() {
			return address // hidden or nonsense: whoever passed it on answers for it
		}
		if address = before; !p.trust(address) {
			return address
		}
	}
	return address
}

// hops are the addresses that the proxies added, the last one last. Where both headers are there, one of them was not
// written by the proxy, and nobody can tell which: then neither counts.
func hops(header http.Header) []string {
	added, standard := split(header.Values("X-Forwarded-For")), split(header.Values("Forwarded"))
	switch {
	case len(standard) == 0:
		return added
	case len(added) > 0:
		return nil
	}
	for i, element := range standard {
		standard[i] = forOf(element)
	}
	return standard
}

func split(lines []string) []string {
	if len(lines) == 0 {
		return nil
	}
	return strings.Split(strings.Join(lines, ","), ",")
}

// forOf is whom an element of Forwarded is for (RFC 7239, section 4): for="[2001:db8::1]:4711";proto=https.
func forOf(element string) string {
	for pair := range strings.SplitSeq(element, ";") {
		name, value, _ := strings.Cut(strings.TrimSpace(pair), "=")
		if strings.EqualFold(name, "for") {
			return strings.Trim(value, `"`)
		}
	}
	return ""
}

// parseHop reads an address with or without a port and brackets; the zero address is what cannot be read.
func parseHop(text string) netip.Addr {
	text = strings.TrimSpace(text)
	if host, _, err := net.SplitHostPort(text); err == nil {
		text = host
	}
	address, err := netip.ParseAddr(strings.TrimSuffix(strings.TrimPrefix(text, "["), "]"))
	if err != nil {
		return netip.Addr{}
	}
	return address.Unmap().WithZone("")
}

// networkOf is the network that the request came from; "" where that is not known.
func networkOf(ctx context.Context) string {
	if address := clientAddress(ctx); address.IsValid() {
		return network(address)
	}
	return ""
}

// around are the networks that IPv6 is counted by beside the /64: a subscriber has a /56 or a /48, with as many /64 as they
// like.
var around = []int{56, 48}

// networks are an address's network and those around it, the narrowest first; of IPv4 the address alone.
func networks(address netip.Addr) []string {
	all := []string{network(address)}
	if address.Is6() {
		for _, bits := range around {
			if prefix, err := address.Prefix(bits); err == nil {
				all = append(all, prefix.String())
			}
		}
	}
	return all
}

// network is what one client has: an IPv4 address, or the /64 that every host with IPv6 is given whole.
func network(address netip.Addr) string {
	if address.Is6() {
		if prefix, err := address.Prefix(64); err == nil {
			return prefix.String()
		}
	}
	return address.String()
}
