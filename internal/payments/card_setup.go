package payments

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"cartwright/gen/db"
	"cartwright/internal/postgres"
)

// CardSetup is a try to save a card without paying with it.
type CardSetup struct {
	ID        uuid.UUID
	UserID    uuid.UUID
	IntentID  string // "" until the provider answered
	Status    SetupStatus
	CardID    uuid.UUID // what it saved; Nil where it saved nothing yet, and once that is forgotten
	CreatedAt time.Time
}

// Final tells whether nothing more can come of it.
func (c *CardSetup) Final() bool { return c.Status.Final() }

// BeginSetup is a try to be made.
type BeginSetup struct {
	MethodID   string // "" when the provider's front-end library names it
	RequestKey string // the Idempotency-Key it is asked for with, or ""
}

// BeginSetupTx stores a setup of a locked customer before the provider is asked for it, or answers the one that the same
// request began before: then isNew is false. ErrTooManyCards.
func (s *Service) BeginSetupTx(ctx context.Context, tx pgx.Tx, customer Customer, begin BeginSetup) (setup CardSetup, isNew bool, err error) {
	if begin.RequestKey != "" {
		row, err := s.q.CardSetupGetByRequestKey(ctx, tx, db.CardSetupGetByRequestKeyParams{
			UserID: customer.UserID, RequestKey: begin.RequestKey, MethodID: optional(begin.MethodID),
		})
		if !postgres.IsMissing(err) {
			return toCardSetup(row), false, err
		}
	}
	cards, err := s.cards(ctx, tx, customer.UserID)
	switch {
	case err != nil:
		return CardSetup{}, false, err
	case len(cards) >= MaxCards:
		return CardSetup{}, false, ErrTooManyCards
	}
	row, err := s.q.CardSetupCreate(ctx, tx, db.CardSetupCreateParams{
		ID: uuid.Must(uuid.NewV7()), UserID: customer.UserID, MethodID: optional(begin.MethodID),
		RequestKey: optional(begin.RequestKey), Now: s.now(),
	})
	if err != nil {
		return CardSetup{}, false, fmt.Errorf("store the setup: %w", err)
	}
	return toCardSetup(row), true, nil
}

// CardSetup reads one of a customer's; ErrNoSetup, also for what is another's.
func (s *Service) CardSetup(ctx context.Context, user, id uuid.UUID) (CardSetup, error) {
	row, err := s.q.CardSetupGet(ctx, s.db, db.CardSetupGetParams{ID: id, UserID: user})
	if postgres.IsMissing(err) {
		return CardSetup{}, ErrNoSetup
	}
	if err != nil {
		return CardSetup{}, fmt.Errorf("read the setup: %w", err)
	}
	return toCardSetup(row), nil
}

// TellSetupTx writes down where a customer's setup stands at the provider, and what it saved. One that has ended stays so.
func (s *Service) TellSetupTx(ctx context.Context, tx pgx.Tx, user uuid.UUID, told Setup, saved *SavedCard) error {
	tell := db.CardSetupTellParams{ID: told.SetupID, UserID: user, IntentID: optional(told.ID), Status: string(told.Status), Now: s.now()}
	if saved != nil {
		tell.CardID = &saved.ID
	}
	if err := s.q.CardSetupTell(ctx, tx, tell); err != nil {
		return fmt.Errorf("write down where a setup stands: %w", err)
	}
	return nil
}

// EndSetup writes down that nothing more comes of what the provider calls so.
func (s *Service) EndSetup(ctx context.Context, intent string) error {
	if err := s.q.CardSetupCancel(ctx, s.db, db.CardSetupCancelParams{IntentID: intent, Now: s.now()}); err != nil {
		return fmt.Errorf("end a setup: %w", err)
	}
	return nil
}

// waitingAtOnce is how many setups are answered at once.
const waitingAtOnce = 100

// CloseSetupsTx ends a locked customer's setups whose secret is not known yet, and answers what the provider calls those
// with which they can try cards still, the newest of them: it is to end these.
func (s *Service) CloseSetupsTx(ctx context.Context, tx pgx.Tx, user uuid.UUID) ([]string, error) {
	if err := s.q.CardSetupCancelUnnamed(ctx, tx, db.CardSetupCancelUnnamedParams{UserID: &user, Now: s.now()}); err != nil {
		return nil, fmt.Errorf("end the setups without a name: %w", err)
	}
	waiting, err := s.q.CardSetupListWaiting(ctx, tx, db.CardSetupListWaitingParams{UserID: user, AtOnce: waitingAtOnce})
	if err != nil {
		return nil, fmt.Errorf("list the setups that wait: %w", err)
	}
	return waiting, nil
}

// CloseOldSetups does so for all that wait since before then, and answers the oldest.
func (s *Service) CloseOldSetups(ctx context.Context, before time.Time) ([]string, error) {
	if err := s.q.CardSetupCancelUnnamed(ctx, s.db, db.CardSetupCancelUnnamedParams{Before: &before, Now: s.now()}); err != nil {
		return nil, fmt.Errorf("end old setups without a name: %w", err)
	}
	old, err := s.q.CardSetupListOld(ctx, s.db, db.CardSetupListOldParams{Before: before, AtOnce: waitingAtOnce})
	if err != nil {
		return nil, fmt.Errorf("list old setups: %w", err)
	}
	return old, nil
}

func toCardSetup(row db.CardSetup) CardSetup {
	setup := CardSetup{
		ID: row.ID, UserID: row.UserID, IntentID: text(row.IntentID), Status: SetupStatus(row.Status), CreatedAt: row.CreatedAt,
	}
	if row.CardID != nil {
		setup.CardID = *row.CardID
	}
	return setup
}
