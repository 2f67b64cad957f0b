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
	suspect := payments.Suspect{IntentID: job.IntentID, PaymentID: job.PaymentID}
	return s.explain(ctx, suspect, func(shown look) bool { return shown.status() == job.Status })
}

// explain has what the provider knows of an intent take effect where it disagrees with its payment, and records what
// was found: resolved when both agree then, and open when they do not. It does nothing where matters tells so. The intent is
// read after its payment, and a payment that has moved by the time it is locked is left alone: what it is compared with
// is never older.
func (s *Service) explain(ctx context.Context, suspect payments.Suspect, matters func(look) bool) error {
	payment, known, err := s.Payments.Find(ctx, payments.Intent{ID: suspect.IntentID, PaymentID: suspect.PaymentID})
	if err != nil {
		return err
	}
	shown, err := s.look(ctx, suspect.IntentID)
	if err != nil || !matters(shown) {
		return err
	}
	found := payments.Finding{Kind: s.disagreement(payment, known, suspect.IntentID, shown.intent), IntentID: suspect.IntentID}
	found.Status = payments.FindingOpen
	if shown.intent != nil {
		found.There = shown.intent.Side()
	}
	if !known {
		return s.DB.InTx(ctx, func(ctx context.Context, tx pgx.Tx) error { return s.noteTx(ctx, tx, found) })
	}
	found.PaymentID, found.Here = payment.ID, payment.Side()
	ended := shown.intent != nil && payment.Mismatch(*shown.intent, s.Provider.Live()) == "" && payment.Revivable(*shown.intent)
	if ended {
		cancelled, err := s.Provider.CancelIntent(ctx, shown.intent.ID) // nobody shall pay for what has ended
		if err != nil {
			return err
		}
		shown.intent = &cancelled
	}
	return s.heard(ctx, payment, func(ctx context.Context, tx pgx.Tx, order orders.Order, locked payments.Payment) error {
		busy, err := s.Payments.InFlightTx(ctx, tx, locked.ID)
		if err != nil || busy || locked != payment && !ended {
			return err // whoever moves it will tell; what ended here and now is final, whoever heard of it first
		}
		if found.Kind != "" {
			if err := s.agreeTx(ctx, tx, order, locked, shown, &found); err != nil {
				return err
			}
		}
		return s.noteTx(ctx, tx, found)
	})
}

// agreeTx has what the provider showed take effect on a locked payment that disagrees with it, and writes into found
// how both stand then. Of what cannot be read nothing follows.
func (s *Service) agreeTx(
	ctx context.Context, tx pgx.Tx, order orders.Order, payment payments.Payment, shown look, found *payments.Finding,
) error {
	news := payment.Gone(s.Provider.Live())
	switch {
	case shown.intent != nil:
		news = *shown.intent
	case !shown.gone:
		return nil
	}
	order, mismatch, err := s.applyTx(ctx, tx, order, payment, news, byProvider)
	if err == nil && mismatch == "" {
		err = s.movedTx(ctx, tx, order, payment, news)
	}
	if err != nil {
		return err
	}
	now, err := s.Payments.LockTx(ctx, tx, payment.ID)
	if err != nil {
		return err
	}
	kind := s.disagreement(now, true, found.IntentID, shown.intent)
	if kind == "" {
		found.Status = payments.FindingResolved
		return nil
	}
	found.Kind, found.Here = kind, now.Side()
	if shown.intent != nil {
		found.There = shown.intent.Side()
	}
	return nil
}

// noteTx records what came of a look at an intent. Where an open finding of it is resolved, there is no other.
func (s *Service) noteTx(ctx context.Context, tx pgx.Tx, found payments.Finding) error {
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
