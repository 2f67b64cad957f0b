package stripe

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/sony/gobreaker/v2"
	"golang.org/x/time/rate"

	"cartwright/internal/metrics"
	"cartwright/internal/payments"
)

// Bounds of what is sent to Stripe.
const (
	// Stripe takes 100 requests a second of a live key and 25 of a test key (https://docs.stripe.com/rate-limits).
	mostLive, mostTest = 80, 20

	failWindow = 10 * time.Second // failures are counted over
	failInARow = 15               // five calls with their retries
	failOften  = 30               // of so many, more than half
	pause      = 5 * time.Second  // nothing is sent for, before one request tries

	// reserved is the share, in per cent, of what may be sent that is left for calls with priority: the rest waits for
	// each other, and never before a payment.
	reserved = 50
)

// gate keeps what is sent below the rate that Stripe takes, and once Stripe keeps failing sends nothing for a
// while: shoppers hear at once that it is away, rather than after a wait, and it is left to recover. What it keeps back
// it answers itself as Stripe would, and says that a retry is of no use.
type gate struct {
	next    http.RoundTripper
	limiter *rate.Limiter // of all calls
	others  *rate.Limiter // of those without priority, before the other
	breaker *gobreaker.CircuitBreaker[struct{}]
	metrics *metrics.Metrics
}

func newGate(config Config) *gate {
	perSecond, limit := config.mostPerSecond(), rate.Inf
	if perSecond > 0 {
		limit = rate.Limit(perSecond)
	}
	unreserved := limit * (100 - reserved) / 100
	return &gate{
		next:    http.DefaultTransport,
		limiter: rate.NewLimiter(limit, max(1, perSecond/4)),
		others:  rate.NewLimiter(unreserved, max(1, perSecond/8)),
		breaker: gobreaker.NewCircuitBreaker[struct{}](gobreaker.Settings{
			Interval:     failWindow,
			BucketPeriod: failWindow / 10,
			Timeout:      pause,
			ReadyToTrip: func(counts gobreaker.Counts) bool {
				return counts.ConsecutiveFailures >= failInARow ||
					counts.Requests >= failOften && counts.TotalFailures > counts.Requests/2
			},
			// Whoever asked has left: that says nothing about Stripe.
			IsExcluded: func(err error) bool { return errors.Is(err, context.Canceled) },
			OnStateChange: func(_ string, from, to gobreaker.State) {
				config.Metrics.HeldBack(to != gobreaker.StateClosed)
				config.Logger.Warn("what is sent to stripe is held back while it fails", "was", from.String(), "is", to.String())
			},
		}),
		metrics: config.Metrics,
	}
}

// errFailing counts an answer as a failure.
var errFailing = errors.New("stripe fails")

// RoundTrip sends the request, or answers it.
func (g *gate) RoundTrip(request *http.Request) (*http.Response, error) {
	begun := time.Now()
	answer, err := g.pass(request)
	status := "none"
	switch {
	case err == nil && answer.Header.Get(neverSent) != "":
		status = "held_back"
	case err == nil:
		status = strconv.Itoa(answer.StatusCode)
	}
	g.metrics.Call(object(request.URL.Path), status, time.Since(begun))
	return answer, err
}

// object is the kind of what a request is about: "payment_intents" of /v1/payment_intents/pi_1/confirm.
func object(path string) string {
	kind, _, _ := strings.Cut(strings.TrimPrefix(path, "/v1/"), "/")
	return kind
}

// wait takes a place for a call. A call without priority waits for one of its own share first, so that however many of
// them there are, a payment waits for a handful at most.
func (g *gate) wait(ctx context.Context) error {
	if !payments.HasPriority(ctx) {
		if err := g.others.Wait(ctx); err != nil {
			return err
		}
	}
	return g.limiter.Wait(ctx)
}

func (g *gate) pass(request *http.Request) (*http.Response, error) {
	if g.wait(request.Context()) != nil {
		if err := request.Context().Err(); err != nil {
			return nil, err
		}
		return keptBack(request, http.StatusTooManyRequests, "rate_limit"), nil
	}
	var answer *http.Response
	_, err := g.breaker.Execute(func() (nothing struct{}, err error) {
		if answer, err = g.next.RoundTrip(request); err == nil && answer.StatusCode >= http.StatusInternalServerError { //nolint:bodyclose // whoever asked closes it
			err = errFailing
		}
		return nothing, err
	})
	switch {
	case errors.Is(err, errFailing):
		return answer, nil
	case errors.Is(err, gobreaker.ErrOpenState), errors.Is(err, gobreaker.ErrTooManyRequests):
		return keptBack(request, http.StatusServiceUnavailable, "held_back"), nil
	}
	return answer, err
}

// neverSent is a header of answers that are the gate's own.
const neverSent = "Cartwright-Never-Sent"

// keptBack is the answer to a request that was never sent.
func keptBack(request *http.Request, status int, code string) *http.Response {
	if request.Body != nil {
		_ = request.Body.Close() // a transport closes what it is given
	}
	body := fmt.Sprintf(`{"error": {"type": "api_error", "code": %q, "message": "This request was not sent."}}`, code)
	return &http.Response{
		Status: http.StatusText(status), StatusCode: status, Request: request,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header:        http.Header{"Content-Type": {"application/json"}, "Stripe-Should-Retry": {"false"}, neverSent: {"true"}},
		Body:          io.NopCloser(bytes.NewReader([]byte(body))),
		ContentLength: int64(len(body)),
	}
}
