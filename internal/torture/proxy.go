package main

import (
	"context"
	"net"
	"sync"
	"time"
)

// proxy passes connections on, until it is told to cut or to slow them.
type proxy struct {
	listener net.Listener

	mu      sync.Mutex
	targets []string
	next    int
	delay   time.Duration // of everything that the target says
	refuses bool
	pairs   map[*pair]bool
	watch   func() // is called before a request goes on
}

// pair is one connection and its continuation.
type pair struct{ client, target net.Conn }

func (p *pair) close(rudely bool) {
	for _, conn := range []net.Conn{p.client, p.target} {
		if tcp, ok := conn.(*net.TCPConn); ok && rudely {
			_ = tcp.SetLinger(0) // a reset instead of an end
		}
		_ = conn.Close()
	}
}

func newProxy(targets ...string) (*proxy, error) {
	listener, err := new(net.ListenConfig).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p := &proxy{listener: listener, targets: targets, pairs: map[*pair]bool{}}
	go p.accept()
	return p, nil
}

func (p *proxy) address() string { return p.listener.Addr().String() }

// to names where connections go from now on: to one after the other of them.
func (p *proxy) to(targets ...string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.targets = targets
}

func (p *proxy) accept() {
	for {
		client, err := p.listener.Accept()
		if err != nil {
			return
		}
		go p.serve(client)
	}
}

func (p *proxy) serve(client net.Conn) {
	target := p.dial()
	if target == nil {
		(&pair{client, client}).close(true)
		return
	}
	both := &pair{client, target}
	p.mu.Lock()
	p.pairs[both] = true
	p.mu.Unlock()
	defer func() {
		both.close(false)
		p.mu.Lock()
		delete(p.pairs, both)
		p.mu.Unlock()
	}()
	done := make(chan struct{}, 2)
	go func() { p.pass(target, client, p.asked); done <- struct{}{} }()
	go func() { p.pass(client, target, p.answered); done <- struct{}{} }()
	<-done
}

// dial reaches the next target that answers; nil when none does, or none may be reached.
func (p *proxy) dial() net.Conn {
	p.mu.Lock()
	targets, first, refuses := p.targets, p.next, p.refuses
	p.next++
	p.mu.Unlock()
	for i := range targets {
		if refuses {
			return nil
		}
		dialer := net.Dialer{Timeout: time.Second}
		if conn, err := dialer.DialContext(context.Background(), "tcp", targets[(first+i)%len(targets)]); err == nil {
			return conn
		}
	}
	return nil
}

// pass copies from one side to the other, after a pause for each piece.
func (p *proxy) pass(to, from net.Conn, pause func()) {
	buffer := make([]byte, 32<<10)
	for {
		n, err := from.Read(buffer)
		if n > 0 {
			pause()
			if _, err := to.Write(buffer[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

func (p *proxy) asked() {
	p.mu.Lock()
	watch := p.watch
	p.mu.Unlock()
	if watch != nil {
		watch()
	}
}

func (p *proxy) answered() {
	p.mu.Lock()
	delay := p.delay
	p.mu.Unlock()
	if delay > 0 {
		time.Sleep(delay)
	}
}

// slow delays what the targets say; 0 heals.
func (p *proxy) slow(delay time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.delay = delay
}

// cut ends the connections there are, with a reset.
func (p *proxy) cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for both := range p.pairs {
		both.close(true)
	}
}

// refuse lets no new connection through while it holds.
func (p *proxy) refuse(refuses bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.refuses = refuses
}

// onRequest has this called before each piece of a request goes on; nil stops that.
func (p *proxy) onRequest(watch func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.watch = watch
}

func (p *proxy) close() {
	_ = p.listener.Close()
	p.cut()
}
