package api

import (
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"
)

// What scripts of other origins may send and read, beside what they always may (Fetch, section 3.2).
var (
	corsMethods = strings.Join([]string{
		http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete,
	}, ", ")
	corsHeaders = strings.Join([]string{
		"Authorization", "Content-Type", "Idempotency-Key", "If-Match", "If-None-Match", csrfHeader, orderTokenHeader, apiKeyHeader,
	}, ", ")
	corsExposed = strings.Join([]string{
		"ETag", "Location", "Retry-After", "RateLimit", "RateLimit-Policy", "X-Request-Id", "Idempotency-Replayed", "Content-Disposition",
		csrfHeader,
	}, ", ")
)

// corsMaxAge is how many seconds a browser remembers what was allowed; browsers cut it to two hours at most.
const corsMaxAge = "3600"

// origins are those whose scripts may read what the shop answers. Compared letter by letter, as browsers send them.
type origins []string

// share tells browsers which other origins' scripts may read an answer. A listed one may also send the browser's
// cookies; with * any other may ask as everybody may, without them. It refuses nothing: whoever is not a browser does
// not ask.
func (o origins) share(next echo.HandlerFunc) echo.HandlerFunc {
	anybody := slices.Contains(o, "*")
	return func(c echo.Context) error {
		if len(o) == 0 {
			return next(c)
		}
		request, header := c.Request(), c.Response().Header()
		header.Add(echo.HeaderVary, echo.HeaderOrigin)
		origin := request.Header.Get(echo.HeaderOrigin)
		switch {
		case origin == "":
			return next(c)
		case origin != "*" && slices.Contains(o, origin):
			header.Set(echo.HeaderAccessControlAllowOrigin, origin)
			header.Set(echo.HeaderAccessControlAllowCredentials, "true")
		case anybody:
			header.Set(echo.HeaderAccessControlAllowOrigin, "*")
		default:
			return next(c)
		}
		header.Set(echo.HeaderAccessControlExposeHeaders, corsExposed)
		if request.Method == http.MethodOptions && request.Header.Get(echo.HeaderAccessControlRequestMethod) != "" {
			return preflight(c)
		}
		return next(c)
	}
}

// preflight answers a browser that asks before it sends.
func preflight(c echo.Context) error {
	header := c.Response().Header()
	header.Set(echo.HeaderAccessControlAllowMethods, corsMethods)
	header.Set(echo.HeaderAccessControlAllowHeaders, corsHeaders)
	header.Set(echo.HeaderAccessControlMaxAge, corsMaxAge)
	return c.NoContent(http.StatusNoContent)
}
