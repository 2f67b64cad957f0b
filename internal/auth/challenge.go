package auth

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"cartwright/gen/db"
	"cartwright/internal/postgres"
)

// challengeTTL is how long a sign-in waits for its second factor.
const challengeTTL = 5 * time.Minute

// admit opens the session of somebody whose password was right, with the second factor that their account may have.
// ErrSecondFactor with a challenge where it is still to be shown, ErrSignInCode, ErrTries.
func (s *Service) admit(ctx context.Context, o opening) (pair TokenPair, err error) {
	if o.proof != (Proof{}) {
		if err := s.tryFactor(ctx, o.user); err != nil {
			return TokenPair{}, err
		}
	}
	err = s.db.InTx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		pair, err = s.openSessionTx(ctx, tx, o)
		return err
	})
	if errors.Is(err, ErrSecondFactor) {
		err = s.challenge(ctx, o)
	}
	return pair, err
}

// challenge is ErrSecondFactor with a challenge for the sign-in.
func (s *Service) challenge(ctx context.Context, o opening) error {
	token, hash := newToken()
	err := s.q.ChallengeCreate(ctx, s.db, db.ChallengeCreateParams{
		TokenHash: hash, UserID: o.user, PasswordMark: markOf(o.compared), ExpiresAt: s.now().Add(challengeTTL),
	})
	switch {
	case postgres.Constraint(err) != "":
		return ErrCredentials.Wrap(err) // the account is gone meanwhile
	case err != nil:
		return fmt.Errorf("keep the challenge: %w", err)
	}
	return ErrSecondFactor.Challenging(token)
}

// markOf tells one password's hash from another's, and nothing else of it.
func markOf(passwordHash string) []byte {
	sum := sha256.Sum256([]byte("password mark " + passwordHash))
	return sum[:]
}

// factorShownTx is nil when the account has no second factor, or the proof shows it.
func (s *Service) factorShownTx(ctx context.Context, tx pgx.Tx, o opening) error {
	err := s.showTx(ctx, tx, o.user, o.proof)
	if errors.Is(err, ErrNoFactor) {
		return nil
	}
	if errors.Is(err, ErrCode) {
		return ErrSignInCode.Wrap(&Attempt{User: o.user}) // in the words for those who are not signed in yet
	}
	return err
}

// LoginFactor says who goes on with a sign-in.
type LoginFactor struct {
	Challenge       string
	Proof           Proof
	Device, Network string
}

// LoginFactor ends a sign-in that waits for its second factor. A challenge is good for one session, for as long as the
// password stays the same; a wrong proof leaves it as it is. ErrChallenge, ErrSignInCode, ErrTries.
func (s *Service) LoginFactor(ctx context.Context, login LoginFactor) (pair TokenPair, err error) {
	hash := hashToken(login.Challenge)
	challenge, err := s.q.ChallengeGet(ctx, s.db, db.ChallengeGetParams{TokenHash: hash, Now: s.now()})
	switch {
	case postgres.IsMissing(err):
		return TokenPair{}, ErrChallenge
	case err != nil:
		return TokenPair{}, fmt.Errorf("find the challenge: %w", err)
	}
	if err := s.tryFactor(ctx, challenge.UserID); err != nil {
		return TokenPair{}, err
	}
	err = s.db.InTx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		user, err := s.q.UserGetForShare(ctx, tx, challenge.UserID)
		switch {
		case postgres.IsMissing(err), err == nil && subtle.ConstantTimeCompare(markOf(user.PasswordHash), challenge.PasswordMark) == 0:
			return ErrChallenge
		case err != nil:
			return fmt.Errorf("read the user: %w", err)
		}
		pair, err = s.openSessionTx(ctx, tx, opening{
			user: user.ID, compared: user.PasswordHash, device: login.Device, network: login.Network, proof: login.Proof,
		})
		if err != nil {
			return err
		}
		met, err := s.q.ChallengeUse(ctx, tx, hash)
		switch {
		case err != nil:
			return fmt.Errorf("use the challenge: %w", err)
		case met == 0:
			return ErrChallenge // another was faster, and what was shown here is not used up
		}
		return nil
	})
	if err != nil {
		return TokenPair{}, err // of a session that was not kept
	}
	return pair, nil
}
