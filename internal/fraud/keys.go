package fraud

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"cartwright/gen/db"
	"cartwright/internal/emails"
)

// keys are by what tries are counted together.
type keys struct {
	session        uuid.UUID
	address, email []byte // keyed hashes; nil when unknown
	site, block    []byte // the /56 and the /48 around an address of IPv6; else nil
}

func (s *Service) hash(who Who) keys {
	found := keys{
		session: who.Session, address: s.mac("address", who.Address), email: s.mac("email", emails.Key(strings.TrimSpace(who.Email))),
	}
	if around := widen(who.Address); len(around) == levels {
		found.site, found.block = s.mac("address", around[1]), s.mac("address", around[2])
	}
	return found
}

// mac is a text's keyed hash, of another kind another one; nil for none.
func (s *Service) mac(kind, text string) []byte {
	if text == "" {
		return nil
	}
	mac := hmac.New(sha256.New, s.Secret)
	mac.Write([]byte("fraud " + kind + "\x00" + text))
	return mac.Sum(nil)
}

// locks are the numbers of what tries by the same keys take turns on, in the one order in which all take them.
func (k keys) locks(method []byte) []int64 {
	var locks []int64
	for _, key := range [][]byte{k.session[:], k.address, k.site, k.block, k.email, method} {
		if key != nil {
			sum := sha256.Sum256(key)
			locks = append(locks, int64(binary.BigEndian.Uint64(sum[:])))
		}
	}
	slices.Sort(locks)
	return slices.Compact(locks)
}

// count asks for what tries by the same keys add up to.
func (k keys) count(since time.Time) db.TryCountParams {
	return db.TryCountParams{SessionID: k.session, EmailHash: k.email, Since: since}
}

func optional(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}
