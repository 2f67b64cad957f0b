package auth_test

import (
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"cartwright/internal/auth"
	"cartwright/internal/postgres"
)

// A shop from before addresses had keys has accounts of other letters than ASCII, and some that are one mailbox today.
func TestMigration_KeepsAccountsOfOneMailboxApart(t *testing.T) {
	t.Parallel()
	service, db, _ := setup(t)
	migrator, err := postgres.NewMigrator(t.Context(), db.Pool().Config().ConnString())
	require.NoError(t, err)
	defer migrator.Close()
	steps, err := migrator.Status(t.Context())
	require.NoError(t, err)
	for i := len(steps) - 1; steps[i].Source.Version >= 50; i-- {
		require.NoError(t, migrator.Down(t.Context()))
	}
	add := func(address string, verified bool) (id uuid.UUID) {
		require.NoError(t, db.QueryRow(t.Context(), `
			INSERT INTO users (id, email, password_hash, role, email_verified, created_at, updated_at)
			SELECT gen_random_uuid(), $1, password_hash, role, $2, clock_timestamp(), now() FROM users LIMIT 1
			RETURNING id`, address, verified).Scan(&id))
		return id
	}
	squatter := add("user@mu\u0308nchen.example", false)
	owner, other := add("user@m\u00fcnchen.example", true), add("j\u00fcrgen@example.com", true)
	lookAlike, unsendable := add("v\u0130ctim@example.com", true), add("a@\u00fc..com", true)
	require.NoError(t, migrator.Up(t.Context()))

	stored := func(id uuid.UUID) (address string) {
		require.NoError(t, db.QueryRow(t.Context(), "SELECT email FROM users WHERE id = $1", id).Scan(&address))
		return address
	}
	require.Equal(t, "user@xn--mnchen-3ya.example", stored(owner), "who verified the address has it")
	require.Equal(t, "user@mu\u0308nchen.example", stored(squatter), "and nobody is merged with them")
	require.Equal(t, "j\u00fcrgen@example.com", stored(other))
	require.Equal(t, "v\u0130ctim@example.com", stored(lookAlike))
	require.Equal(t, "a@\u00fc..com", stored(unsendable))
	for _, typed := range []string{"USER@m\u00fcnchen.example", "user@mu\u0308nchen.example", "J\u00fcrgen@example.com", "ju\u0308rgen@example.com"} {
		_, err := service.Login(t.Context(), auth.Login{Email: typed, Password: password})
		require.NoError(t, err, typed)
	}
}
