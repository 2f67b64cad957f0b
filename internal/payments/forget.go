package payments

import (
	"context"
	"fmt"
	"time"

	"cartwright/gen/db"
)

// keepPayload is how long is kept what an event said: names and addresses among it, which outlive an erased account.
const keepPayload = 30 * 24 * time.Hour

// forgetAtOnce is how many events are forgotten in one statement.
const forgetAtOnce = 1000

// Forget is the job of forgetting what old events said, and tries to save cards and cards that are gone, of which no news
// come any more. Events that were set aside wait for a person and stay as they are.
type Forget struct{}

// Kind names the job.
func (Forget) Kind() string { return "payments_forget" }

// Forget works the job.
func (s *Service) Forget(ctx context.Context, _ Forget) error {
	before := s.now().Add(-keepPayload)
	if err := s.q.CardSetupForget(ctx, s.db, before); err != nil {
		return fmt.Errorf("forget old setups: %w", err)
	}
	if err := s.q.CardForgetRemoved(ctx, s.db, before); err != nil {
		return fmt.Errorf("forget removed cards: %w", err)
	}
	for {
		forgotten, err := s.q.WebhookEventBlank(ctx, s.db, db.WebhookEventBlankParams{Before: before, AtOnce: forgetAtOnce})
		if err != nil {
			return fmt.Errorf("forget what events said: %w", err)
		}
		if forgotten < forgetAtOnce {
			return nil
		}
	}
}
