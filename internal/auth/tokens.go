package auth

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/uuid"
)

// Lifetimes of tokens.
const (
	accessTTL  = 15 * time.Minute
	refreshTTL = 30 * 24 * time.Hour
	sessionTTL = 90 * 24 * time.Hour // however often it is refreshed
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
	RefreshIn    time.Duration // of the refresh token
	CSRFToken    string        // for a browser that carries the others in cookies
}

// claims name a user and a session. What they may do is asked of the database each time, so that a change is
// effective at once.
type claims struct {
	Session string `json:"sid"`
	jwt.RegisteredClaims
}

// bearer is whom an access token speaks for.
type bearer struct{ user, session uuid.UUID }

// signer makes and reads access tokens. It signs with its first key and believes all of them, so that a secret can be
// changed while tokens of the one before are about.
type signer struct {
	keys []key
	now  func() time.Time
}

// key is a secret and the name by which a token says that it was signed with it.
type key struct {
	id     string
	secret []byte
}

func newSigner(now func() time.Time, secrets [][]byte) signer {
	s := signer{now: now}
	for _, secret := range secrets {
		s.keys = append(s.keys, key{id: keyID(secret), secret: secret})
	}
	return s
}

// keyID names a secret and tells nothing else of it.
func keyID(secret []byte) string {
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte("key id"))
	return hex.EncodeToString(mac.Sum(nil)[:8])
}

func (s signer) sign(b bearer) (string, error) {
	now := s.now()
	token := jwt.NewWithClaims(jwt.SigningMethodHS256, claims{
		Session: b.session.String(),
		RegisteredClaims: jwt.RegisteredClaims{
			ID: uuid.NewString(), Issuer: issuer, Audience: jwt.ClaimStrings{audience},
			Subject: b.user.String(), IssuedAt: jwt.NewNumericDate(now),
			ExpiresAt: jwt.NewNumericDate(now.Add(accessTTL)),
		},
	})
	token.Header["kid"] = s.keys[0].id
	return token.SignedString(s.keys[0].secret)
}

// secretOf is the secret of the key that a token names.
func (s signer) secretOf(token *jwt.Token) (any, error) {
	for _, key := range s.keys {
		if token.Header["kid"] == key.id {
			return key.secret, nil
		}
	}
	return nil, errUnknownKey
}

var errUnknownKey = errors.New("the token names no key of ours")

func (s signer) parse(token string) (bearer, error) {
	var read claims
	_, err := jwt.ParseWithClaims(token, &read, s.secretOf,
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

// tokenOf is the token of a letter's link, which nobody without the secret can guess.
func (s signer) tokenOf(letter uuid.UUID) string {
	mac := hmac.New(sha256.New, s.keys[0].secret)
	mac.Write([]byte("letter "))
	mac.Write(letter[:])
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// newToken makes an unguessable token and the hash that is stored of it.
func newToken() (token string, hash []byte) {
	var secret [32]byte
	_, _ = rand.Read(secret[:]) // never fails: crypto/rand ends the program first
	token = base64.RawURLEncoding.EncodeToString(secret[:])
	return token, hashToken(token)
}

func hashToken(token string) []byte {
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}
