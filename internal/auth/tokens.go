package auth

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/uuid"
)

// Lifetimes of tokens.
const (
	accessTTL  = 15 * time.Minute
	refreshTTL = 30 * 24 * time.Hour
)

const (
	issuer   = "cartwright"
	audience = "cartwright-api"
)

// TokenPair is what a sign-in answers.
type TokenPair struct {
	AccessToken  string
	RefreshToken string
	ExpiresIn    time.Duration // of the access token
}

// claims name a user and a session. What they may do is asked of the database each time, so that a change is
// effective at once.
type claims struct {
	Session string `json:"sid"`
	jwt.RegisteredClaims
}

// bearer is whom an access token speaks for.
type bearer struct{ user, session uuid.UUID }

// signer makes and reads access tokens.
type signer struct {
	key []byte
	now func() time.Time
}

func (s signer) sign(b bearer) (string, error) {
	now := s.now()
	return jwt.NewWithClaims(jwt.SigningMethodHS256, claims{
		Session: b.session.String(),
		RegisteredClaims: jwt.RegisteredClaims{
			ID: uuid.NewString(), Issuer: issuer, Audience: jwt.ClaimStrings{audience},
			Subject: b.user.String(), IssuedAt: jwt.NewNumericDate(now),
			ExpiresAt: jwt.NewNumericDate(now.Add(accessTTL)),
		},
	}).SignedString(s.key)
}

func (s signer) parse(token string) (bearer, error) {
	var read claims
	_, err := jwt.ParseWithClaims(token, &read, func(*jwt.Token) (any, error) { return s.key, nil },
		jwt.WithValidMethods([]string{jwt.SigningMethodHS256.Alg()}),
		jwt.WithIssuer(issuer), jwt.WithAudience(audience), jwt.WithExpirationRequired(), jwt.WithTimeFunc(s.now))
	if err != nil {
		return bearer{}, ErrToken.Wrap(err)
	}
	user, err := uuid.Parse(read.Subject)
	if err != nil {
		return bearer{}, ErrToken.Wrap(err)
	}
	session, err := uuid.Parse(read.Session)
	if err != nil {
		return bearer{}, ErrToken.Wrap(err)
	}
	return bearer{user, session}, nil
}

// newRefreshToken makes an unguessable token and the hash that is stored of it.
func newRefreshToken() (token string, hash []byte) {
	var secret [32]byte
	_, _ = rand.Read(secret[:]) // never fails: crypto/rand ends the program first
	token = base64.RawURLEncoding.EncodeToString(secret[:])
	return token, hashToken(token)
}

func hashToken(token string) []byte {
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}
