package api

import (
	"net/http"

	"github.com/labstack/echo/v4"
)

// read answers GET and HEAD of an address beside the operations.
func read(e *echo.Echo, path string, handler echo.HandlerFunc) {
	e.GET(path, handler)
	e.HEAD(path, handler)
}

// files serves what the handler has; what it has not is a problem like any other.
func files(handler http.Handler) echo.HandlerFunc {
	return func(c echo.Context) error {
		found := &foundWriter{ResponseWriter: c.Response()}
		handler.ServeHTTP(found, c.Request())
		if found.missing {
			c.Response().Header().Del(echo.HeaderContentType) // of the answer that was not passed on
			return echo.ErrNotFound
		}
		return nil
	}
}

// foundWriter passes on every answer except a 404.
type foundWriter struct {
	http.ResponseWriter
	missing bool
}

// WriteHeader passes the status on.
func (w *foundWriter) WriteHeader(status int) {
	if w.missing = status == http.StatusNotFound; !w.missing {
		w.ResponseWriter.WriteHeader(status)
	}
}

// Write passes the body on.
func (w *foundWriter) Write(p []byte) (int, error) {
	if w.missing {
		return len(p), nil
	}
	return w.ResponseWriter.Write(p)
}
