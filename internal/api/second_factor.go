package api

import (
	"context"
	"time"

	"cartwright/gen/oapi"
	"cartwright/internal/auth"
	"cartwright/internal/errs"
)

// factors are the second factors of those who are signed in.
type factors struct{ auth *auth.Service }

// GetSecondFactor tells how it stands with one's own.
func (f factors) GetSecondFactor(
	ctx context.Context, _ oapi.GetSecondFactorRequestObject,
) (oapi.GetSecondFactorResponseObject, error) {
	factor, err := f.auth.Factor(ctx, principal(ctx))
	if err != nil {
		return nil, err
	}
	return oapi.GetSecondFactor200JSONResponse(toSecondFactor(factor)), nil
}

// BeginSecondFactor answers what an app has to know.
func (f factors) BeginSecondFactor(
	ctx context.Context, request oapi.BeginSecondFactorRequestObject,
) (oapi.BeginSecondFactorResponseObject, error) {
	begun, err := f.auth.BeginFactor(ctx, principal(ctx), request.Body.Password)
	if err != nil {
		return nil, err
	}
	return oapi.BeginSecondFactor200JSONResponse{Secret: begun.Secret, URI: begun.URI, ExpiresAt: begun.ExpiresAt.UTC()}, nil
}

// ConfirmSecondFactor activates what was begun.
func (f factors) ConfirmSecondFactor(
	ctx context.Context, request oapi.ConfirmSecondFactorRequestObject,
) (oapi.ConfirmSecondFactorResponseObject, error) {
	codes, err := f.auth.ConfirmFactor(ctx, principal(ctx), request.Body.Code)
	if err != nil {
		return nil, err
	}
	return oapi.ConfirmSecondFactor200JSONResponse{RecoveryCodes: codes}, nil
}

// RegenerateRecoveryCodes answers other recovery codes.
func (f factors) RegenerateRecoveryCodes(
	ctx context.Context, request oapi.RegenerateRecoveryCodesRequestObject,
) (oapi.RegenerateRecoveryCodesResponseObject, error) {
	codes, err := f.auth.RenewRecovery(ctx, principal(ctx), request.Body.Password, auth.Proof{Code: request.Body.Code})
	if err != nil {
		return nil, err
	}
	return oapi.RegenerateRecoveryCodes200JSONResponse{RecoveryCodes: codes}, nil
}

// DisableSecondFactor takes one's own away.
func (f factors) DisableSecondFactor(
	ctx context.Context, request oapi.DisableSecondFactorRequestObject,
) (oapi.DisableSecondFactorResponseObject, error) {
	proof, err := fromProof(request.Body.Code, request.Body.RecoveryCode)
	if err != nil {
		return nil, err
	}
	if err := f.auth.DisableFactor(ctx, principal(ctx), request.Body.Password, proof); err != nil {
		return nil, err
	}
	return oapi.DisableSecondFactor204Response{}, nil
}

// ResetSecondFactor takes somebody's away who lost it.
func (f factors) ResetSecondFactor(
	ctx context.Context, request oapi.ResetSecondFactorRequestObject,
) (oapi.ResetSecondFactorResponseObject, error) {
	if err := f.auth.ResetFactor(ctx, principal(ctx), request.UserID); err != nil {
		return nil, err
	}
	return oapi.ResetSecondFactor204Response{}, nil
}

// LoginSecondFactor ends a sign-in that waits for a second factor.
func (a authentication) LoginSecondFactor(
	ctx context.Context, request oapi.LoginSecondFactorRequestObject,
) (oapi.LoginSecondFactorResponseObject, error) {
	byCookie, err := a.byCookie(ctx, request.Body.Session)
	if err != nil {
		return nil, err
	}
	proof, err := fromProof(request.Body.Code, request.Body.RecoveryCode)
	if err != nil {
		return nil, err
	}
	pair, err := a.service.LoginFactor(ctx, auth.LoginFactor{
		Challenge: request.Body.Challenge, Proof: proof, Device: device(ctx), Network: networkOf(ctx),
	})
	switch {
	case err != nil:
		return nil, err
	case byCookie:
		headers := oapi.LoginSecondFactor204ResponseHeaders{XCSRFToken: a.browsers.signIn(ctx, pair)}
		return oapi.LoginSecondFactor204Response{Headers: headers}, nil
	}
	return oapi.LoginSecondFactor200JSONResponse(toTokenPair(pair)), nil
}

var errProof = errs.InvalidFields(errs.Field{Name: "code", Code: "required", Message: "Send either code or recoveryCode."})

// fromProof reads what shows a factor: one of two.
func fromProof(code, recovery *string) (auth.Proof, error) {
	if (code == nil) == (recovery == nil) {
		return auth.Proof{}, errProof
	}
	return auth.Proof{Code: or(code, ""), Recovery: or(recovery, "")}, nil
}

func toSecondFactor(factor auth.Factor) oapi.SecondFactor {
	shown := oapi.SecondFactor{
		Active: factor.Since != nil, Required: factor.Required, RecoveryCodesLeft: int32(factor.RecoveryCodes),
	}
	if factor.Since != nil {
		shown.Since = utc(*factor.Since)
	}
	return shown
}

func utc(at time.Time) *time.Time {
	at = at.UTC()
	return &at
}
