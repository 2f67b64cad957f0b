package auth_test

import (
	"testing"
	"time"

	"github.com/alexedwards/argon2id"
	"github.com/stretchr/testify/require"

	"cartwright/internal/auth"
)

func TestResetPassword_RevokesAPIKeysAndWritesToTheOwner(t *testing.T) {
	t.Parallel()
	service, db, _, admin := office(t)
	_, secret := key(t, service, admin, auth.OrdersRead)
	_, err := service.AuthenticateKey(t.Context(), secret)
	require.NoError(t, err)
	var address string
	require.NoError(t, db.QueryRow(t.Context(), "SELECT email FROM users WHERE id = $1", admin.UserID).Scan(&address))
	require.NoError(t, service.RequestReset(t.Context(), address))
	require.NoError(t, service.ResetPassword(t.Context(), auth.Reset{Token: sentTo(t, service, db).Token, Password: "another password of tests"}))
	_, err = service.AuthenticateKey(t.Context(), secret)
	require.ErrorIs(t, err, auth.ErrToken)
	letter := sentTo(t, service, db)
	require.Equal(t, auth.NewPassword, letter.Purpose)
	require.Equal(t, address, letter.Email)
	require.Empty(t, letter.Token)
}

func TestChangePassword_WritesToTheOwner(t *testing.T) {
	t.Parallel()
	service, db, _ := setup(t)
	who, err := service.Authenticate(t.Context(), login(t, service).AccessToken)
	require.NoError(t, err)
	require.NoError(t, service.ChangePassword(t.Context(), who, password, "another password of tests"))
	letter := sentTo(t, service, db)
	require.Equal(t, auth.NewPassword, letter.Purpose)
	require.Equal(t, email, letter.Email)
}

func TestLogin_TakesComposedAndDecomposedPasswordsForOne(t *testing.T) {
	t.Parallel()
	service, _, _ := setup(t)
	const composed, decomposed = "gr\u00fcne W\u00e4lder im Mai", "gru\u0308ne Wa\u0308lder im Mai"
	for address, chosen := range map[string]string{"composed@example.com": composed, "decomposed@example.com": decomposed} {
		require.NoError(t, service.CreateUser(t.Context(), address, chosen, auth.Customer))
		for _, typed := range []string{composed, decomposed} {
			_, err := service.Login(t.Context(), auth.Login{Email: address, Password: typed})
			require.NoError(t, err, "%s with %q", address, typed)
		}
	}
}

func TestLogin_TakesADecomposedPasswordOfBeforeTheyWereComposed(t *testing.T) {
	t.Parallel()
	service, db, _ := setup(t)
	const decomposed = "gru\u0308ne Wa\u0308lder im Mai"
	hash, err := argon2id.CreateHash(decomposed, &argon2id.Params{Memory: 64, Iterations: 1, Parallelism: 1, SaltLength: 16, KeyLength: 32})
	require.NoError(t, err)
	_, err = db.Exec(t.Context(), "UPDATE users SET password_hash = $1", hash)
	require.NoError(t, err)
	_, err = service.Login(t.Context(), auth.Login{Email: email, Password: decomposed})
	require.NoError(t, err)
}

func TestRegister_RefusesPasswordsThatCannotBeSeen(t *testing.T) {
	t.Parallel()
	service, _, _ := setup(t)
	for _, blank := range []string{"        ", "\t\t\t\t\t\t\t\t\t", "\u3000\u3000\u3000\u3000\u3000\u3000\u3000\u3000", "\u200b\u200b\u200b\u200b\u200b\u200b\u200b\u200b \u00a0"} {
		err := service.Register(t.Context(), auth.Register{Email: "new@example.com", Password: blank})
		require.ErrorIs(t, err, auth.ErrWeak, "%q", blank)
	}
}

func TestRefresh_EndsWithTheSession(t *testing.T) {
	t.Parallel()
	service, _, clock := setup(t)
	pair := login(t, service)
	var err error
	for range 8 { // 80 days
		clock.add(10 * 24 * time.Hour)
		pair, err = service.Refresh(t.Context(), pair.RefreshToken)
		require.NoError(t, err)
	}
	who, err := service.Authenticate(t.Context(), pair.AccessToken)
	require.NoError(t, err)
	sessions, err := service.Sessions(t.Context(), who.UserID)
	require.NoError(t, err)
	require.Equal(t, 90*24*time.Hour, sessions[0].ExpiresAt.Sub(sessions[0].CreatedAt), "however often it is refreshed")
	clock.add(10 * 24 * time.Hour)
	_, err = service.Refresh(t.Context(), pair.RefreshToken)
	require.ErrorIs(t, err, auth.ErrToken)
}
