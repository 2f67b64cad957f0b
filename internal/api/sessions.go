package api

import (
	"context"

	"cartwright/gen/oapi"
	"cartwright/internal/auth"
)

// LogoutUser ends the session that asks.
func (a authentication) LogoutUser(
	ctx context.Context, _ oapi.LogoutUserRequestObject,
) (oapi.LogoutUserResponseObject, error) {
	who := principal(ctx)
	if err := a.service.EndSession(ctx, who.UserID, who.SessionID); err != nil {
		return nil, err
	}
	a.browsers.signOut(ctx)
	return oapi.LogoutUser204Response{}, nil
}

// LogoutEverywhere ends all sessions of whoever asks.
func (a authentication) LogoutEverywhere(
	ctx context.Context, _ oapi.LogoutEverywhereRequestObject,
) (oapi.LogoutEverywhereResponseObject, error) {
	if err := a.service.EndSessions(ctx, principal(ctx).UserID); err != nil {
		return nil, err
	}
	a.browsers.signOut(ctx)
	return oapi.LogoutEverywhere204Response{}, nil
}

// ListSessions lists where somebody is signed in.
func (o owning) ListSessions(
	ctx context.Context, _ oapi.ListSessionsRequestObject,
) (oapi.ListSessionsResponseObject, error) {
	sessions, err := o.auth.Sessions(ctx, principal(ctx).UserID)
	if err != nil {
		return nil, err
	}
	return oapi.ListSessions200JSONResponse{Data: toSlice(sessions, toSession(principal(ctx)))}, nil
}

// EndSession signs out somewhere else.
func (o owning) EndSession(
	ctx context.Context, request oapi.EndSessionRequestObject,
) (oapi.EndSessionResponseObject, error) {
	if err := o.auth.EndSession(ctx, principal(ctx).UserID, request.SessionID); err != nil {
		return nil, err
	}
	return oapi.EndSession204Response{}, nil
}

// toSession shows a session to whoever asks in one.
func toSession(who auth.Principal) func(auth.Session) oapi.Session {
	return func(s auth.Session) oapi.Session {
		return oapi.Session{
			ID:         s.ID,
			Current:    s.ID == who.SessionID,
			Device:     optionalText(s.Device),
			Network:    optionalText(s.Network),
			CreatedAt:  s.CreatedAt.UTC(),
			LastUsedAt: s.LastUsedAt.UTC(),
			ExpiresAt:  s.ExpiresAt.UTC(),
		}
	}
}
