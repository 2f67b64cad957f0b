package api

import (
	"context"

	"cartwright/gen/oapi"
	"cartwright/internal/auth"
	"cartwright/internal/errs"
	"cartwright/internal/ratelimit"
)

type authentication struct {
	service  *auth.Service
	browsers Browsers
	// refreshes is how often a session may be refreshed; nil is no limit.
	refreshes *ratelimit.Limit
}

// LoginUser signs a user in.
func (a authentication) LoginUser(
	ctx context.Context, request oapi.LoginUserRequestObject,
) (oapi.LoginUserResponseObject, error) {
	byCookie, err := a.byCookie(ctx, request.Body.Session)
	if err != nil {
		return nil, err
	}
	pair, err := a.service.Login(ctx, auth.Login{
		Email: request.Body.Email, Password: request.Body.Password, Code: or(request.Body.Code, ""), Device: device(ctx), Network: networkOf(ctx),
	})
	switch {
	case err != nil:
		return nil, err
	case byCookie:
		headers := oapi.LoginUser204ResponseHeaders{XCSRFToken: a.browsers.signIn(ctx, pair)}
		return oapi.LoginUser204Response{Headers: headers}, nil
	}
	return oapi.LoginUser200JSONResponse(toTokenPair(pair)), nil
}

// byCookie tells whether a session shall be carried by cookies, which only pages of ours may ask for: else somebody's
// page would sign its visitors in as somebody.
func (a authentication) byCookie(ctx context.Context, kind *oapi.SessionKind) (bool, error) {
	if or(kind, oapi.SessionKindToken) != oapi.SessionKindCookie {
		return false, nil
	}
	return true, a.browsers.allows(exchange(ctx).Request())
}

// RegisterUser opens an account.
func (a authentication) RegisterUser(
	ctx context.Context, request oapi.RegisterUserRequestObject,
) (oapi.RegisterUserResponseObject, error) {
	err := a.service.Register(ctx, auth.Register{
		Email: request.Body.Email, Password: request.Body.Password,
		FirstName: or(request.Body.FirstName, ""), LastName: or(request.Body.LastName, ""),
	})
	if err != nil {
		return nil, err
	}
	return oapi.RegisterUser202Response{}, nil
}

// VerifyEmail verifies the address of a registration and signs in.
func (a authentication) VerifyEmail(
	ctx context.Context, request oapi.VerifyEmailRequestObject,
) (oapi.VerifyEmailResponseObject, error) {
	byCookie, err := a.byCookie(ctx, request.Body.Session)
	if err != nil {
		return nil, err
	}
	pair, err := a.service.VerifyEmail(ctx, auth.Verify{
		Token: request.Body.Token, Password: request.Body.Password, Device: device(ctx), Network: networkOf(ctx),
	})
	switch {
	case err != nil:
		return nil, err
	case byCookie:
		headers := oapi.VerifyEmail204ResponseHeaders{XCSRFToken: a.browsers.signIn(ctx, pair)}
		return oapi.VerifyEmail204Response{Headers: headers}, nil
	}
	return oapi.VerifyEmail200JSONResponse(toTokenPair(pair)), nil
}

// RequestPasswordReset mails a link to whoever forgot their password.
func (a authentication) RequestPasswordReset(
	ctx context.Context, request oapi.RequestPasswordResetRequestObject,
) (oapi.RequestPasswordResetResponseObject, error) {
	if err := a.service.RequestReset(ctx, request.Body.Email); err != nil {
		return nil, err
	}
	return oapi.RequestPasswordReset202Response{}, nil
}

// ConfirmPasswordReset sets the password of whoever got the link.
func (a authentication) ConfirmPasswordReset(
	ctx context.Context, request oapi.ConfirmPasswordResetRequestObject,
) (oapi.ConfirmPasswordResetResponseObject, error) {
	if err := a.service.ResetPassword(ctx, auth.Reset{
		Token: request.Body.Token, Password: request.Body.Password, Network: networkOf(ctx),
	}); err != nil {
		return nil, err
	}
	return oapi.ConfirmPasswordReset204Response{}, nil
}

// RefreshTokens exchanges a refresh token for a new pair.
func (a authentication) RefreshTokens(
	ctx context.Context, request oapi.RefreshTokensRequestObject,
) (oapi.RefreshTokensResponseObject, error) {
	if request.Body == nil || request.Body.RefreshToken == "" {
		return a.refreshCookie(ctx)
	}
	if err := a.mayRefresh(ctx, request.Body.RefreshToken); err != nil {
		return nil, err
	}
	pair, err := a.service.Refresh(ctx, request.Body.RefreshToken)
	if err != nil {
		return nil, err
	}
	return oapi.RefreshTokens200JSONResponse(toTokenPair(pair)), nil
}

var errNoRefreshToken = errs.InvalidFields(errs.Field{Code: "required", Message: "There is neither a body nor the cookie of a session."})

// refreshCookie exchanges the refresh token that a browser holds.
func (a authentication) refreshCookie(ctx context.Context) (oapi.RefreshTokensResponseObject, error) {
	request := exchange(ctx).Request()
	token := cookieOf(request, refreshCookie)
	if token == "" {
		return nil, errNoRefreshToken
	}
	if err := a.browsers.allows(request); err != nil {
		return nil, err
	}
	if err := a.mayRefresh(ctx, token); err != nil {
		return nil, err
	}
	pair, err := a.service.RefreshCookie(ctx, token, request.Header.Get(csrfHeader))
	if err != nil {
		return nil, err
	}
	headers := oapi.RefreshTokens204ResponseHeaders{XCSRFToken: a.browsers.signIn(ctx, pair)}
	return oapi.RefreshTokens204Response{Headers: headers}, nil
}

// mayRefresh counts a refresh for its session; the token stays good when there were too many.
func (a authentication) mayRefresh(ctx context.Context, token string) error {
	session, err := a.service.SessionOf(ctx, token)
	if err != nil {
		return err
	}
	return count(exchange(ctx), a.refreshes, "session "+session.String())
}

func toTokenPair(pair auth.TokenPair) oapi.TokenPair {
	return oapi.TokenPair{
		AccessToken: pair.AccessToken, RefreshToken: pair.RefreshToken, TokenType: "Bearer",
		ExpiresIn: int32(pair.ExpiresIn.Seconds()),
	}
}
