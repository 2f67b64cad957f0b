package checkout

import (
	"context"

	"github.com/jackc/pgx/v5"

	"cartwright/internal/orders"
	"cartwright/internal/payments"
)

// comparePayment is the second look. What has moved since the first is left to the next comparison: whoever moves it is
// told of it.
func (s *Service) comparePayment(ctx context.Context, job comparePayment) error {
	ctx, cancel := context.WithTimeout(ctx, payments.AskFor)
	defer cancel()
	intent, err := s.known(ctx, job.IntentID)
	if err != nil {
		return err
	}
	if intent == nil && job.Status != "" || intent != nil && intent.Status != job.Status {
		return nil
	}
	return s.explain(ctx, payments.Suspect{IntentID: job.IntentID, PaymentID: job.PaymentID}, intent)
}

// look is what the provider showed of an intent: at first, and after what was done about it. nil is an intent that it
// does not know.
type look struct {
	name       string
	first, now *payments.Intent
}

// explain has what the provider knows of an intent take effect where it disagrees with its payment, and records what
// was found: resolved when both agree then, and open when they do not.
func (s *Service) explain(ctx context.Context, suspect payments.Suspect, intent *payments.Intent) error {
	asked := payments.Intent{ID: suspect.IntentID, PaymentID: suspect.PaymentID}
	if intent != nil {
		asked = *intent
	}
	payment, known, err := s.Payments.Find(ctx, asked)
	if err != nil {
		return err
	}
	look := look{asked.ID, intent, intent}
	if !known {
		return s.DB.InTx(ctx, func(ctx context.Context, tx pgx.Tx) error {
			found := payments.Finding{Kind: s.disagreement(payment, false, look.name, intent), Status: payments.FindingOpen}
			return s.noteTx(ctx, tx, found, look)
		})
	}
	if intent != nil && payment.Mismatch(*intent, s.Provider.Live()) == "" && payment.Revivable(*intent) {
		cancelled, err := s.Provider.CancelIntent(ctx, intent.ID) // nobody shall pay for what has ended
		if err != nil {
			return err
		}
		look.now = &cancelled
	}
	return s.heard(ctx, payment, func(ctx context.Context, tx pgx.Tx, order orders.Order, payment payments.Payment) error {
		busy, err := s.Payments.InFlightTx(ctx, tx, payment.ID)
		if err != nil || busy {
			return err // its request will tell
		}
		return s.explainTx(ctx, tx, order, payment, look)
	})
}

// explainTx does so for a locked payment.
func (s *Service) explainTx(ctx context.Context, tx pgx.Tx, order orders.Order, payment payments.Payment, look look) error {
	found := payments.Finding{
		Kind: s.disagreement(payment, true, look.name, look.first), Status: payments.FindingResolved, PaymentID: payment.ID, Here: payment.Side(),
	}
	if found.Kind == "" {
		return s.noteTx(ctx, tx, found, look)
	}
	news := payment.Gone(s.Provider.Live())
	if look.now != nil {
		news = *look.now
	}
	order, mismatch, err := s.applyTx(ctx, tx, order, payment, news, byProvider)
	if err == nil && mismatch == "" && foreignDispute(payment, news.Disputes) == "" {
		err = s.movedTx(ctx, tx, order, payment, news)
	}
	if err != nil {
		return err
	}
	now, err := s.Payments.LockTx(ctx, tx, payment.ID)
	if err != nil {
		return err
	}
	if kind := s.disagreement(now, true, look.name, look.now); kind != "" {
		found.Kind, found.Here, found.Status = kind, now.Side(), payments.FindingOpen
		look.first = look.now
	}
	return s.noteTx(ctx, tx, found, look)
}

// noteTx records what came of a look at an intent. Where an open finding of it is resolved, there is no other.
func (s *Service) noteTx(ctx context.Context, tx pgx.Tx, found payments.Finding, look look) error {
	found.IntentID = look.name
	if look.first != nil {
		found.There = look.first.Side()
	}
	if found.Kind != "" && found.Status == payments.FindingOpen {
		s.Logger.ErrorContext(ctx, "a payment disagrees with stripe and needs a person", "intent", found.IntentID, "kind", found.Kind)
		return s.Payments.RecordTx(ctx, tx, found)
	}
	resolved, err := s.Payments.ResolveTx(ctx, tx, found.IntentID)
	if err != nil || resolved || found.Kind == "" {
		return err
	}
	s.Logger.WarnContext(ctx, "a payment disagreed with stripe and does not any more", "intent", found.IntentID, "kind", found.Kind)
	return s.Payments.RecordTx(ctx, tx, found)
}
