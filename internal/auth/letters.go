package auth

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"cartwright/gen/db"
	"cartwright/internal/emails"
	"cartwright/internal/jobs"
	"cartwright/internal/postgres"
)

// Purpose is what a letter is for.
type Purpose string

// The purposes of letters.
const (
	VerifyAddress  Purpose = "VERIFY_EMAIL"     // to whoever registered
	AccountExists  Purpose = "ACCOUNT_EXISTS"   // to whoever has an account, and somebody wants one with their address
	ResetForgotten Purpose = "RESET_PASSWORD"   // to whoever forgot their password
	ChangeAddress  Purpose = "CHANGE_EMAIL"     // to the address that an account shall have
	NewPassword    Purpose = "PASSWORD_CHANGED" // to whose account has another password
	AddressChanged Purpose = "EMAIL_CHANGED"    // to the address that an account had
	InviteToStaff  Purpose = "STAFF_INVITATION"

	FactorAdded   Purpose = "SECOND_FACTOR_ADDED"   // to whoever has a second factor now
	FactorRemoved Purpose = "SECOND_FACTOR_REMOVED" // to whoever has none any more
	RecoveryUsed  Purpose = "RECOVERY_CODE_USED"    // to whose recovery code was used
)

// lifetimes say how long a letter is owed and its link good, from the moment it was asked for.
var lifetimes = map[Purpose]time.Duration{
	VerifyAddress: 24 * time.Hour, AccountExists: 24 * time.Hour, AddressChanged: 24 * time.Hour,
	ResetForgotten: time.Hour, ChangeAddress: time.Hour, InviteToStaff: 7 * 24 * time.Hour,
	NewPassword: 24 * time.Hour, FactorAdded: 24 * time.Hour, FactorRemoved: 24 * time.Hour, RecoveryUsed: 24 * time.Hour,
}

// Lasts is how long a letter of this purpose is owed and its link good.
func (p Purpose) Lasts() time.Duration { return lifetimes[p] }

// Letter is a mail that is owed to an address.
type Letter struct {
	ID      uuid.UUID
	Purpose Purpose
	Email   string
	Token   string // of its link; "" where it has none
}

// SendLetter is the job of sending one. It names the letter and nothing of what is in it: Write tells.
type SendLetter struct {
	LetterID uuid.UUID `json:"letterId"`
}

// Kind names the job.
func (SendLetter) Kind() string { return "auth_send_letter" }

// Limits are a mail's.
func (SendLetter) Limits() jobs.Limits { return jobs.ForMail() }

// oweTx owes a letter to an address; user is nil where it is not asked yet whose address it is.
func (s *Service) oweTx(ctx context.Context, tx pgx.Tx, purpose Purpose, email string, user *uuid.UUID) error {
	id := uuid.Must(uuid.NewV7())
	err := s.q.LetterCreate(ctx, tx, db.LetterCreateParams{
		ID: id, Purpose: string(purpose), Email: email, UserID: user, Now: s.now(), ExpiresAt: s.now().Add(purpose.Lasts()),
	})
	switch {
	case postgres.Constraint(err) == "letters_user_id_fkey":
		return ErrToken.Wrap(err) // the account is gone meanwhile
	case err != nil:
		return fmt.Errorf("owe the letter: %w", err)
	}
	return s.Jobs.EnqueueTx(ctx, tx, SendLetter{id}, time.Time{})
}

// Write writes a letter that is owed, with the token of its link where it has one; owed is false when there is nothing to
// send: its time is over, or nobody has the address. Writing it again writes the same, so that a copy that was sent
// although nobody noticed is as good as the next.
func (s *Service) Write(ctx context.Context, id uuid.UUID) (letter Letter, owed bool, err error) {
	err = s.db.InTx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		row, err := s.q.LetterGetForUpdate(ctx, tx, id)
		if postgres.IsMissing(err) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read the letter: %w", err)
		}
		letter = Letter{ID: id, Purpose: Purpose(row.Purpose), Email: row.Email}
		var user *uuid.UUID
		if owed = row.ExpiresAt.After(s.now()); owed {
			user, owed, err = s.addresseeTx(ctx, tx, &letter, row.UserID)
		}
		switch {
		case err != nil:
			return err
		case !owed:
			return s.q.LetterDelete(ctx, tx, id)
		case user == nil && letter.Purpose != InviteToStaff:
			return nil
		}
		return s.sealTx(ctx, tx, &letter, user)
	})
	return letter, owed, err
}

