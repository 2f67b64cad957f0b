package auth

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"cartwright/gen/db"
	"cartwright/internal/emails"
)

// keepNetwork is how long a network is known after its owner was last seen there.
const keepNetwork = 90 * 24 * time.Hour

// KnowsNetwork tells whether whoever has an account with this address signed in from the network lately, or chose a new
// password there. A limit of wrong passwords that counts known networks apart lets nobody shut the owner out from
// elsewhere. It tells nothing of an address to somebody who could not sign in with it.
func (s *Service) KnowsNetwork(ctx context.Context, email, network string) (bool, error) {
	hashes := make([][]byte, len(s.signer.keys))
	for i, key := range s.signer.keys {
		hashes[i] = key.hashNetwork(network)
	}
	known, err := s.q.KnownNetworkHas(ctx, s.db, db.KnownNetworkHasParams{EmailKey: emails.Key(email), Hashes: hashes, Since: s.now().Add(-keepNetwork)})
	if err != nil {
		return false, fmt.Errorf("look for the network: %w", err)
	}
	return known, nil
}

// knowTx notes that a user was seen in a network, "" where it is not known which.
func (s *Service) knowTx(ctx context.Context, tx pgx.Tx, user uuid.UUID, network string) error {
	if network == "" {
		return nil
	}
	err := s.q.KnownNetworkNote(ctx, tx, db.KnownNetworkNoteParams{UserID: user, NetworkHash: s.signer.keys[0].hashNetwork(network), Now: s.now()})
	if err != nil {
		return fmt.Errorf("note the network: %w", err)
	}
	return nil
}

// hashNetwork tells networks apart, and nobody without the secret which they are.
func (k key) hashNetwork(network string) []byte {
	mac := hmac.New(sha256.New, k.secret)
	mac.Write([]byte("network " + network))
	return mac.Sum(nil)
}
