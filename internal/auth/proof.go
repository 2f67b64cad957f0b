package auth

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"cartwright/gen/db"
	"cartwright/internal/postgres"
)

// Proof is what shows a second factor: the code that an app has now, or a recovery code in its stead.
type Proof struct{ Code, Recovery string }

// showTx is nil when a proof shows a user's factor, and uses the proof up. ErrNoFactor when none is active,
// ErrSecondFactor without a proof, ErrCode.
func (s *Service) showTx(ctx context.Context, tx pgx.Tx, user uuid.UUID, proof Proof) error {
	factor, err := s.q.FactorGetForUpdate(ctx, tx, user)
	switch {
	case postgres.IsMissing(err), err == nil && factor.ConfirmedAt == nil:
		return ErrNoFactor
	case err != nil:
		return fmt.Errorf("read the second factor: %w", err)
	case proof.Recovery != "":
		return s.useRecoveryTx(ctx, tx, user, proof.Recovery)
	case proof.Code != "":
		return s.useCodeTx(ctx, tx, factor, proof.Code)
	}
	return ErrSecondFactor
}

// Proofs may be tried ten times in a quarter of an hour: five at once, and one more with every interval
// (ratelimit.Limit counts alike). They are counted in the factor's row, right or wrong, so that neither another
// instance nor a restart gives more of them.
const (
	tryBurst    = 5
	tryInterval = 150 * time.Second
)

// tryFactor counts a try to show a user's factor, before it is known whether that is right; ErrTries.
func (s *Service) tryFactor(ctx context.Context, user uuid.UUID) error {
	now := s.now()
	counted, err := s.q.FactorTry(ctx, s.db, db.FactorTryParams{
		UserID: user, Now: now, Soon: now.Add(tryInterval), Latest: now.Add((tryBurst - 1) * tryInterval),
	})
	if err != nil {
		return fmt.Errorf("count the try: %w", err)
	}
	if counted > 0 {
		return nil
	}
	_, err = s.q.FactorGet(ctx, s.db, user)
	switch {
	case postgres.IsMissing(err):
		return nil // there is nothing to try
	case err != nil:
		return fmt.Errorf("read the second factor: %w", err)
	}
	return ErrTries.Wrap(&Attempt{User: user}).After(tryInterval)
}

// Recovery codes have a hundred bits of chance, so that a fast hash of one tells nothing.
const (
	recoveryCodes  = 10
	recoveryLength = 20 // letters of five bits
)

// recoveryLetters leave out those that are easily taken for others (Crockford's base 32).
var recoveryLetters = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)

// newRecovery makes a recovery code, in groups of five letters.
func newRecovery() string {
	secret := make([]byte, recoveryLength*5/8+1)
	_, _ = rand.Read(secret) // never fails: crypto/rand ends the program first
	letters := recoveryLetters.EncodeToString(secret)[:recoveryLength]
	return letters[:5] + "-" + letters[5:10] + "-" + letters[10:15] + "-" + letters[15:]
}

// asTyped makes one of the ways in which people type a recovery code.
var asTyped = strings.NewReplacer("-", "", " ", "", "o", "0", "i", "1", "l", "1")

// hashRecovery is what is stored of a user's recovery code.
func hashRecovery(user uuid.UUID, code string) []byte {
	sum := sha256.Sum256([]byte("recovery code " + user.String() + " " + asTyped.Replace(strings.ToLower(code))))
	return sum[:]
}

// renewRecoveryTx gives a user other recovery codes.
func (s *Service) renewRecoveryTx(ctx context.Context, tx pgx.Tx, user uuid.UUID) ([]string, error) {
	if err := s.q.RecoveryCodeDeleteAll(ctx, tx, user); err != nil {
		return nil, fmt.Errorf("forget the recovery codes: %w", err)
	}
	codes, hashes := make([]string, recoveryCodes), make([][]byte, recoveryCodes)
	for i := range codes {
		codes[i] = newRecovery()
		hashes[i] = hashRecovery(user, codes[i])
	}
	if err := s.q.RecoveryCodeCreate(ctx, tx, db.RecoveryCodeCreateParams{UserID: user, CodeHashes: hashes}); err != nil {
		return nil, fmt.Errorf("store the recovery codes: %w", err)
	}
	return codes, nil
}

// useRecoveryTx uses a recovery code up and owes a letter that says so; ErrCode.
func (s *Service) useRecoveryTx(ctx context.Context, tx pgx.Tx, user uuid.UUID, code string) error {
	used, err := s.q.RecoveryCodeUse(ctx, tx, db.RecoveryCodeUseParams{UserID: user, CodeHash: hashRecovery(user, code)})
	switch {
	case err != nil:
		return fmt.Errorf("use the recovery code: %w", err)
	case used == 0:
		return ErrCode
	}
	row, err := s.q.UserGet(ctx, tx, user)
	if err != nil {
		return fmt.Errorf("read the user: %w", err)
	}
	return s.oweTx(ctx, tx, RecoveryUsed, row.Email, nil)
}
