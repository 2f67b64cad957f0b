package checkout

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"cartwright/internal/jobs"
	"cartwright/internal/payments"
)

const (
	// compareAgain is how much is compared again each time: what was asked for is decided while the shopper pays.
	compareAgain = time.Hour
	// compareAtOnce is how much is compared before it is noted how far the comparison has come.
	compareAtOnce = time.Hour
	// compareFor is how long one comparison takes at most; the next goes on where it noted that it was.
	compareFor = 10 * time.Minute
	// lookTwice is how long after the first look another decides: meanwhile whoever is told of it may have been.
	lookTwice = time.Minute
)

// comparePayments is the job of comparing our payments with the provider's intents.
type comparePayments struct{}

// Kind names the job.
func (comparePayments) Kind() string { return "payments_compare" }

// Limits give a comparison its time. Its process may end meanwhile, so it is tried again, but not for long: another
// follows.
func (comparePayments) Limits() jobs.Limits {
	return jobs.Limits{Attempts: 3, Timeout: compareFor + 10*time.Second}
}

// comparePayment is the job of looking a second time at an intent that did not agree with its payment.
type comparePayment struct {
	IntentID  string                `json:"intentId"`
	PaymentID uuid.UUID             `json:"paymentId"`
	Status    payments.IntentStatus `json:"status"` // that it had; "" where the provider did not know it
}

// Kind names the job.
func (comparePayment) Kind() string { return "payment_compare" }

// comparePayments works the job. That the provider is away is no failure of ours.
func (s *Service) comparePayments(ctx context.Context, _ comparePayments) error {
	err := s.Reconcile(ctx)
	if errors.Is(err, payments.ErrUnavailable) {
		s.Logger.WarnContext(ctx, "stripe could not be asked for its payments", "error", err)
		return nil
	}
	return err
}

// Reconcile compares payments with the provider's intents: all that were made since the last comparison, those of the
// hour before once more, older ones that may still come to something, and those of open findings. Whatever disagrees
// is looked at a second time by a job of its own, which finds out why.
func (s *Service) Reconcile(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, compareFor)
	defer cancel()
	now := s.Now()
	until, err := s.Payments.ComparedUntil(ctx)
	if err != nil {
		return err
	}
	oldest := until.Add(-compareAgain)
	for from := oldest; until.Before(now); from = until {
		until = earliest(until.Add(compareAtOnce), now)
		if err := s.compareSpan(ctx, payments.Span{From: from, Until: until}); err != nil {
			return err
		}
		if err := s.Payments.Compared(ctx, until); err != nil {
			return err
		}
	}
	err = s.Payments.UnsettledBefore(ctx, oldest, func(payment payments.Payment) error { return s.compareOne(ctx, payment) })
	if err != nil {
		return err
	}
	return s.lookAtFindings(ctx)
}

// compareSpan compares what was made within a span of time, from both sides.
func (s *Service) compareSpan(ctx context.Context, span payments.Span) error {
	seen := map[string]bool{}
	for after := ""; ; {
		page, err := s.Provider.Intents(ctx, span, after)
		if err != nil {
			return err
		}
		byIntent, byID, err := s.Payments.Named(ctx, page.Intents)
		if err != nil {
			return err
		}
		for _, intent := range page.Intents {
			seen[intent.ID] = true
			payment, known := byIntent[intent.ID]
			if !known {
				payment, known = byID[intent.PaymentID]
			}
			if s.disagreement(payment, known, intent.ID, &intent) == "" {
				continue
			}
			if err := s.lookAgain(ctx, comparePayment{intent.ID, intent.PaymentID, intent.Status}); err != nil {
				return err
			}
		}
		if after = page.Next; after == "" {
			break
		}
	}
	return s.Payments.MadeWithin(ctx, span, func(payment payments.Payment) error {
		if seen[payment.IntentID] {
			return nil
		}
		return s.compareOne(ctx, payment)
	})
}

// compareOne compares a payment with its intent alone.
func (s *Service) compareOne(ctx context.Context, payment payments.Payment) error {
	shown, err := s.look(ctx, payment.IntentID)
	if err != nil || s.disagreement(payment, true, payment.IntentID, shown.intent) == "" {
		return err
	}
	return s.lookAgain(ctx, comparePayment{payment.IntentID, payment.ID, shown.status()})
}

// look is what the provider showed of an intent: nil where it knows none, or shows one in which we see no sense.
type look struct {
	intent *payments.Intent
	gone   bool // it knows none
}

func (l look) status() payments.IntentStatus {
	if l.intent == nil {
		return ""
	}
	return l.intent.Status
}

func (s *Service) look(ctx context.Context, id string) (look, error) {
	intent, err := s.Provider.Intent(ctx, id)
	switch {
	case errors.Is(err, payments.ErrUnknownIntent):
		return look{gone: true}, nil
	case errors.Is(err, payments.ErrUnreadable):
		return look{}, nil
	case err != nil:
		return look{}, err
	}
	return look{intent: &intent}, nil
}

// disagreement is in what a payment and the intent of this name disagree; "" when in nothing.
func (s *Service) disagreement(payment payments.Payment, known bool, name string, intent *payments.Intent) payments.FindingKind {
	switch {
	case intent == nil && (!known || payment.IntentID != name || payment.Status == payments.Cancelled):
		return ""
	case intent == nil:
		return payments.UnknownIntent
	case !known:
		return intent.Orphan()
	}
	return payment.Disagrees(*intent, s.Provider.Live())
}

func (s *Service) lookAgain(ctx context.Context, again comparePayment) error {
	return s.DB.InTx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		return s.Jobs.EnqueueTx(ctx, tx, again, s.Now().Add(lookTwice))
	})
}

// lookAtFindings looks whether what was found is still so.
func (s *Service) lookAtFindings(ctx context.Context) error {
	suspects, err := s.Payments.Unresolved(ctx)
	if err != nil {
		return err
	}
	for _, suspect := range suspects {
		if err := s.explain(ctx, suspect, func(look) bool { return true }); err != nil {
			return err
		}
	}
	return nil
}

func earliest(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
