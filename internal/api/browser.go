package api

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/labstack/echo/v4"

	"cartwright/internal/auth"
	"cartwright/internal/errs"
)

// Cookies of a browser that is signed in, and the header that its pages send along. Scripts can read the last cookie alone.
const (
	accessCookie  = "cartwright_access"
	refreshCookie = "cartwright_refresh"
	csrfCookie    = "cartwright_csrf"
	csrfHeader    = "X-CSRF-Token"
)

// refreshPath is where the refresh token is sent to, and nowhere else.
const refreshPath = basePath + "/auth"

var errOrigin = errs.New(errs.Forbidden, "origin_not_allowed", "This page may not sign in or command by cookie.")

// Browsers says whose pages may act by cookie, and how cookies travel.
type Browsers struct {
	Origins []string // such as https://shop.example.com
	Secure  bool     // over https alone
}

// allows is nil for a request that a page of ours makes, or no page at all; errOrigin.
func (b Browsers) allows(request *http.Request) error {
	origin := request.Header.Get(echo.HeaderOrigin)
	if origin == "" && request.Header.Get("Sec-Fetch-Site") != "cross-site" || slices.Contains(b.Origins, origin) {
		return nil
	}
	return errOrigin
}

// signIn gives a browser its cookies and answers the token for its pages.
func (b Browsers) signIn(ctx context.Context, pair auth.TokenPair) string {
	b.set(ctx, accessCookie, pair.AccessToken, pair.ExpiresIn)
	b.set(ctx, refreshCookie, pair.RefreshToken, pair.RefreshIn)
	b.set(ctx, csrfCookie, pair.CSRFToken, pair.RefreshIn)
	return pair.CSRFToken
}

// signOut takes the cookies back from a browser that has some.
func (b Browsers) signOut(ctx context.Context) {
	if cookieOf(exchange(ctx).Request(), accessCookie) == "" {
		return
	}
	for _, name := range []string{accessCookie, refreshCookie, csrfCookie} {
		b.set(ctx, name, "", 0)
	}
}

// set gives a browser a cookie for so long, or takes it back for 0.
func (b Browsers) set(ctx context.Context, name, value string, lasts time.Duration) {
	cookie := &http.Cookie{ //nolint:gosec // one is for scripts, and Secure is for https
		Name: name, Value: value, Path: "/", MaxAge: int(lasts.Seconds()), Secure: b.Secure,
		HttpOnly: name != csrfCookie, SameSite: http.SameSiteLaxMode,
	}
	if name == refreshCookie {
		cookie.Path = refreshPath
	}
	if lasts == 0 {
		cookie.MaxAge = -1
	}
	exchange(ctx).SetCookie(cookie)
}

// cookieOf is the value of a request's cookie, or "".
func cookieOf(request *http.Request, name string) string {
	cookie, err := request.Cookie(name)
	if err != nil {
		return ""
	}
	return cookie.Value
}

type exchangeKey struct{}

// exchange is the request and the answer as HTTP has them, for what the spec does not give an operation.
func exchange(ctx context.Context) echo.Context {
	c, _ := ctx.Value(exchangeKey{}).(echo.Context)
	return c
}

// device is what the program that asks says of itself.
func device(ctx context.Context) string { return exchange(ctx).Request().UserAgent() }
