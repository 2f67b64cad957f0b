package api

import (
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"
)

// apiPolicy is for answers that are data: whatever a browser is tricked into making of one, it loads and runs nothing,
// and stands in nobody's frame. What is meant for a browser, such as the docs, says itself what it needs.
const apiPolicy = "default-src 'none'; frame-ancestors 'none'"

// stayEncrypted has browsers ask this host by https alone, for a year (RFC 6797). Not its subdomains, which may be
// somebody else's.
const stayEncrypted = "max-age=31536000"

// secured sets the headers that tell a browser what not to do. Where a handler needs one to be different, it sets it.
func secured(publicURL string) echo.MiddlewareFunc {
	encrypted := strings.HasPrefix(publicURL, "https://")
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			header := c.Response().Header()
			header.Set("X-Content-Type-Options", "nosniff")
			header.Set("Referrer-Policy", "no-referrer")
			header.Set("Content-Security-Policy", apiPolicy)
			header.Set("X-Frame-Options", "DENY")
			header.Set("Cross-Origin-Resource-Policy", "same-origin") // requests with CORS are not held to it
			if encrypted {
				header.Set("Strict-Transport-Security", stayEncrypted)
			}
			return next(c)
		}
	}
}

// anyOrigin lets pictures stand in the pages of shop windows elsewhere.
func anyOrigin(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cross-Origin-Resource-Policy", "cross-origin")
		next.ServeHTTP(w, r)
	})
}
