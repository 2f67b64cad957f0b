package api

import (
	"context"
	"time"

	"cartwright/gen/oapi"
	"cartwright/internal/auth"
)

// keeping is what programs ask with.
type keeping struct{ auth *auth.Service }

// ListAPIKeys pages through all there are and were, the newest first.
func (k keeping) ListAPIKeys(ctx context.Context, request oapi.ListAPIKeysRequestObject) (oapi.ListAPIKeysResponseObject, error) {
	found, err := k.auth.ListAPIKeys(ctx, fromPage(request.Params.Limit, request.Params.Cursor))
	if err != nil {
		return nil, err
	}
	return oapi.ListAPIKeys200JSONResponse{Data: toSlice(found.Items, toAPIKey), NextCursor: optionalText(found.Next)}, nil
}

// CreateAPIKey makes one, and answers it this once.
func (k keeping) CreateAPIKey(
	ctx context.Context, request oapi.CreateAPIKeyRequestObject,
) (oapi.CreateAPIKeyResponseObject, error) {
	expires, err := fromTime(request.Body.ExpiresAt)
	if err != nil {
		return nil, err
	}
	made, key, err := k.auth.CreateAPIKey(ctx, principal(ctx), auth.APIKeyCreate{
		Name: request.Body.Name, Scopes: fromStaffPermissions(request.Body.Scopes), ExpiresAt: expires,
	})
	if err != nil {
		return nil, err
	}
	shown := toAPIKey(made)
	shown.Key = &key
	return oapi.CreateAPIKey201JSONResponse(shown), nil
}

// RevokeAPIKey makes one worth nothing.
func (k keeping) RevokeAPIKey(
	ctx context.Context, request oapi.RevokeAPIKeyRequestObject,
) (oapi.RevokeAPIKeyResponseObject, error) {
	if err := k.auth.RevokeAPIKey(ctx, request.KeyID); err != nil {
		return nil, err
	}
	return oapi.RevokeAPIKey204Response{}, nil
}

// fromTime reads a time as precisely as it is kept; one that there is not is auth.ErrKeyExpiry.
func fromTime(text *string) (*time.Time, error) {
	if text == nil {
		return nil, nil
	}
	at, err := time.Parse(time.RFC3339, *text)
	if err != nil {
		return nil, auth.ErrKeyExpiry.Wrap(err)
	}
	at = at.UTC().Truncate(time.Microsecond)
	return &at, nil
}

func toAPIKey(k auth.APIKey) oapi.APIKey {
	return oapi.APIKey{
		ID:         k.ID,
		Name:       k.Name,
		Prefix:     k.Prefix,
		Scopes:     toSlice(k.Scopes, toStaffPermission),
		CreatedBy:  k.CreatedBy,
		CreatedAt:  k.CreatedAt.UTC(),
		ExpiresAt:  optionalTime(k.ExpiresAt),
		LastUsedAt: optionalTime(k.LastUsedAt),
		RevokedAt:  optionalTime(k.RevokedAt),
	}
}

// optionalTime is in UTC, nil for none.
func optionalTime(at *time.Time) *time.Time {
	if at == nil {
		return nil
	}
	utc := at.UTC()
	return &utc
}
