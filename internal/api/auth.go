package api

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"cartwright/internal/auth"
	"cartwright/internal/catalog"
)

type principalKey struct{}

// principal is who asks.
func principal(ctx context.Context) auth.Principal {
	known, _ := ctx.Value(principalKey{}).(auth.Principal)
	return known
}

// viewer is who asks, as the catalogue sees them.
func viewer(ctx context.Context) catalog.Viewer {
	return catalog.Viewer{Staff: principal(ctx).Allow(auth.CatalogueRead) == nil}
}

// authenticate finds out who asks and holds them to the operation's x-permission. A token that is
// not valid is refused even where none is needed: whoever sends one believes to be signed in. Only
// operations that take no token ignore one: signing in must work with an expired token at hand. Who lacks a
// second factor that is required of them may do what leads to one, and nothing else.
func authenticate(service *auth.Service, browsers Browsers) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			ctx := context.WithValue(c.Request().Context(), exchangeKey{}, c)
			who, err := whoAsks(ctx, service, browsers)
			if err != nil {
				return err
			}
			c.SetRequest(c.Request().WithContext(context.WithValue(ctx, principalKey{}, who)))
			if err := operation(c).allows(who); err != nil {
				return err
			}
			return next(c)
		}
	}
}

// allows is nil for somebody who may do what the operation does.
func (o *contractOperation) allows(who auth.Principal) error {
	if who.FactorMissing && !o.withoutFactor {
		return auth.ErrFactorMissing
	}
	return who.Allow(o.permission)
}

// apiKeyHeader is where a program may show its API key, if not in Authorization.
const apiKeyHeader = "X-Api-Key" //nolint:gosec // a name, and no key

// whoAsks reads the token of a request: the one in Authorization, which no browser sends by itself, else the API key in
// its header, else the token in a cookie.
func whoAsks(ctx context.Context, service *auth.Service, browsers Browsers) (auth.Principal, error) {
	c := exchange(ctx)
	header, cookie := c.Request().Header.Get(echo.HeaderAuthorization), cookieOf(c.Request(), accessCookie)
	key := c.Request().Header.Get(apiKeyHeader)
	switch {
	case !operation(c).takesToken, header == "" && key == "" && cookie == "":
		return auth.Principal{}, nil
	case header == "" && key != "":
		return byKey(ctx, service, key)
	case header == "":
		return byCookie(ctx, service, browsers, cookie)
	}
	scheme, token, _ := strings.Cut(header, " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return auth.Principal{}, auth.ErrToken
	}
	token = strings.TrimSpace(token)
	if auth.IsAPIKey(token) {
		return byKey(ctx, service, token)
	}
	return service.Authenticate(ctx, token)
}

// byKey reads an API key, which is worth nothing to operations that the spec does not offer it for.
func byKey(ctx context.Context, service *auth.Service, key string) (auth.Principal, error) {
	if !operation(exchange(ctx)).takesKey {
		return auth.Principal{}, auth.ErrToken
	}
	return service.AuthenticateKey(ctx, key)
}

// byCookie reads a token that a browser sent, maybe for a page that is not ours: a command has to prove that it is. A
// token that is worth nothing any more is taken back, so that the next request is a guest's or refreshes.
func byCookie(ctx context.Context, service *auth.Service, browsers Browsers, token string) (auth.Principal, error) {
	request := exchange(ctx).Request()
	who, err := service.Authenticate(ctx, token)
	switch {
	case errors.Is(err, auth.ErrToken):
		browsers.set(ctx, accessCookie, "", 0)
		return auth.Principal{}, err
	case err != nil, request.Method == http.MethodGet, request.Method == http.MethodHead:
		return who, err
	}
	if err := browsers.allows(request); err != nil {
		return auth.Principal{}, err
	}
	return who, service.CheckCSRF(who.SessionID, request.Header.Get(csrfHeader))
}
