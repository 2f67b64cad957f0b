package auth_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cartwright/internal/auth"
)

func TestANetworkIsKnownForAsLongAsItsOwnerComesFromThere(t *testing.T) {
	t.Parallel()
	service, db, clock := setup(t)
	knows := func(service *auth.Service, email, network string) bool {
		known, err := service.KnowsNetwork(t.Context(), email, network)
		require.NoError(t, err)
		return known
	}
	from := func(network, password string) error {
		_, err := service.Login(t.Context(), auth.Login{Email: email, Password: password, Network: network})
		return err
	}
	require.ErrorIs(t, from("198.51.100.7", "a guess"), auth.ErrCredentials)
	require.False(t, knows(service, email, "198.51.100.7"), "a wrong password makes nothing known")
	require.NoError(t, from("198.51.100.7", password))
	require.NoError(t, from("", password))
	require.True(t, knows(service, "SomeOne@Example.com", "198.51.100.7"))
	require.False(t, knows(service, email, "198.51.100.8"))
	require.False(t, knows(service, email, ""))
	require.False(t, knows(service, "somebody.else@example.com", "198.51.100.7"))

	clock.add(60 * 24 * time.Hour)
	require.NoError(t, from("198.51.100.7", password))
	clock.add(60 * 24 * time.Hour)
	require.True(t, knows(service, email, "198.51.100.7"), "from the last time on")
	require.True(t, knows(with(t, db, clock, []byte("another secret of tests, 0123456789"), secret), email, "198.51.100.7"), "while a secret is changed")
	require.False(t, knows(with(t, db, clock, []byte("another secret of tests, 0123456789")), email, "198.51.100.7"))
	clock.add(30 * 24 * time.Hour)
	require.False(t, knows(service, email, "198.51.100.7"))
	require.NoError(t, service.Prune(t.Context(), auth.Prune{}))
	var kept int
	require.NoError(t, db.QueryRow(t.Context(), `SELECT count(*) FROM known_networks`).Scan(&kept))
	require.Zero(t, kept)
}

func TestANetworkCannotBeRead(t *testing.T) {
	t.Parallel()
	service, db, _ := setup(t)
	_, err := service.Login(t.Context(), auth.Login{Email: email, Password: password, Network: "198.51.100.7"})
	require.NoError(t, err)
	var row string
	require.NoError(t, db.QueryRow(t.Context(), `SELECT t::text || encode(network_hash, 'escape') FROM known_networks t`).Scan(&row))
	require.NotContains(t, row, "198.51")
}
