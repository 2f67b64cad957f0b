package api

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/stretchr/testify/require"

	"cartwright/internal/errs"
)

// bodyServer reads bodies as the shop does, of the networks that requests name in a header.
func bodyServer(t *testing.T, b *bodies) (server *httptest.Server, refused *atomic.Int64) {
	t.Helper()
	refused = &atomic.Int64{}
	e := echo.New()
	handle := b.readBody(func(c echo.Context) error { return c.String(http.StatusOK, fmt.Sprint(len(body(c)))) })
	e.POST("/", func(c echo.Context) error {
		from := netip.MustParseAddr(c.Request().Header.Get("X-From"))
		c.SetRequest(c.Request().WithContext(context.WithValue(c.Request().Context(), addressKey{}, from)))
		c.Set(operationKey, &contractOperation{maxBody: maxBody})
		err := handle(c)
		if err == nil {
			return nil
		}
		refused.Add(1)
		return c.String(http.StatusTeapot, err.Error())
	})
	server = httptest.NewServer(e)
	t.Cleanup(server.Close)
	return server, refused
}

// unfinished sends all but the end of a body, and stays connected.
func unfinished(t *testing.T, server *httptest.Server, from string, length int) net.Conn {
	t.Helper()
	conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", server.Listener.Addr().String())
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close() })
	_, err = fmt.Fprintf(conn, "POST / HTTP/1.1\r\nHost: shop\r\nX-From: %s\r\nContent-Length: %d\r\n\r\n", from, length)
	require.NoError(t, err)
	go func() { _, _ = io.WriteString(conn, strings.Repeat(" ", length-10)) }() // until it is refused
	return conn
}

func (b *bodies) held(network string) (all, own int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.used, b.of[network]
}

func finished(t *testing.T, server *httptest.Server, from string) int {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL, strings.NewReader("{}"))
	require.NoError(t, err)
	request.Header.Set("X-From", from)
	answer, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	require.NoError(t, answer.Body.Close())
	return answer.StatusCode
}

func TestBodies_UnfinishedOnesTakeNoMoreThanTheirShare(t *testing.T) {
	t.Parallel()
	const connections, total = 1000, 16 << 20
	b := newBodies(total)
	b.pause = time.Minute
	server, refused := bodyServer(t, b)
	for range connections {
		unfinished(t, server, "203.0.113.7", maxBody-10)
	}
	require.Eventually(t, func() bool { return refused.Load() > connections*9/10 }, time.Minute, time.Millisecond)
	all, own := b.held("203.0.113.7")
	t.Logf("%d of %d connections were refused, the others hold %d bytes", refused.Load(), connections, own)
	require.LessOrEqual(t, own, int64(total/networkShare))
	require.Equal(t, all, own)
	require.Equal(t, http.StatusOK, finished(t, server, "203.0.113.8"), "another network")
	server.CloseClientConnections()
	require.Eventually(t, func() bool { all, _ := b.held(""); return all == 0 }, time.Minute, time.Millisecond)
	require.Equal(t, http.StatusOK, finished(t, server, "203.0.113.7"))
}

func TestBodies_NetworksOfOneSubscriberShareMemory(t *testing.T) {
	t.Parallel()
	for pattern, most := range map[string]int{"2001:db8::%x": 4, "2001:db8:0:%x::": 6, "2001:db8:0:%x00::": 8} {
		b, held := newBodies(16*(maxBody+1)), 0
		for i := range 16 {
			lease := &lease{from: b, networks: networks(netip.MustParseAddr(fmt.Sprintf(pattern, i)))}
			if lease.grow(maxBody+1) == nil {
				held++
			}
		}
		require.Equal(t, most, held, pattern)
	}
}

func TestBodies_AnnouncedLengthTakesNothing(t *testing.T) {
	t.Parallel()
	b := newBodies(0)
	in := incoming{Reader: strings.NewReader("{}"), control: http.NewResponseController(httptest.NewRecorder()), start: time.Now(), length: maxBody, bound: maxBody}
	lease := &lease{from: b}
	read, err := in.read(lease)
	require.NoError(t, err)
	require.Equal(t, "{}", string(read))
	all, _ := b.held("")
	require.LessOrEqual(t, all, int64(1<<10))
}

func TestBodies_ASlowOneEnds(t *testing.T) {
	t.Parallel()
	b := newBodies(0)
	b.pause = 20 * time.Millisecond
	server, refused := bodyServer(t, b)
	conn := unfinished(t, server, "203.0.113.7", 100)
	answer, err := io.ReadAll(conn) // until the server closes
	require.NoError(t, err)
	require.Contains(t, string(answer), errSlow.Code)
	require.Positive(t, refused.Load())
}

// A body that never stands still still has to come at a rate.
func TestBodies_ADrippingOneEnds(t *testing.T) {
	t.Parallel()
	for received, want := range map[int]time.Duration{0: bodyGrace, bodyRate: bodyGrace + time.Second, maxBody: bodyTime} {
		at := &deadlines{ResponseWriter: httptest.NewRecorder()}
		start := time.Now()
		incoming{control: http.NewResponseController(at), start: start, pause: time.Hour}.wait(received)
		require.Equal(t, want, at.read.Sub(start))
	}
}

type deadlines struct {
	http.ResponseWriter
	read time.Time
}

func (d *deadlines) SetReadDeadline(at time.Time) error { d.read = at; return nil }

func TestSlots_OneCallerHasHalfOfThem(t *testing.T) {
	t.Parallel()
	all := &slots{of: map[string]int{}}
	var leave func()
	for range streamsOfCaller {
		var err error
		leave, err = all.enter("one")
		require.NoError(t, err)
	}
	_, err := all.enter("one")
	require.ErrorIs(t, err, errBusy)
	for range maxStreams - streamsOfCaller {
		_, err := all.enter("another")
		require.NoError(t, err)
	}
	_, err = all.enter("a third")
	require.ErrorIs(t, err, errBusy)
	leave()
	_, err = all.enter("a third")
	require.NoError(t, err)
}

func TestStreamedBody_HasToComeAtARate(t *testing.T) {
	t.Parallel()
	b := &streamedBody{bytes: 10 * streamRate, waited: streamGrace}
	require.Equal(t, 10*time.Second, b.overdue())
	var known *errs.Error
	require.ErrorAs(t, errSlow, &known)
	require.Equal(t, errs.Malformed, known.Kind)
}
