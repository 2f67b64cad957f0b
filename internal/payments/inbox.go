package payments

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"cartwright/gen/db"
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

// CountSetAside is how many events wait for a person.
func (s *Service) CountSetAside(ctx context.Context) (int64, error) {
	count, err := s.q.WebhookEventSetAsideCount(ctx, s.db)
	if err != nil {
		return 0, fmt.Errorf("count the events that wait for a person: %w", err)
	}
	return count, nil
}

// ReceiveTx puts the event into the inbox; false when it was there before.
func (s *Service) ReceiveTx(ctx context.Context, tx pgx.Tx, event Event) (bool, error) {
	rows, err := s.q.WebhookEventCreate(ctx, tx, db.WebhookEventCreateParams{
		ID: event.ID, Type: event.Type, APIVersion: event.APIVersion, Payload: event.Payload,
		Outcome: string(Ignored), Now: s.now(),
	})
	if err != nil {
		return false, fmt.Errorf("put the event into the inbox: %w", err)
	}
	return rows == 1, nil
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
