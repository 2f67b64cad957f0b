package auth

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"cartwright/gen/db"
	"cartwright/internal/postgres"
)

// Requirement says who needs a second factor.
type Requirement string

// The requirements. The zero Requirement asks nobody.
const (
	OfNobody Requirement = "none"
	OfAdmins Requirement = "admins"
	OfStaff  Requirement = "staff" // admins among them
)

// of tells whether somebody with this role needs one.
func (r Requirement) of(role Role) bool {
	return role == Admin && (r == OfAdmins || r == OfStaff) || role == Staff && r == OfStaff
}

// Factor is how it stands with somebody's second factor.
type Factor struct {
	Since         *time.Time // when it was confirmed; nil while there is none that is active
	RecoveryCodes int        // how many are left
	Required      bool       // whether the account may do little without one
}

// Factor tells how it stands with the principal's.
func (s *Service) Factor(ctx context.Context, who Principal) (Factor, error) {
	factor := Factor{Required: s.Require.of(who.Role)}
	row, err := s.q.FactorGet(ctx, s.db, who.UserID)
	switch {
	case postgres.IsMissing(err):
		return factor, nil
	case err != nil:
		return Factor{}, fmt.Errorf("read the second factor: %w", err)
	}
	factor.Since, factor.RecoveryCodes = row.ConfirmedAt, int(row.RecoveryCodes)
	return factor, nil
}

// Enrolment is what an app is told once, and nobody ever again.
type Enrolment struct {
	Secret    string // for typing
	URI       string // for a QR code
	ExpiresAt time.Time
}

// enrolTime is how long an enrolment may be confirmed.
const enrolTime = time.Hour

// BeginFactor makes the secret of a factor, which is active once ConfirmFactor has seen a code. Beginning anew takes
// the place of what was not confirmed. ErrPassword, ErrFactorActive, ErrBusy.
func (s *Service) BeginFactor(ctx context.Context, who Principal, password string) (Enrolment, error) {
	user, err := s.confirm(ctx, who, password)
	if err != nil {
		return Enrolment{}, err
	}
	made, err := newSecret(s.Issuer, user.Email)
	if err != nil {
		return Enrolment{}, err
	}
	sealed, err := s.sealSecret(user.ID, made.Secret)
	if err != nil {
		return Enrolment{}, err
	}
	made.ExpiresAt = s.now().Add(enrolTime)
	err = s.db.InTx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		begun, err := s.q.FactorBegin(ctx, tx, db.FactorBeginParams{UserID: user.ID, Secret: sealed, Now: s.now()})
		switch {
		case postgres.Constraint(err) != "":
			return ErrToken.Wrap(err) // the account is gone meanwhile
		case err != nil:
			return fmt.Errorf("begin the second factor: %w", err)
		case begun == 0:
			return ErrFactorActive
		}
		return nil
	})
	return made, err
}

// ConfirmFactor makes a factor active whose app shows this code, and answers its recovery codes. It ends the
// principal's other sessions, which were opened with the password alone, and owes a letter. ErrNoEnrolment,
// ErrFactorActive, ErrCode, ErrTries.
func (s *Service) ConfirmFactor(ctx context.Context, who Principal, code string) (recovery []string, err error) {
	if err := s.tryFactor(ctx, who.UserID); err != nil {
		return nil, err
	}
	err = s.db.InTx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		user, err := s.userTx(ctx, tx, who.UserID)
		if err != nil {
			return err
		}
		factor, err := s.q.FactorGetForUpdate(ctx, tx, user.ID)
		switch {
		case postgres.IsMissing(err), err == nil && factor.ConfirmedAt == nil && !factor.CreatedAt.Add(enrolTime).After(s.now()):
			return ErrNoEnrolment
		case err != nil:
			return fmt.Errorf("read the second factor: %w", err)
		case factor.ConfirmedAt != nil:
			return ErrFactorActive
		}
		if err := s.useCodeTx(ctx, tx, factor, code); err != nil {
			return err
		}
		if err := s.q.FactorActivate(ctx, tx, db.FactorActivateParams{UserID: user.ID, Now: s.now()}); err != nil {
			return fmt.Errorf("activate the second factor: %w", err)
		}
		if recovery, err = s.renewRecoveryTx(ctx, tx, user.ID); err != nil {
			return err
		}
		if err := s.endSessionsTx(ctx, tx, user.ID, who.SessionID); err != nil {
			return err
		}
		return s.oweTx(ctx, tx, FactorAdded, user.Email, nil)
	})
	return recovery, err
}

// RenewRecovery answers new recovery codes, after which the ones before are worth nothing. ErrPassword, ErrCode,
// ErrTries, ErrNoFactor, ErrBusy.
func (s *Service) RenewRecovery(ctx context.Context, who Principal, password string, proof Proof) (recovery []string, err error) {
	err = s.showing(ctx, who, password, proof, func(ctx context.Context, tx pgx.Tx, user db.UserGetForUpdateRow) error {
		recovery, err = s.renewRecoveryTx(ctx, tx, user.ID)
		return err
	})
	return recovery, err
}

// DisableFactor takes the principal's factor away and owes a letter. ErrPassword, ErrCode, ErrTries, ErrNoFactor, ErrBusy.
func (s *Service) DisableFactor(ctx context.Context, who Principal, password string, proof Proof) error {
	return s.showing(ctx, who, password, proof, func(ctx context.Context, tx pgx.Tx, user db.UserGetForUpdateRow) error {
		return s.removeFactorTx(ctx, tx, user)
	})
}

// showing does something to the factor of a principal who knows the password and has the factor.
func (s *Service) showing(
	ctx context.Context, who Principal, password string, proof Proof,
	do func(context.Context, pgx.Tx, db.UserGetForUpdateRow) error,
) error {
	if _, err := s.confirm(ctx, who, password); err != nil {
		return err
	}
	if err := s.tryFactor(ctx, who.UserID); err != nil {
		return err
	}
	return s.db.InTx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		user, err := s.userTx(ctx, tx, who.UserID)
		if err != nil {
			return err
		}
		if err := s.showTx(ctx, tx, user.ID, proof); err != nil {
			return err
		}
		return do(ctx, tx, user)
	})
}

// removeFactorTx takes a factor away and owes a letter.
func (s *Service) removeFactorTx(ctx context.Context, tx pgx.Tx, user db.UserGetForUpdateRow) error {
	if err := s.q.FactorDelete(ctx, tx, user.ID); err != nil {
		return fmt.Errorf("take the second factor away: %w", err)
	}
	return s.oweTx(ctx, tx, FactorRemoved, user.Email, nil)
}

// userTx locks a user, always before the factor; ErrToken when it is gone.
func (s *Service) userTx(ctx context.Context, tx pgx.Tx, id uuid.UUID) (db.UserGetForUpdateRow, error) {
	user, err := s.q.UserGetForUpdate(ctx, tx, id)
	switch {
	case postgres.IsMissing(err):
		return user, ErrToken
	case err != nil:
		return user, fmt.Errorf("lock the user: %w", err)
	}
	return user, nil
}
