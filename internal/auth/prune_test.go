package auth_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cartwright/internal/auth"
)

func TestTokensAndSessionsThatAreOverAreForgotten(t *testing.T) {
	t.Parallel()
	service, db, clock := setup(t)
	lasting, ended := login(t, service), login(t, service)
	who := holderOf(t, service, ended)
	require.NoError(t, service.EndSession(t.Context(), who.UserID, who.SessionID))
	_, err := db.Exec(t.Context(), `INSERT INTO refresh_tokens (id, user_id, family_id, token_hash, created_at, expires_at, used_at)
		SELECT gen_random_uuid(), s.user_id, s.id, sha256(n::text::bytea), s.created_at, s.created_at + interval '1 hour', s.created_at
		FROM sessions s, generate_series(1, 2500) n WHERE s.ended_at IS NULL`)
	require.NoError(t, err)
	count := func() (tokens, sessions int) {
		require.NoError(t, service.Prune(t.Context(), auth.Prune{}))
		require.NoError(t, db.QueryRow(t.Context(), `SELECT (SELECT count(*) FROM refresh_tokens), (SELECT count(*) FROM sessions)`).Scan(&tokens, &sessions))
		return tokens, sessions
	}
	tokens, sessions := count()
	require.Equal(t, []int{2502, 2}, []int{tokens, sessions})
	clock.add(2 * time.Hour)
	tokens, sessions = count()
	require.Equal(t, []int{2, 2}, []int{tokens, sessions})
	clock.add(29 * 24 * time.Hour)
	next, err := service.Refresh(t.Context(), lasting.RefreshToken)
	require.NoError(t, err)
	clock.add(23 * time.Hour)
	tokens, sessions = count()
	require.Equal(t, []int{1, 1}, []int{tokens, sessions}, "one ended a month ago, and a session goes on by its newest token")
	_, err = service.Refresh(t.Context(), next.RefreshToken)
	require.NoError(t, err)
}
