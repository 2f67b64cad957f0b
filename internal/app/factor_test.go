//go:build unix

package app_test

import (
	"net/http"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"cartwright/internal/postgres/pgtest"
)

func TestASecondFactorIsTakenAwayOnTheCommandLine(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	env := production(t, url)
	succeed(t, call{args: []string{"admin", "create", "--email", "chief@example.com"}, stdin: "correct horse\n", env: env})
	reset := func(email string) call {
		return call{args: []string{"admin", "reset-second-factor", "--email", email}, env: env}
	}
	none := []string{"there is no account with this address, or it has no second factor"}
	require.Equal(t, none, refusal(t, reset("nobody@example.com")))
	require.Equal(t, none, refusal(t, reset("chief@example.com")))
	conn, err := pgx.Connect(t.Context(), url)
	require.NoError(t, err)
	defer func() { _ = conn.Close(t.Context()) }()
	_, err = conn.Exec(t.Context(), `INSERT INTO second_factors (user_id, secret, tries_until, created_at, confirmed_at)
		SELECT id, '', now(), now(), now() FROM users`)
	require.NoError(t, err)

	shop := start(t, call{args: []string{"serve"}, env: merge(env, "REQUIRE_SECOND_FACTOR", "admins")})
	shop.ready()
	login := func() int { return visit(shop).login("chief@example.com", "correct horse").StatusCode() }
	require.Equal(t, http.StatusUnauthorized, login())
	require.Equal(t, "second factor taken away, and signed out everywhere\n", succeed(t, reset("Chief@example.com")))
	require.Equal(t, http.StatusOK, login())
}
