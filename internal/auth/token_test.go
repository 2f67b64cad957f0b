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
	pair, err := service.Login(t.Context(), auth.Login{Email: email, Password: password})
	require.NoError(t, err)
	mine, err := service.Authenticate(t.Context(), pair.AccessToken)
	require.NoError(t, err)
	good := jwt.MapClaims{
		"iss": "cartwright", "aud": "cartwright-api", "sub": mine.UserID.String(), "sid": mine.SessionID.String(),
		"exp": clock.Now().Add(time.Minute).Unix(),
	}
	sign := func(method jwt.SigningMethod, key any, claims jwt.MapClaims) string {
		token := jwt.NewWithClaims(method, claims)
		token.Header["kid"] = kid(t, pair.AccessToken)
		signed, err := token.SignedString(key)
		require.NoError(t, err)
		return signed
	}
	unnamed := func(id any) string {
		token := jwt.NewWithClaims(jwt.SigningMethodHS256, good)
		if token.Header["kid"] = id; id == nil {
			delete(token.Header, "kid")
		}
		signed, err := token.SignedString(secret)
		require.NoError(t, err)
		return signed
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
		"no key's name":         unnamed(nil),
		"another key's name":    unnamed("0123456789abcdef"),
		"a number for a name":   unnamed(7),
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
	pair, err := service.Login(t.Context(), auth.Login{Email: email, Password: password})
	require.NoError(t, err)
	clock.add(pair.ExpiresIn - time.Second)
	_, err = service.Authenticate(t.Context(), pair.AccessToken)
	require.NoError(t, err)
	clock.add(2 * time.Second)
	_, err = service.Authenticate(t.Context(), pair.AccessToken)
	require.ErrorIs(t, err, auth.ErrToken)
}

// kid is the name of the key that a token says it was signed with.
func kid(t *testing.T, token string) string {
	t.Helper()
	read, _, err := jwt.NewParser().ParseUnverified(token, jwt.MapClaims{})
	require.NoError(t, err)
	require.NotEmpty(t, read.Header["kid"])
	return read.Header["kid"].(string)
}

func TestASecretIsRotatedWithoutSigningAnybodyOut(t *testing.T) {
	t.Parallel()
	old, db, clock := setup(t)
	next := []byte("the secret that follows, 0123456789")
	before := login(t, old)
	rotated := with(t, db, clock, next, secret)
	who, err := rotated.Authenticate(t.Context(), before.AccessToken)
	require.NoError(t, err, "what the previous key signed is good until it expires")
	after := login(t, rotated)
	require.NotEqual(t, kid(t, before.AccessToken), kid(t, after.AccessToken))
	require.NotContains(t, kid(t, after.AccessToken), string(next))
	_, err = old.Authenticate(t.Context(), after.AccessToken)
	require.ErrorIs(t, err, auth.ErrToken, "the next key is the one to sign with")

	done := with(t, db, clock, next)
	_, err = done.Authenticate(t.Context(), before.AccessToken)
	require.ErrorIs(t, err, auth.ErrToken)
	_, err = done.Authenticate(t.Context(), after.AccessToken)
	require.NoError(t, err)
	refreshed, err := done.Refresh(t.Context(), before.RefreshToken)
	require.NoError(t, err, "sessions outlive secrets")
	again, err := done.Authenticate(t.Context(), refreshed.AccessToken)
	require.NoError(t, err)
	require.Equal(t, who, again)
}
