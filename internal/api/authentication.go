package api

import (
	"context"

	"cartwright/gen/oapi"
	"cartwright/internal/auth"
)

type authentication struct{ service *auth.Service }

// LoginUser signs a user in.
func (a authentication) LoginUser(
	ctx context.Context, request oapi.LoginUserRequestObject,
) (oapi.LoginUserResponseObject, error) {
	pair, err := a.service.Login(ctx, auth.Login{
		Email: request.Body.Email, Password: request.Body.Password, Device: device(ctx),
	})
	if err != nil {
		return nil, err
	}
	return oapi.LoginUser200JSONResponse(toTokenPair(pair)), nil
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
	pair, err := a.service.VerifyEmail(ctx, auth.Verify{
		Token: request.Body.Token, Password: request.Body.Password, Device: device(ctx),
	})
	if err != nil {
		return nil, err
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
	if err := a.service.ResetPassword(ctx, request.Body.Token, request.Body.Password); err != nil {
		return nil, err
	}
	return oapi.ConfirmPasswordReset204Response{}, nil
}

// RefreshTokens exchanges a refresh token for a new pair.
func (a authentication) RefreshTokens(
	ctx context.Context, request oapi.RefreshTokensRequestObject,
) (oapi.RefreshTokensResponseObject, error) {
	pair, err := a.service.Refresh(ctx, request.Body.RefreshToken)
	if err != nil {
		return nil, err
	}
	return oapi.RefreshTokens200JSONResponse(toTokenPair(pair)), nil
}

func toTokenPair(pair auth.TokenPair) oapi.TokenPair {
	return oapi.TokenPair{
		AccessToken: pair.AccessToken, RefreshToken: pair.RefreshToken, TokenType: "Bearer",
		ExpiresIn: int32(pair.ExpiresIn.Seconds()),
	}
}
