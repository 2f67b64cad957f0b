package auth_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cartwright/internal/auth"
)

func TestSigningIn(t *testing.T) {
	t.Parallel()
	service, db, _ := setup(t)
	t.Run("works in any letter case of the address", func(t *testing.T) {
		pair, err := service.Login(t.Context(), auth.Login{Email: strings.ToUpper(email), Password: password})
		require.NoError(t, err)
		who, err := service.Authenticate(t.Context(), pair.AccessToken)
		require.NoError(t, err)
		require.Equal(t, auth.Customer, who.Role)
	})
	_, wrong := service.Login(t.Context(), auth.Login{Email: email, Password: password + " "})
	_, unknown := service.Login(t.Context(), auth.Login{Email: "nobody@example.com", Password: password})
	_, decoy := service.Login(t.Context(), auth.Login{Email: "nobody@example.com", Password: "no account has this password"})
	_, err := db.Exec(t.Context(), `UPDATE users SET is_active = false`)
	require.NoError(t, err)
	_, inactive := service.Login(t.Context(), auth.Login{Email: email, Password: password})
	for name, got := range map[string]error{
		"wrong password": wrong, "unknown address": unknown, "inactive user": inactive, "the decoy's password": decoy,
	} {
		t.Run("is refused in the same words: "+name, func(t *testing.T) {
			require.ErrorIs(t, got, auth.ErrCredentials)
			require.Equal(t, told(t, auth.ErrCredentials), told(t, got))
		})
	}
}

func TestAnAddressHasOneAccountAndAPasswordAMinimum(t *testing.T) {
	t.Parallel()
	service, db, _ := setup(t)
	require.ErrorIs(t, service.CreateUser(t.Context(), strings.ToUpper(email), password, auth.Staff), auth.ErrEmailTaken)
	require.ErrorIs(t, service.CreateUser(t.Context(), "other@example.com", "äöüäöüä", auth.Staff), auth.ErrWeak)
	var hash string
	require.NoError(t, db.QueryRow(t.Context(), `SELECT password_hash FROM users`).Scan(&hash))
	require.Regexp(t, `^\$argon2id\$`, hash)
}

func TestARefreshTokenWorksOnceAndItsReuseEndsTheFamily(t *testing.T) {
	t.Parallel()
	service, _, _ := setup(t)
	first, err := service.Login(t.Context(), auth.Login{Email: email, Password: password})
	require.NoError(t, err)
	other, err := service.Login(t.Context(), auth.Login{Email: email, Password: password})
	require.NoError(t, err)
	second, err := service.Refresh(t.Context(), first.RefreshToken)
	require.NoError(t, err)
	require.NotEqual(t, first.RefreshToken, second.RefreshToken)
	third, err := service.Refresh(t.Context(), second.RefreshToken)
	require.NoError(t, err)

	_, err = service.Refresh(t.Context(), first.RefreshToken)
	require.ErrorIs(t, err, auth.ErrToken)
	_, err = service.Authenticate(t.Context(), third.AccessToken)
	require.ErrorIs(t, err, auth.ErrToken, "its access tokens end, too")
	for name, token := range map[string]string{"newest": third.RefreshToken, "second": second.RefreshToken} {
		_, err = service.Refresh(t.Context(), token)
		require.ErrorIs(t, err, auth.ErrToken, name)
	}
	_, err = service.Refresh(t.Context(), other.RefreshToken)
	require.NoError(t, err, "another sign-in is another family")
}

func TestARefreshTokenUsedAtOnceGivesAtMostOnePair(t *testing.T) {
	t.Parallel()
	service, _, _ := setup(t)
	first, err := service.Login(t.Context(), auth.Login{Email: email, Password: password})
	require.NoError(t, err)
	var mu sync.Mutex
	var pairs []auth.TokenPair
	var all sync.WaitGroup
	for range 10 {
		all.Go(func() {
			pair, err := service.Refresh(context.WithoutCancel(t.Context()), first.RefreshToken)
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				pairs = append(pairs, pair)
			}
		})
	}
	all.Wait()
	require.Len(t, pairs, 1)
	_, err = service.Refresh(t.Context(), pairs[0].RefreshToken)
	require.ErrorIs(t, err, auth.ErrToken, "the second use ended the family")
}

func TestARefreshTokenIsRefused(t *testing.T) {
	t.Parallel()
	service, db, clock := setup(t)
	for _, token := range []string{"", "nonsense", strings.Repeat("x", 512)} {
		_, err := service.Refresh(t.Context(), token)
		require.ErrorIs(t, err, auth.ErrToken)
	}
	t.Run("as an access token, and the other way round", func(t *testing.T) {
		pair, err := service.Login(t.Context(), auth.Login{Email: email, Password: password})
		require.NoError(t, err)
		_, err = service.Refresh(t.Context(), pair.AccessToken)
		require.ErrorIs(t, err, auth.ErrToken)
		_, err = service.Authenticate(t.Context(), pair.RefreshToken)
		require.ErrorIs(t, err, auth.ErrToken)
	})
	t.Run("after its time", func(t *testing.T) {
		pair, err := service.Login(t.Context(), auth.Login{Email: email, Password: password})
		require.NoError(t, err)
		clock.add(30 * 24 * time.Hour)
		_, err = service.Refresh(t.Context(), pair.RefreshToken)
		require.ErrorIs(t, err, auth.ErrToken)
	})
	t.Run("once its user is inactive", func(t *testing.T) {
		pair, err := service.Login(t.Context(), auth.Login{Email: email, Password: password})
		require.NoError(t, err)
		_, err = db.Exec(t.Context(), `UPDATE users SET is_active = false`)
		require.NoError(t, err)
		_, err = service.Refresh(t.Context(), pair.RefreshToken)
		require.ErrorIs(t, err, auth.ErrToken)
	})
	t.Run("and is stored as a hash only", func(t *testing.T) {
		var longest int
		require.NoError(t, db.QueryRow(t.Context(), `SELECT max(length(token_hash)) FROM refresh_tokens`).Scan(&longest))
		require.Equal(t, 32, longest)
	})
}

func TestAChangeOfWhatSomebodyMayDoIsEffectiveAtOnce(t *testing.T) {
	t.Parallel()
	service, db, _ := setup(t)
	require.NoError(t, service.CreateUser(t.Context(), "staff@example.com", password, auth.Staff))
	pair, err := service.Login(t.Context(), auth.Login{Email: "staff@example.com", Password: password})
	require.NoError(t, err)
	allowed := func(permission auth.Permission) error {
		who, err := service.Authenticate(t.Context(), pair.AccessToken)
		require.NoError(t, err)
		return who.Allow(permission)
	}
	require.NoError(t, allowed(auth.OrdersWrite))
	require.ErrorIs(t, allowed(auth.CatalogueWrite), auth.ErrForbidden)
	for _, change := range []string{"permissions = '{catalogue:write}'", "role = 'customer'", "role = 'admin'"} {
		_, err = db.Exec(t.Context(), "UPDATE users SET "+change+" WHERE email = 'staff@example.com'")
		require.NoError(t, err)
		switch change {
		case "role = 'customer'":
			require.ErrorIs(t, allowed(auth.CatalogueWrite), auth.ErrForbidden, "permissions are for staff")
		default:
			require.NoError(t, allowed(auth.CatalogueWrite))
		}
		require.NoError(t, allowed(auth.SignedIn))
	}
	_, err = db.Exec(t.Context(), "UPDATE users SET is_active = false")
	require.NoError(t, err)
	_, err = service.Authenticate(t.Context(), pair.AccessToken)
	require.ErrorIs(t, err, auth.ErrToken)
}
