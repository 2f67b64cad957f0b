package checkout

import (
	"context"
	"errors"
	"fmt"
	"time"

	"cartwright/internal/jobs"
	"cartwright/internal/payments"
)

const (
	// The provider lists no event that is older.
	oldestEvent = 30 * 24 * time.Hour
	// sweepAgain is how much is gone through again: an event may be listed late, and clocks differ.
	sweepAgain = time.Hour
	// sweepAtOnce is how much is gone through before it is noted how far the sweep has come.
	sweepAtOnce = 24 * time.Hour
	// sweepFor is how long one sweep takes at most; the next goes on where it noted that it was.
	sweepFor = 90 * time.Second
)

// sweepEvents is the job of finding out what the provider has told nobody here.
type sweepEvents struct{}

// Kind names the job.
func (sweepEvents) Kind() string { return "payments_sweep" }

// Limits give a sweep its time. Its process may end meanwhile, so it is tried again, but not for long: another follows.
func (sweepEvents) Limits() jobs.Limits {
	return jobs.Limits{Attempts: 3, Timeout: sweepFor + 10*time.Second}
}

// sweepEvents works the job. That the provider is away is no failure of ours.
func (s *Service) sweepEvents(ctx context.Context, _ sweepEvents) error {
	err := s.CatchUp(ctx)
	if errors.Is(err, payments.ErrUnavailable) {
		s.Logger.WarnContext(ctx, "stripe could not be asked for what it has told nobody", "error", err)
		return nil
	}
	return err
}

// CatchUp finds out what nobody was told: what came of tries whose answer was lost, and the events that never came.
func (s *Service) CatchUp(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, sweepFor)
	defer cancel()
	return errors.Join(s.resumeUnclear(ctx), s.sweepAll(ctx))
}

// resumeUnclear finds out what came of tries whose request is gone.
func (s *Service) resumeUnclear(ctx context.Context) error {
	unclear, err := s.Payments.Unclear(ctx)
	if err != nil {
		return err
	}
	for _, payment := range unclear {
		err := s.resume(ctx, payment)
		if errors.Is(err, payments.ErrUnavailable) {
			return err
		}
		if err != nil { // one that contradicts what is known must not keep the others waiting
			s.Logger.ErrorContext(ctx, "what came of a try to pay cannot be found out", "payment", payment.ID, "error", err)
		}
	}
	return nil
}

// sweepAll fetches the events that never came, from where the last sweep ended until now, the oldest day first. Each goes the
// way of those that are delivered. When something fails, the next sweep begins there again.
func (s *Service) sweepAll(ctx context.Context) error {
	now := s.Now()
	until, err := s.Payments.SweptUntil(ctx)
	if err != nil {
		return err
	}
	until = latest(until, now.Add(-oldestEvent))
	var failed error
	for until.Before(now) {
		span := payments.Span{From: latest(until.Add(-sweepAgain), now.Add(-oldestEvent)), Until: until.Add(sweepAtOnce)}
		if span.Until.After(now) {
			span.Until = now
		}
		err := s.sweep(ctx, span)
		if errors.Is(err, payments.ErrUnavailable) || ctx.Err() != nil {
			return errors.Join(failed, err)
		}
		if failed = errors.Join(failed, err); failed == nil {
			if err := s.Payments.Swept(ctx, span.Until); err != nil {
				return err
			}
		}
		until = span.Until
	}
	return failed
}

// sweep fetches those of a span of time. What it fetched before is known and costs no more than being listed.
func (s *Service) sweep(ctx context.Context, span payments.Span) (failed error) {
	for after := ""; ; {
		page, err := s.Provider.Events(ctx, span, after)
		if err != nil {
			return errors.Join(failed, err)
		}
		missed, err := s.Payments.Missed(ctx, page.Events)
		if err != nil {
			return errors.Join(failed, err)
		}
		for _, event := range missed {
			err := s.Settle(ctx, event, payments.Swept)
			if errors.Is(err, payments.ErrUnavailable) {
				return errors.Join(failed, err)
			}
			if err != nil { // the others are not kept waiting
				failed = errors.Join(failed, fmt.Errorf("event %s: %w", event.ID, err))
			}
		}
		if after = page.Next; after == "" {
			return failed
		}
	}
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
