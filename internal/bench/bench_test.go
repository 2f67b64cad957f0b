package main

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestScaleIsRead(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{"100k": 100_000, "1m": 1_000_000, "1M": 1_000_000, "2000": 2000, "10m": 10_000_000} {
		got, err := parseScale(text)
		require.NoError(t, err, text)
		require.Equal(t, want, got, text)
	}
	for _, wrong := range []string{"", "k", "1999", "11m", "-5k", "1.5m", "99999999999999m"} {
		_, err := parseScale(wrong)
		require.Error(t, err, wrong)
	}
	o, err := parse([]string{"-short", "bin/cartwright"})
	require.NoError(t, err)
	require.Equal(t, options{products: 3000, short: true, binary: "bin/cartwright"}, o)
	_, err = parse([]string{"-scale", "1m"})
	require.Error(t, err)
}

// serve answers at an address and counts.
func serve(t *testing.T, handler http.HandlerFunc) (address string, served *atomic.Int64) {
	t.Helper()
	served = new(atomic.Int64)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		served.Add(1)
		handler(w, r)
	}))
	t.Cleanup(server.Close)
	return strings.TrimPrefix(server.URL, "http://"), served
}

func TestEveryAnswerIsReadWhole(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("0123456789", 20_000)
	address, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/api/v1/close":
			w.Header().Set("Connection", "close")
		case "/api/v1/chunked":
			_, _ = w.Write([]byte("chunk"))
			w.(http.Flusher).Flush()
		}
		_, _ = w.Write([]byte(r.Method + long))
	})
	c := &client{address: address}
	defer c.close()
	for path, before := range map[string]string{"/plain": "", "/close": "", "/chunked": "chunk"} {
		for range 3 {
			status, body, err := c.get(t.Context(), path)
			require.NoError(t, err)
			require.Equal(t, http.StatusOK, status)
			require.Equal(t, before+"GET"+long, string(body))
		}
	}
	_, body, err := c.post(t.Context(), "/plain", `{}`)
	require.NoError(t, err)
	require.Equal(t, "POST"+long, string(body))
}

func TestClosedLoopStopsInTimeAndDoesNotCountTheWarmUp(t *testing.T) {
	t.Parallel()
	address, served := serve(t, func(http.ResponseWriter, *http.Request) {})
	l := load{address: address, workers: 2, warm: 50 * time.Millisecond, time: 100 * time.Millisecond}
	began := time.Now()
	s, err := l.run(t.Context(), reading([]string{"/a", "/b"}))
	require.NoError(t, err)
	require.GreaterOrEqual(t, time.Since(began), 150*time.Millisecond)
	require.Less(t, int64(len(s.times)), served.Load())
	require.Equal(t, 100*time.Millisecond, s.took)
	require.LessOrEqual(t, s.at(0.5), s.at(0.99))
}

func TestThingsAreDoneOnceEach(t *testing.T) {
	t.Parallel()
	address, served := serve(t, func(http.ResponseWriter, *http.Request) {})
	s, err := load{address: address, workers: 3, time: time.Minute, atMost: 40}.run(t.Context(), reading([]string{"/"}))
	require.NoError(t, err)
	require.Len(t, s.times, 40)
	require.EqualValues(t, 40, served.Load())
	require.Less(t, s.took, 30*time.Second)
}

// A server that can answer one at a time is asked faster than it can: in an open loop the line that forms is felt.
func TestOpenLoopCountsTheWaitInLine(t *testing.T) {
	t.Parallel()
	turn := make(chan struct{}, 1)
	address, _ := serve(t, func(http.ResponseWriter, *http.Request) {
		turn <- struct{}{}
		<-time.After(5 * time.Millisecond)
		<-turn
	})
	l := load{address: address, workers: 1, time: 400 * time.Millisecond, rate: 400}
	s, err := l.run(t.Context(), reading([]string{"/"}))
	require.NoError(t, err)
	require.Greater(t, s.at(0.99), 100*time.Millisecond)
}

func TestErrorsAreNoFigures(t *testing.T) {
	t.Parallel()
	address, _ := serve(t, func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "no room", http.StatusServiceUnavailable) })
	_, err := load{address: address, workers: 2, time: 50 * time.Millisecond, atMost: 10}.run(t.Context(), reading([]string{"/x"}))
	require.ErrorContains(t, err, "10 of 10 requests failed")
	require.ErrorContains(t, err, "answered 503: no room")
	_, err = load{address: address, workers: 1}.run(t.Context(), func(context.Context, *client, int) error { return errors.New("never") })
	require.ErrorContains(t, err, "nothing was answered")
}

func TestMissedTargetsAreCounted(t *testing.T) {
	t.Parallel()
	s := sample{took: time.Second, times: []time.Duration{time.Millisecond, 2 * time.Millisecond, 60 * time.Millisecond}}
	for lenient, want := range map[bool]int{false: 3, true: 0} {
		table := &table{lenient: lenient, began: time.Now(), yard: calibration{selectOnly: 100, simpleUpdate: promised.simpleUpdate}}
		table.ofSelect("3 % of 100", s, 0.03, 0)
		table.ofSelect("not 10 %", s, 0.10, 0)
		table.ofUpdate("too slow", s, 0, 10*time.Millisecond)
		table.within("too slow, too", s, 50*time.Millisecond)
		table.report("no promise", "7")
		require.Equal(t, want, table.missed())
		var out strings.Builder
		table.print(&out)
		require.Contains(t, out.String(), "1 only reported")
		require.Equal(t, want, strings.Count(out.String(), string(miss)))
	}
}

func TestTimesAreScaledToASlowMachineAndSharesAreNot(t *testing.T) {
	t.Parallel()
	require.InDelta(t, 1, promised.pace(), 0)
	require.InDelta(t, 1, calibration{selectOnly: 200_000, simpleUpdate: 1}.pace(), 0, "a faster machine earns no stricter promise")
	require.InDelta(t, 1, calibration{}.pace(), 0, "not calibrated")
	half := calibration{selectOnly: promised.selectOnly / 2, simpleUpdate: promised.simpleUpdate / 3}
	table := &table{}
	for _, test := range []struct {
		got  float64
		time verdict
		rate verdict
	}{{99, ok, scaled}, {101, scaled, ok}, {199, scaled, ok}, {201, miss, ok}, {51, ok, scaled}, {49, ok, miss}} {
		require.Equal(t, test.time, table.quick(half, test.got, 100), "%v ms", test.got)
		require.Equal(t, test.rate, table.fast(half, test.got, 100), "%v/s", test.got)
	}
	require.Equal(t, miss, table.atMost(101, 100))
	require.Equal(t, miss, both(scaled, miss))
	require.Equal(t, scaled, both(scaled, ok))
}
