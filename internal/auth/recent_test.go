package auth_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cartwright/internal/auth"
)

func TestStepUp_WhatOutlivesASessionTakesARecentSignIn(t *testing.T) {
	t.Parallel()
	service, _, clock, _ := office(t)
	other := user(t, service, "other@example.com", auth.Staff)
	enrol(t, service, clock, other)
	pair, err := service.Login(t.Context(), auth.Login{Email: "admin@example.com", Password: password})
	require.NoError(t, err)
	who, err := service.Authenticate(t.Context(), pair.AccessToken)
	require.NoError(t, err)
	admin := auth.Admin
	commands := map[string]func() error{
		"an API key": func() error {
			_, _, err := service.CreateAPIKey(t.Context(), who, auth.APIKeyCreate{Name: "warehouse", Scopes: []auth.Permission{auth.OrdersRead}})
			return err
		},
		"an invitation of an admin": func() error {
			_, err := service.InviteStaff(t.Context(), who, auth.Invite{Email: "new@example.com", Role: auth.Admin})
			return err
		},
		"another's second factor": func() error { return service.ResetFactor(t.Context(), who, other.UserID) },
		"an admin of staff": func() error {
			_, err := service.UpdateStaffMember(t.Context(), who, other.UserID, auth.MemberChange{Role: &admin})
			return err
		},
	}
	clock.add(16 * time.Minute)
	pair, err = service.Refresh(t.Context(), pair.RefreshToken)
	require.NoError(t, err, "which is no sign-in")
	for name, command := range commands {
		require.ErrorIs(t, command(), auth.ErrRecent, name)
	}
	_, err = service.InviteStaff(t.Context(), who, auth.Invite{Email: "clerk@example.com", Role: auth.Staff})
	require.NoError(t, err, "of staff it may be older")
	pair, err = service.Login(t.Context(), auth.Login{Email: "admin@example.com", Password: password})
	require.NoError(t, err)
	who, err = service.Authenticate(t.Context(), pair.AccessToken)
	require.NoError(t, err)
	for name, command := range commands {
		require.NoError(t, command(), name)
	}
}
