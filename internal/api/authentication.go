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
	pair, err := a.service.Login(ctx, request.Body.Email, request.Body.Password)
	if err != nil {
		return nil, err
	}
	return oapi.LoginUser200JSONResponse(toTokenPair(pair)), nil
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
