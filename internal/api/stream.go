package api

import (
	"context"
	"errors"
	"io"
	"mime"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/labstack/echo/v4"

	"cartwright/internal/auth"
	"cartwright/internal/errs"
)

// maxStream is the largest body that is read while it is worked on.
const maxStream = 256 << 20

// streamPause is how long an operation that streams may stand still. It has no other time limit: a
// large file takes its time.
const streamPause = 2 * time.Minute

var (
	errStreamType = errs.New(errs.Unsupported, "unsupported_media_type",
		"Send the body in one of the types that the operation names, in UTF-8, not compressed.")
	errBrokenOff = errs.New(errs.Malformed, "incomplete_body", "The body ended before it was complete.")
	errBusy      = errs.New(errs.Unavailable, "busy", "As many files as can be are on their way already. Try again.").After(5 * time.Second)
)

// maxStreams is how many operations may stream at once. Each holds a connection to the database while it lasts, of which
// the shoppers need some, too. One caller may have half of them.
const (
	maxStreams      = 4
	streamsOfCaller = 2
)

// A file has to come at this rate at least, after a grace. What the shop takes for its rows does not count.
const (
	streamGrace = time.Minute
	streamRate  = 1 << 10 // bytes a second
)

// slots are the places of operations that stream.
type slots struct {
	mu  sync.Mutex
	all int
	of  map[string]int
}

// enter takes a place; leave frees it.
// Errors: errBusy.
func (s *slots) enter(caller string) (leave func(), err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.all >= maxStreams || s.of[caller] >= streamsOfCaller {
		return nil, errBusy
	}
	s.all++
	s.of[caller]++
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.all--
		if s.of[caller]--; s.of[caller] == 0 {
			delete(s.of, caller)
		}
	}, nil
}

type streamKey struct{}

// stream is what an operation that streams has of the connection.
type stream struct {
	control *http.ResponseController
	media   string // of the body, without parameters
	cancel  context.CancelFunc
	mu      sync.Mutex
	refused error // why it was ended; nil while it is not
}

// streaming is the stream of an operation that the spec marks with x-streams.
func streaming(ctx context.Context) *stream {
	found, _ := ctx.Value(streamKey{}).(*stream)
	return found
}

// alive gives the connection more time: something has moved. Where a connection has no limits, as in
// some tests, there is nothing to extend.
func (s *stream) alive() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.refused != nil {
		return
	}
	limit := time.Now().Add(streamPause)
	_ = errors.Join(s.control.SetReadDeadline(limit), s.control.SetWriteDeadline(limit))
}

// openStreams lets operations that stream read their body by themselves, a few at a time, for as long as whoever asked
// may do so.
func openStreams(service *auth.Service) echo.MiddlewareFunc {
	slots := &slots{of: map[string]int{}}
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		open := openStream(watched(service, next))
		return func(c echo.Context) error {
			if !operation(c).streams {
				return next(c)
			}
			leave, err := slots.enter(caller(c.Request().Context()))
			if err != nil {
				return err
			}
			defer leave()
			return open(c)
		}
	}
}

// openStream gives an operation its stream, with a body of a type that it takes and no larger than is read.
func openStream(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		request := c.Request()
		opened := &stream{control: http.NewResponseController(c.Response())}
		if described := operation(c).route.Operation.RequestBody; described != nil {
			if opened.media = streamedType(request); described.Value.Content[opened.media] == nil {
				return errStreamType
			}
			if request.ContentLength > maxStream {
				return errTooLarge
			}
			request.Body = &streamedBody{ReadCloser: http.MaxBytesReader(c.Response(), request.Body, maxStream), of: opened}
		}
		opened.alive()
		ctx, cancel := context.WithCancel(context.WithValue(request.Context(), streamKey{}, opened))
		defer cancel()
		opened.cancel = cancel
		c.SetRequest(request.WithContext(ctx))
		return next(c)
	}
}

// streamedType is the body's media type, or "" where it is in no form that is read.
func streamedType(request *http.Request) string {
	media, params, err := mime.ParseMediaType(request.Header.Get(echo.HeaderContentType))
	charset := params["charset"]
	if err != nil || charset != "" && !strings.EqualFold(charset, "utf-8") || request.Header.Get("Content-Encoding") != "" {
		return ""
	}
	return media
}

// streamedBody keeps its connection alive as long as bytes arrive, and says in our words why they end.
type streamedBody struct {
	io.ReadCloser
	of     *stream
	bytes  int64
	waited time.Duration // for what was read
}

// overdue is when the body is too slow, unless more of it comes before.
func (b *streamedBody) overdue() time.Duration {
	return streamGrace + time.Duration(b.bytes)*time.Second/streamRate - b.waited
}

// Read reads, and extends the limits.
func (b *streamedBody) Read(p []byte) (int, error) {
	asked := time.Now()
	if left := b.overdue(); left < streamPause {
		_ = b.of.control.SetReadDeadline(asked.Add(left))
	}
	n, err := b.ReadCloser.Read(p)
	b.bytes, b.waited = b.bytes+int64(n), b.waited+time.Since(asked)
	b.of.alive()
	var tooLarge *http.MaxBytesError
	switch refused := b.of.refusal(); {
	case refused != nil:
		return 0, refused
	case err == nil, errors.Is(err, io.EOF):
		return n, err
	case errors.As(err, &tooLarge):
		return n, errTooLarge
	case errors.Is(err, os.ErrDeadlineExceeded):
		return n, errSlow.Wrap(err)
	}
	return n, errBrokenOff.Wrap(err)
}
