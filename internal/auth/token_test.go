package auth_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"maps"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"cartwright/internal/auth"
)

func TestOnlyTokensOfOursAreBelieved(t *testing.T) {
	t.Parallel()
	service, _, clock := setup(t)
	pair, err := service.Login(t.Context(), email, password)
	require.NoError(t, err)
	mine, err := service.Authenticate(t.Context(), pair.AccessToken)
	require.NoError(t, err)
	good := jwt.MapClaims{
		"iss": "cartwright", "aud": "cartwright-api", "sub": mine.UserID.String(), "sid": mine.SessionID.String(),
		"exp": clock.Now().Add(time.Minute).Unix(),
	}
	sign := func(method jwt.SigningMethod, key any, claims jwt.MapClaims) string {
		token, err := jwt.NewWithClaims(method, claims).SignedString(key)
		require.NoError(t, err)
		return token
	}
	with := func(name string, value any) string {
		claims := maps.Clone(good)
		if claims[name] = value; value == nil {
			delete(claims, name)
		}
		return sign(jwt.SigningMethodHS256, secret, claims)
	}
	who, err := service.Authenticate(t.Context(), sign(jwt.SigningMethodHS256, secret, good))
	require.NoError(t, err, "the claims that the others vary are good")
	require.Equal(t, mine, who)
	require.Equal(t, auth.Customer, who.Role)

	ec, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	for name, token := range map[string]string{
		"no algorithm":          sign(jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, good),
		"another algorithm":     sign(jwt.SigningMethodHS512, secret, good),
		"an asymmetric one":     sign(jwt.SigningMethodES256, ec, good),
		"another key":           sign(jwt.SigningMethodHS256, []byte("another secret"), good),
		"an empty key":          sign(jwt.SigningMethodHS256, []byte{}, good),
		"another audience":      with("aud", "somewhere-else"),
		"no audience":           with("aud", nil),
		"another issuer":        with("iss", "somebody"),
		"no issuer":             with("iss", nil),
		"expired":               with("exp", clock.Now().Add(-time.Second).Unix()),
		"no expiry":             with("exp", nil),
		"an expiry of text":     with("exp", "never"),
		"not yet valid":         with("nbf", clock.Now().Add(time.Minute).Unix()),
		"a subject that is not": with("sub", "admin"),
		"no subject":            with("sub", nil),
		"another's subject":     with("sub", uuid.NewString()),
		"a session unknown":     with("sid", uuid.NewString()),
		"a session that is not": with("sid", "mine"),
		"no session":            with("sid", nil),
		"nothing":               "",
		"not a token":           "a.b.c",
	} {
		t.Run(name, func(t *testing.T) {
			who, err := service.Authenticate(t.Context(), token)
			require.ErrorIs(t, err, auth.ErrToken)
			require.Zero(t, who)
		})
	}
	t.Run("a role in it means nothing", func(t *testing.T) {
		who, err := service.Authenticate(t.Context(), with("role", "admin"))
		require.NoError(t, err)
		require.ErrorIs(t, who.Allow(auth.OrdersRead), auth.ErrForbidden)
	})
}

func TestAnAccessTokenEndsAfterItsTime(t *testing.T) {
	t.Parallel()
	service, _, clock := setup(t)
	pair, err := service.Login(t.Context(), email, password)
	require.NoError(t, err)
	clock.add(pair.ExpiresIn - time.Second)
	_, err = service.Authenticate(t.Context(), pair.AccessToken)
	require.NoError(t, err)
	clock.add(2 * time.Second)
	_, err = service.Authenticate(t.Context(), pair.AccessToken)
	require.ErrorIs(t, err, auth.ErrToken)
}
