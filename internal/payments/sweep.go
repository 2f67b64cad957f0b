package payments

import (
	"context"
	"fmt"
	"time"

	"cartwright/gen/db"
	"cartwright/internal/postgres"
)

// eventSweep names the sweep over the provider's events.
const eventSweep = "events"

// SweptUntil is until when every event of the provider is in the inbox. Before the first sweep that is when
// something was asked of it for the first time, since nothing older is about us, or now when nothing was yet.
func (s *Service) SweptUntil(ctx context.Context) (time.Time, error) {
	return s.goneThrough(ctx, eventSweep)
}

// Swept records that every event until then is in the inbox.
func (s *Service) Swept(ctx context.Context, until time.Time) error {
	return s.goThrough(ctx, eventSweep, until)
}

// goneThrough is until when a sweep has gone through everything.
func (s *Service) goneThrough(ctx context.Context, sweep string) (time.Time, error) {
	until, err := s.q.SweepGet(ctx, s.db, sweep)
	if postgres.IsMissing(err) {
		until, err = s.q.PaymentFirst(ctx, s.db)
	}
	if postgres.IsMissing(err) {
		return s.now(), nil
	}
	if err != nil {
		return time.Time{}, fmt.Errorf("read how far %s were swept: %w", sweep, err)
	}
	return until, nil
}

func (s *Service) goThrough(ctx context.Context, sweep string, until time.Time) error {
	if err := s.q.SweepAdvance(ctx, s.db, db.SweepAdvanceParams{Name: sweep, SweptUntil: until}); err != nil {
		return fmt.Errorf("record how far %s were swept: %w", sweep, err)
	}
	return nil
}

// Missed are those of the events that never came.
func (s *Service) Missed(ctx context.Context, events []Event) ([]Event, error) {
	ids := make([]string, len(events))
	for i, event := range events {
		ids[i] = event.ID
	}
	known, err := s.q.WebhookEventKnown(ctx, s.db, ids)
	if err != nil {
		return nil, fmt.Errorf("look for events in the inbox: %w", err)
	}
	came := make(map[string]bool, len(known))
	for _, id := range known {
		came[id] = true
	}
	var missed []Event
	for _, event := range events {
		if !came[event.ID] {
			missed = append(missed, event)
		}
	}
	return missed, nil
}
