package auth

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"slices"

	"github.com/google/uuid"
)

// csrfOf is what a page has to know of a session to command in it: a token that is of use in no other.
func csrfOf(key key, session uuid.UUID) string {
	mac := hmac.New(sha256.New, key.secret)
	mac.Write([]byte("csrf "))
	mac.Write(session[:])
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil)[:16])
}

// CheckCSRF is nil when a page knows the token of a session; ErrCSRF.
func (s *Service) CheckCSRF(session uuid.UUID, token string) error {
	known := slices.ContainsFunc(s.signer.keys, func(key key) bool {
		return hmac.Equal([]byte(token), []byte(csrfOf(key, session)))
	})
	if !known {
		return ErrCSRF
	}
	return nil
}
