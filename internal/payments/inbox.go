package payments

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"cartwright/gen/db"
	"cartwright/internal/postgres"
)

// Outcome is what became of an event.
type Outcome string

// The outcomes: it took effect, it was of no interest, or it contradicts what we know and waits
// for a person.
const (
	Applied  Outcome = "APPLIED"
	Ignored  Outcome = "IGNORED"
	SetAside Outcome = "SET_ASIDE"
)

// Source is how an event got here.
type Source string

// The sources: the provider sent it, or it never came and was fetched.
const (
	Delivered Source = "DELIVERED"
	Swept     Source = "SWEPT"
)

// Received is an event in the inbox.
type Received struct {
	ID         string
	Type       string
	APIVersion string
	Source     Source
	Outcome    Outcome
	Reason     string // why it was set aside
	IntentID   string // "" when it names none
	ReceivedAt time.Time
	Replays    int        // how often staff had it decided anew
	ReplayedAt *time.Time // when they did last
	Payload    []byte     // what it said; empty once that is forgotten, and in a list
}

// CountSetAside is how many events wait for a person.
func (s *Service) CountSetAside(ctx context.Context) (int64, error) {
	count, err := s.q.WebhookEventSetAsideCount(ctx, s.db)
	if err != nil {
		return 0, fmt.Errorf("count the events that wait for a person: %w", err)
	}
	return count, nil
}

// ReceiveTx puts the event into the inbox; false when it was there before.
func (s *Service) ReceiveTx(ctx context.Context, tx pgx.Tx, event Event, source Source) (bool, error) {
	rows, err := s.q.WebhookEventCreate(ctx, tx, db.WebhookEventCreateParams{
		ID: event.ID, Type: event.Type, APIVersion: event.APIVersion, Payload: event.Payload,
		Source: string(source), IntentID: intentOf(event), Now: s.now(),
	})
	if err != nil {
		return false, fmt.Errorf("put the event into the inbox: %w", err)
	}
	return rows == 1, nil
}

// ReplayTx counts that an event in the inbox is decided anew, and keeps others from deciding it until tx ends.
func (s *Service) ReplayTx(ctx context.Context, tx pgx.Tx, event Event) error {
	now := s.now()
	err := s.q.WebhookEventReplay(ctx, tx, db.WebhookEventReplayParams{ID: event.ID, IntentID: intentOf(event), Now: &now})
	if err != nil {
		return fmt.Errorf("count the event's replay: %w", err)
	}
	return nil
}

// DecideTx records what became of the event.
func (s *Service) DecideTx(ctx context.Context, tx pgx.Tx, eventID string, outcome Outcome, reason string) error {
	err := s.q.WebhookEventSetOutcome(ctx, tx, db.WebhookEventSetOutcomeParams{
		ID: eventID, Outcome: string(outcome), Reason: reason,
	})
	if err != nil {
		return fmt.Errorf("record the event's outcome: %w", err)
	}
	return nil
}

// Received reads an event in the inbox. ErrEventUnknown.
func (s *Service) Received(ctx context.Context, eventID string) (Received, error) {
	row, err := s.q.WebhookEventGet(ctx, s.db, eventID)
	if postgres.IsMissing(err) {
		return Received{}, ErrEventUnknown
	}
	if err != nil {
		return Received{}, fmt.Errorf("read the event: %w", err)
	}
	return Received{
		ID: row.ID, Type: row.Type, APIVersion: row.APIVersion, Source: Source(row.Source), Outcome: Outcome(row.Outcome),
		Reason: row.Reason, IntentID: text(row.IntentID), ReceivedAt: row.ReceivedAt, Replays: int(row.Replays),
		ReplayedAt: row.ReplayedAt, Payload: row.Payload,
	}, nil
}

// intentOf is the name of the intent that an event is about; nil when it names none.
func intentOf(event Event) *string {
	if event.Intent == nil {
		return nil
	}
	return optional(event.Intent.ID)
}

// text is "" where there is none.
func text(stored *string) string {
	if stored == nil {
		return ""
	}
	return *stored
}
