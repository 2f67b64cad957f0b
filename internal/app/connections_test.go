package app

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// hall is a server with bounds, which keeps who is in it until they are let go.
type hall struct {
	t       *testing.T
	address string
}

func open(t *testing.T, b bounds) hall {
	t.Helper()
	listener, err := net.Listen("tcp", "0.0.0.0:0")
	require.NoError(t, err)
	server := &http.Server{ReadHeaderTimeout: time.Minute, Handler: http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})}
	served := make(chan struct{})
	go func() {
		defer close(served)
		_ = server.Serve(bounded(listener, b))
	}()
	t.Cleanup(func() { _ = server.Close(); <-served })
	return hall{t, fmt.Sprintf("127.0.0.1:%d", listener.Addr().(*net.TCPAddr).Port)}
}

// enter begins a request from one of this machine's addresses, and never ends its headers.
func (h hall) enter(from string) net.Conn {
	h.t.Helper()
	dialer := &net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(from)}}
	conn, err := dialer.DialContext(h.t.Context(), "tcp", h.address)
	require.NoError(h.t, err)
	h.t.Cleanup(func() { _ = conn.Close() })
	_, _ = io.WriteString(conn, "GET / HTTP/1.1\r\nHost: x\r\n")
	return conn
}

// served ends the headers, and tells whether there was an answer.
func (h hall) served(conn net.Conn) bool {
	h.t.Helper()
	_, _ = io.WriteString(conn, "\r\n")
	require.NoError(h.t, conn.SetReadDeadline(time.Now().Add(time.Minute)))
	response, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		require.NotErrorIs(h.t, err, os.ErrDeadlineExceeded, "neither served nor shut out")
		return false
	}
	return response.Body.Close() == nil && response.StatusCode == http.StatusOK
}

func TestOneAddressDoesNotTakeEveryConnection(t *testing.T) {
	t.Parallel()
	h := open(t, bounds{all: 20, perAddress: 3})
	var slow []net.Conn
	for range 3 {
		slow = append(slow, h.enter("127.0.0.1"))
	}
	for range 30 { // more than there are places
		require.False(t, h.served(h.enter("127.0.0.1")), "a fourth")
	}
	require.True(t, h.served(h.enter("127.0.0.2")), "somebody else")
	for _, conn := range slow {
		require.True(t, h.served(conn), "who was in before stays")
	}
	require.NoError(t, slow[0].Close())
	require.NoError(t, slow[1].Close())
	require.Eventually(t, func() bool { return h.served(h.enter("127.0.0.1")) }, time.Minute, 10*time.Millisecond, "who leaves makes room")
}

func TestBehindAProxyIsEverybody(t *testing.T) {
	t.Parallel()
	h := open(t, bounds{all: 100, perAddress: 3, exempt: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/30")}})
	for range 20 {
		h.enter("127.0.0.2")
	}
	require.True(t, h.served(h.enter("127.0.0.2")))
	for range 3 {
		h.enter("127.0.0.9")
	}
	require.False(t, h.served(h.enter("127.0.0.9")))
}

func TestMoreThanThereArePlacesForWait(t *testing.T) {
	t.Parallel()
	h := open(t, bounds{all: 4})
	var in []net.Conn
	for range 4 {
		in = append(in, h.enter("127.0.0.1"))
	}
	for _, conn := range in { // each is answered, and so is in
		require.True(t, h.served(conn))
	}
	late := h.enter("127.0.0.2")
	_, _ = io.WriteString(late, "\r\n")
	require.NoError(t, late.SetReadDeadline(time.Now().Add(200*time.Millisecond)))
	_, err := late.Read(make([]byte, 1))
	require.ErrorIs(t, err, os.ErrDeadlineExceeded, "a fifth waits")
	require.NoError(t, in[0].Close())
	require.NoError(t, late.SetReadDeadline(time.Now().Add(time.Minute)))
	response, err := http.ReadResponse(bufio.NewReader(late), nil)
	require.NoError(t, err, "and is served once another has left")
	require.NoError(t, response.Body.Close())
}

func TestAnAddressIsCountedAsOneHost(t *testing.T) {
	t.Parallel()
	p := &perAddress{bounds: bounds{exempt: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}}}
	for remote, want := range map[string]string{
		"198.51.100.7:80": "198.51.100.7/32", "[::ffff:198.51.100.7]:80": "198.51.100.7/32", "[2001:db8::1:2:3:4]:80": "2001:db8::/64",
		"[2001:db8::ffff]:80": "2001:db8::/64", "[fe80::1%eth0]:80": "fe80::/64", "10.1.2.3:80": "", "[::ffff:10.1.2.3]:80": "", "@": "",
	} {
		from, counts := p.counted(peer{remote: remote})
		require.Equal(t, want != "", counts, remote)
		if counts {
			require.Equal(t, want, from[0].String(), remote)
		}
	}
}

func TestNetworksOfOneSubscriberShareConnections(t *testing.T) {
	t.Parallel()
	p := &perAddress{bounds: bounds{perAddress: 4}, open: map[netip.Prefix]int{}}
	open := func(pattern string) (entered [][]netip.Prefix) {
		for i := range 20 {
			from, counts := p.counted(peer{remote: fmt.Sprintf(pattern, i)})
			require.True(t, counts)
			if p.enter(from) {
				entered = append(entered, from)
			}
		}
		return entered
	}
	for pattern, most := range map[string]int{"[2001:db8::%x]:80": 4, "[2001:db8:0:%x::]:80": 6, "[2001:db8:0:%x00::]:80": 8, "198.51.100.%d:80": 20} {
		entered := open(pattern)
		require.Len(t, entered, most, pattern)
		for _, from := range entered {
			p.leave(from)
		}
		require.Empty(t, p.open)
	}
}

// peer is a connection of which nothing is known but whose it is.
type peer struct {
	net.Conn
	remote string
}

func (p peer) RemoteAddr() net.Addr { return named(p.remote) }

type named string

func (named) Network() string  { return "tcp" }
func (n named) String() string { return string(n) }

func TestConnectionsPerAddressAreANumber(t *testing.T) {
	for text, want := range map[string]int{"": 2500, "0": 0, "7": 7} {
		t.Setenv("MAX_CONNECTIONS_PER_ADDRESS", text)
		config, err := readConfig()
		require.NoError(t, err, text)
		require.Equal(t, want, config.connectionsPerAddress())
	}
	for _, text := range []string{"-1", "many", "1.5"} {
		t.Setenv("MAX_CONNECTIONS_PER_ADDRESS", text)
		_, err := readConfig()
		require.ErrorContains(t, err, "MAX_CONNECTIONS_PER_ADDRESS", text)
	}
}
