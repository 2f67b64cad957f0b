package api

import (
	"context"
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

type deviceKey struct{}

// device is what the program that asks says of itself.
func device(ctx context.Context) string {
	said, _ := ctx.Value(deviceKey{}).(string)
	return said
}

// viewer is who asks, as the catalogue sees them.
func viewer(ctx context.Context) catalog.Viewer {
	return catalog.Viewer{Staff: principal(ctx).IsStaff()}
}

// authenticate finds out who asks and holds them to the operation's x-permission. A token that is
// not valid is refused even where none is needed: whoever sends one believes to be signed in. Only
// operations that take no token ignore one: signing in must work with an expired token at hand.
func authenticate(service *auth.Service) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			var who auth.Principal
			if header := c.Request().Header.Get(echo.HeaderAuthorization); header != "" && operation(c).takesToken {
				scheme, token, _ := strings.Cut(header, " ")
				if !strings.EqualFold(scheme, "Bearer") {
					return auth.ErrToken
				}
				var err error
				if who, err = service.Authenticate(c.Request().Context(), strings.TrimSpace(token)); err != nil {
					return err
				}
			}
			if err := who.Allow(operation(c).permission); err != nil {
				return err
			}
			ctx := context.WithValue(c.Request().Context(), principalKey{}, who)
			ctx = context.WithValue(ctx, deviceKey{}, c.Request().UserAgent())
			c.SetRequest(c.Request().WithContext(ctx))
			return next(c)
		}
	}
}