// sealTx gives a letter its token.
func (s *Service) sealTx(ctx context.Context, tx pgx.Tx, letter *Letter, user *uuid.UUID) error {
	letter.Token = s.signer.tokenOf(letter.ID)
	err := s.q.LetterSetToken(ctx, tx, db.LetterSetTokenParams{ID: letter.ID, UserID: user, TokenHash: hashToken(letter.Token)})
	if err != nil {
		return fmt.Errorf("keep the letter's token: %w", err)
	}
	return nil
}

// addresseeTx finds out what a letter may say: user is whose link it carries, nil for one without and for an invitation.
// Who registered with an address and never proved to have it is in nobody's way. A letter about an account goes to the
// address that the account has, not to the one that was typed and found it.
func (s *Service) addresseeTx(ctx context.Context, tx pgx.Tx, letter *Letter, asked *uuid.UUID) (user *uuid.UUID, owed bool, err error) {
	holder, err := s.q.UserGetByEmail(ctx, tx, emails.Key(letter.Email))
	held := err == nil
	if err != nil && !postgres.IsMissing(err) {
		return nil, false, fmt.Errorf("find the user: %w", err)
	}
	typed := letter.Email
	if held {
		letter.Email = holder.Email
	}
	switch letter.Purpose {
	case VerifyAddress:
		return asked, held && holder.ID == *asked && !holder.EmailVerified, nil
	case ResetForgotten:
		return &holder.ID, held && holder.IsActive, nil
	case AccountExists:
		return nil, held, nil
	case ChangeAddress:
		if held && holder.ID != *asked && holder.EmailVerified {
			letter.Purpose = AccountExists
			return nil, true, nil
		}
		letter.Email = typed // which its owner may want in other letter case, and proves to have
		return asked, true, nil
	case InviteToStaff:
		return nil, !held || holder.IsActive && Role(holder.Role) == Customer, nil
	}
	return nil, true, nil
}

// Sent takes a letter away that has done its work by arriving. One with a link is kept until that is used.
func (s *Service) Sent(ctx context.Context, letter Letter) error {
	if letter.Token != "" {
		return nil
	}
	if err := s.q.LetterDelete(ctx, s.db, letter.ID); err != nil {
		return fmt.Errorf("take the letter away: %w", err)
	}
	return nil
}

// link is what a token is used as.
type link struct {
	purpose Purpose
	token   string
}

// find is whose link it is, and leaves it; ErrLink.
func (s *Service) find(ctx context.Context, l link) (db.LetterGetByTokenRow, error) {
	row, err := s.q.LetterGetByToken(ctx, s.db, db.LetterGetByTokenParams{
		TokenHash: hashToken(l.token), Purpose: string(l.purpose), Now: s.now(),
	})
	switch {
	case postgres.IsMissing(err), err == nil && row.UserID == nil:
		return db.LetterGetByTokenRow{}, ErrLink
	case err != nil:
		return db.LetterGetByTokenRow{}, fmt.Errorf("find the link: %w", err)
	}
	return row, nil
}

// useTx uses a link, which only one can; ErrLink.
func (s *Service) useTx(ctx context.Context, tx pgx.Tx, l link) (user uuid.UUID, email string, err error) {
	row, err := s.q.LetterUse(ctx, tx, db.LetterUseParams{
		TokenHash: hashToken(l.token), Purpose: string(l.purpose), Now: s.now(),
	})
	switch {
	case postgres.IsMissing(err), err == nil && row.UserID == nil:
		return uuid.Nil, "", ErrLink
	case err != nil:
		return uuid.Nil, "", fmt.Errorf("use the link: %w", err)
	}
	return *row.UserID, row.Email, nil
}

// forgetLettersTx takes a user's letters of one purpose away, or all for "".
func (s *Service) forgetLettersTx(ctx context.Context, tx pgx.Tx, user uuid.UUID, purpose Purpose) error {
	var only *string
	if purpose != "" {
		only = (*string)(&purpose)
	}
	if err := s.q.LetterDeleteByUser(ctx, tx, db.LetterDeleteByUserParams{UserID: &user, Purpose: only}); err != nil {
		return fmt.Errorf("take the letters away: %w", err)
	}
	return nil
}
