package api

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAnAddressIsBelievedOnlyFromATrustedProxy(t *testing.T) {
	t.Parallel()
	trusted := proxies{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("2001:db8:ffff::/48")}
	for name, tc := range map[string]struct {
		peer      string
		forwarded []string // lines of X-Forwarded-For
		standard  []string // lines of Forwarded
		want      string
	}{
		"nobody between":                   {peer: "192.0.2.1:1234", want: "192.0.2.1"},
		"a stranger's word":                {peer: "192.0.2.1:1234", forwarded: []string{"198.51.100.7"}, standard: []string{"for=198.51.100.7"}, want: "192.0.2.1"},
		"a proxy's word":                   {peer: "10.0.0.1:1234", forwarded: []string{"198.51.100.7"}, want: "198.51.100.7"},
		"a proxy that says nothing":        {peer: "10.0.0.1:1234", want: "10.0.0.1"},
		"what the client wrote before it":  {peer: "10.0.0.1:1234", forwarded: []string{"203.0.113.9, 198.51.100.7"}, want: "198.51.100.7"},
		"on another line":                  {peer: "10.0.0.1:1234", forwarded: []string{"203.0.113.9", "198.51.100.7"}, want: "198.51.100.7"},
		"two proxies":                      {peer: "10.0.0.1:1234", forwarded: []string{"203.0.113.9, 198.51.100.7, 10.0.0.2"}, want: "198.51.100.7"},
		"a client that says it is a proxy": {peer: "10.0.0.1:1234", forwarded: []string{"10.0.0.9, 198.51.100.7"}, want: "198.51.100.7"},
		"proxies alone":                    {peer: "10.0.0.1:1234", forwarded: []string{"10.0.0.9, 10.0.0.2"}, want: "10.0.0.9"},
		"nonsense before a proxy":          {peer: "10.0.0.1:1234", forwarded: []string{"198.51.100.7, unknown, 10.0.0.2"}, want: "10.0.0.2"},
		"nothing between commas":           {peer: "10.0.0.1:1234", forwarded: []string{"198.51.100.7,"}, want: "10.0.0.1"},
		"with a port":                      {peer: "10.0.0.1:1234", forwarded: []string{"198.51.100.7:5678"}, want: "198.51.100.7"},
		"IPv6":                             {peer: "[2001:db8:ffff::1]:1234", forwarded: []string{"2001:db8::7"}, want: "2001:db8::7"},
		"IPv6 with a port":                 {peer: "10.0.0.1:1234", forwarded: []string{"[2001:db8::7]:5678"}, want: "2001:db8::7"},
		"IPv4 in IPv6's clothes":           {peer: "[::ffff:10.0.0.1]:1234", forwarded: []string{"::ffff:198.51.100.7"}, want: "198.51.100.7"},
		"Forwarded":                        {peer: "10.0.0.1:1234", standard: []string{`for=203.0.113.9, For="[2001:db8::7]:4711";proto=https;by=10.0.0.1`}, want: "2001:db8::7"},
		"Forwarded with an open quote":     {peer: "10.0.0.1:1234", standard: []string{`for="203.0.113.9, for=198.51.100.7`}, want: "198.51.100.7"},
		"Forwarded that hides":             {peer: "10.0.0.1:1234", standard: []string{`for=_hidden`}, want: "10.0.0.1"},
		"both headers":                     {peer: "10.0.0.1:1234", forwarded: []string{"198.51.100.7"}, standard: []string{"for=203.0.113.9"}, want: "10.0.0.1"},
		"a socket without an address":      {peer: "@", want: "invalid IP"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			request := httptest.NewRequest(http.MethodGet, "/", nil)
			request.RemoteAddr = tc.peer
			request.Header["X-Forwarded-For"], request.Header["Forwarded"] = tc.forwarded, tc.standard
			request.Header.Set("X-Real-Ip", "203.0.113.77")
			require.Equal(t, tc.want, trusted.client(request).String())
			require.Equal(t, parseHop(tc.peer), proxies(nil).client(request), "where none is trusted")
		})
	}
}

func TestAHostWithIPv6IsOneClient(t *testing.T) {
	t.Parallel()
	of := func(text string) string { return network(netip.MustParseAddr(text)) }
	require.Equal(t, of("2001:db8::1"), of("2001:db8::ffff:ffff:ffff:ffff"))
	require.NotEqual(t, of("2001:db8::1"), of("2001:db8:0:1::1"))
	require.NotEqual(t, of("192.0.2.1"), of("192.0.2.2"))
}
