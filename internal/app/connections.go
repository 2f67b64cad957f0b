package app

import (
	"errors"
	"net"
	"net/netip"
	"slices"
	"sync"

	"golang.org/x/net/netutil"
)

// maxConnections is how many connections are open at once; more wait in the system's queue.
const maxConnections = 10_000

// defaultPerAddress leaves room for an office or a mobile network, and takes four of its kind to fill the shop.
const defaultPerAddress = 2500

var errConnections = errors.New("MAX_CONNECTIONS_PER_ADDRESS is not a number of connections, such as 2500, or 0 for no limit")

// bounds are how many connections are open at once.
type bounds struct {
	all        int
	perAddress int            // 0 is no limit of its own
	exempt     []netip.Prefix // proxies, behind whose address is everybody
}

// bounded lets no more than that in. Who has too many already is shut out at once, and takes no place from others.
func bounded(listener net.Listener, b bounds) net.Listener {
	if b.perAddress > 0 {
		listener = &perAddress{Listener: listener, bounds: b, open: map[netip.Prefix]int{}}
	}
	return netutil.LimitListener(listener, b.all)
}

// perAddress counts the connections of each address while they are open.
type perAddress struct {
	net.Listener
	bounds
	mu   sync.Mutex
	open map[netip.Prefix]int
}

// Accept waits for a connection of somebody who does not have too many.
func (p *perAddress) Accept() (net.Conn, error) {
	for {
		conn, err := p.Listener.Accept()
		if err != nil {
			return nil, err
		}
		from, counts := p.counted(conn)
		switch {
		case !counts:
			return conn, nil
		case p.enter(from):
			return &countedConn{Conn: conn, leave: sync.OnceFunc(func() { p.leave(from) })}, nil
		}
		_ = conn.Close()
	}
}

// widths are the networks that IPv6 is counted by: every host is given a /64 whole, and a subscriber a /56 or a /48.
var widths = []int{64, 56, 48}

// counted are whose connection it is: an IPv4 address, or the networks around an address of IPv6, the narrowest first.
func (p *perAddress) counted(conn net.Conn) (from []netip.Prefix, counts bool) {
	remote, err := netip.ParseAddrPort(conn.RemoteAddr().String())
	address := remote.Addr().Unmap().WithZone("")
	if err != nil || slices.ContainsFunc(p.exempt, func(network netip.Prefix) bool { return network.Contains(address) }) {
		return nil, false
	}
	bits := widths
	if address.Is4() {
		bits = []int{address.BitLen()}
	}
	for _, width := range bits {
		network, err := address.Prefix(width)
		if err != nil {
			return nil, false
		}
		from = append(from, network)
	}
	return from, true
}

// most is how many connections a network may have: half as many again with each that is wider.
func (p *perAddress) most(level int) int { return p.perAddress * (2 + level) / 2 }

func (p *perAddress) enter(from []netip.Prefix) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	for level, network := range from {
		if p.open[network] >= p.most(level) {
			return false
		}
	}
	for _, network := range from {
		p.open[network]++
	}
	return true
}

func (p *perAddress) leave(from []netip.Prefix) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, network := range from {
		if p.open[network]--; p.open[network] == 0 {
			delete(p.open, network)
		}
	}
}

// countedConn leaves its place when it is closed, once.
type countedConn struct {
	net.Conn
	leave func()
}

// Close closes the connection.
func (c *countedConn) Close() error {
	defer c.leave()
	return c.Conn.Close()
}
