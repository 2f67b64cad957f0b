package api

import (
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"cartwright/internal/metrics"
)

const requestIDKey = "request id"

func requestID(c echo.Context) string {
	id, _ := c.Get(requestIDKey).(string)
	return id
}

// observe names every request, says that its answer is not to be kept, and logs one line per request:
// the route, never the address, which may hold a capability.
func observe(logger *slog.Logger, counts *metrics.Metrics) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			start := time.Now()
			id := uuid.Must(uuid.NewV7()).String()
			c.Set(requestIDKey, id)
			header := c.Response().Header()
			header.Set("X-Request-Id", id)
			header.Set("Cache-Control", "no-store") // tokens, carts and orders; what may be kept says so itself
			if err := next(c); err != nil {
				c.Error(err)
			}
			counts.Request(operationName(c), c.Response().Status, time.Since(start))
			logger.DebugContext(c.Request().Context(), "request served", "request", id, "method", methodOf(c),
				"route", c.Path(), "status", c.Response().Status, "duration", time.Since(start))
			return nil
		}
	}
}

// operationName is the name of the operation that a request asked for; "" when it asked for none.
func operationName(c echo.Context) string {
	if known := operation(c); known != nil {
		return known.id
	}
	return ""
}

// methodOf is the method of a request; "" of one that HTTP does not know, which is whatever a client wrote.
func methodOf(c echo.Context) string {
	method := c.Request().Method
	if !slices.Contains(methods, method) {
		return ""
	}
	return method
}

var methods = []string{
	http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete,
	http.MethodConnect, http.MethodOptions, http.MethodTrace,
}

// recoverPanics turns a panic into an error, which the problem writer logs and answers as a 500.
func recoverPanics(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) (err error) {
		defer func() {
			if r := recover(); r != nil {
				if r == http.ErrAbortHandler { //nolint:errorlint // the very value that net/http waits for
					panic(r) // an answer that cannot be completed must not look complete
				}
				err = fmt.Errorf("panic: %v", r)
			}
		}()
		return next(c)
	}
}
