package auth

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"
	"github.com/pquerna/otp/totp"

	"cartwright/gen/db"
)

// The codes are those that every app makes when it is told nothing else (RFC 6238): six digits of HMAC-SHA-1, and
// another each thirty seconds.
const (
	period = 30 // seconds
	skew   = 1  // how many steps the clock of a phone may be ahead or behind
)

// ofCodes is what they are made with.
var ofCodes = hotp.ValidateOpts{Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1}

// newSecret makes a secret of 160 bits, as long as RFC 4226 recommends (section 4, R6).
func newSecret(issuer, email string) (Enrolment, error) {
	// A colon parts the issuer from the account in the label of the address, and so can be in neither.
	issuer, email = strings.ReplaceAll(issuer, ":", " "), strings.ReplaceAll(email, ":", " ")
	key, err := totp.Generate(totp.GenerateOpts{
		Issuer: issuer, AccountName: email, Period: period, Digits: ofCodes.Digits, Algorithm: ofCodes.Algorithm,
	})
	if err != nil {
		return Enrolment{}, fmt.Errorf("make a secret: %w", err)
	}
	return Enrolment{Secret: key.Secret(), URI: key.URL()}, nil
}

// stepOf is the step of time, after the last one used, whose code this is; ok is false when it is none's.
func stepOf(code, secret string, last int64, now time.Time) (step int64, ok bool) {
	present := now.Unix() / period
	for step := present - skew; step <= present+skew; step++ {
		if step <= last || step < 0 {
			continue
		}
		if fits, err := hotp.ValidateCustom(code, uint64(step), secret, ofCodes); err == nil && fits {
			return step, true
		}
	}
	return 0, false
}

// useCodeTx uses a code up; ErrCode when it is wrong or was used, or a later one was.
func (s *Service) useCodeTx(ctx context.Context, tx pgx.Tx, factor db.FactorGetForUpdateRow, code string) error {
	secret, err := s.openSecret(factor.UserID, factor.Secret)
	if err != nil {
		s.Logger.ErrorContext(ctx, "a second factor cannot be read", "user", factor.UserID, "error", err)
		return ErrCode.Wrap(err)
	}
	step, ok := stepOf(code, secret, factor.LastStep, s.now())
	if !ok {
		return ErrCode
	}
	sealed, err := s.sealSecret(factor.UserID, secret)
	if err != nil {
		return err
	}
	if err := s.q.FactorUse(ctx, tx, db.FactorUseParams{UserID: factor.UserID, Step: step, Secret: sealed}); err != nil {
		return fmt.Errorf("use the code: %w", err)
	}
	return nil
}

// sealSecret is how the secret of a user's factor is stored.
func (s *Service) sealSecret(user uuid.UUID, secret string) ([]byte, error) {
	sealed, err := s.box.Seal([]byte(secret), user.String())
	if err != nil {
		return nil, fmt.Errorf("seal the secret: %w", err)
	}
	return sealed, nil
}

// openSecret is the secret of a user's factor.
func (s *Service) openSecret(user uuid.UUID, sealed []byte) (string, error) {
	secret, _, err := s.box.Open(sealed, user.String())
	if err != nil {
		return "", fmt.Errorf("open the secret: %w", err)
	}
	return string(secret), nil
}
