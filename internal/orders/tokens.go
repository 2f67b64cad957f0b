package orders

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"time"
)

// How long the tokens of an order work: the one that placing it returned, and those in mailed links.
const (
	TokenLasts = 30 * 24 * time.Hour
	LinkLasts  = 7 * 24 * time.Hour
)

// A token is 256 random bits and the second at which it ends. What is stored is the hash of the whole, so that nobody can
// move the end. Tokens of older shops have no end of their own; theirs is that of their order's first.
const (
	secretSize = 32
	endSize    = 8
)

// newToken makes an unguessable token that works until it ends.
func newToken(ends time.Time) string {
	token := make([]byte, secretSize, secretSize+endSize)
	_, _ = rand.Read(token) // never fails: crypto/rand ends the program first
	token = binary.BigEndian.AppendUint64(token, uint64(ends.Unix()))
	return base64.RawURLEncoding.EncodeToString(token)
}

// shown is what a token opens: an order that has its hash and was placed after a time.
type shown struct {
	hash        []byte
	placedAfter time.Time
}

// shown reads a token; one that has ended opens nothing.
func (s *Service) shown(token string) shown {
	decoded, err := base64.RawURLEncoding.DecodeString(token)
	switch {
	case err != nil:
		return shown{}
	case len(decoded) == secretSize:
		return shown{hash: hashToken(token), placedAfter: s.now().Add(-TokenLasts)}
	case len(decoded) != secretSize+endSize, binary.BigEndian.Uint64(decoded[secretSize:]) <= uint64(s.now().Unix()):
		return shown{}
	}
	return shown{hash: hashToken(token)}
}

// hashToken is what is stored of a token; nil, which is the hash of nothing stored, for none.
func hashToken(token string) []byte {
	if token == "" {
		return nil
	}
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}
