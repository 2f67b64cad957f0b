package checkout

import (
	"context"
	"errors"
	"slices"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"cartwright/internal/fraud"
	"cartwright/internal/jobs"
	"cartwright/internal/payments"
)

// stopSetup ends a setup that more cards must not be tried with.
type stopSetup struct {
	IntentID string `json:"intentId"`
}

// Kind names the job.
func (stopSetup) Kind() string { return "card_setup_stop" }

// Limits make one job of a setup, however often more is tried with it.
func (stopSetup) Limits() jobs.Limits { return jobs.Limits{Once: true} }

// stopSetup is the job that ends a setup. What became of it is told by news, as of any other.
func (s *Service) stopSetup(ctx context.Context, job stopSetup) error {
	_, err := s.Provider.CancelSetup(ctx, job.IntentID)
	if errors.Is(err, payments.ErrUnknownSetup) {
		return nil
	}
	return err
}

// stopSetupsTx has the setups ended that a customer could try cards with past the shop, the one of news among them.
func (s *Service) stopSetupsTx(ctx context.Context, tx pgx.Tx, user uuid.UUID, told payments.Setup) error {
	waiting, err := s.Payments.WaitingSetupsTx(ctx, tx, user)
	if err != nil {
		return err
	}
	if told.ID != "" && !told.Status.Final() && !slices.Contains(waiting, told.ID) {
		waiting = append(waiting, told.ID)
	}
	stops := make([]jobs.Args, len(waiting))
	for i, intent := range waiting {
		stops[i] = stopSetup{intent}
	}
	return s.Jobs.EnqueueAllTx(ctx, tx, stops, s.Now())
}

// saverTx is who saves a card, from an address or from none that says anything of them. By their e-mail address it adds
// up with what they pay.
func (s *Service) saverTx(ctx context.Context, tx pgx.Tx, user uuid.UUID, address string) (fraud.Who, error) {
	email, err := s.Customers.EmailTx(ctx, tx, user)
	return fraud.Who{Session: user, Address: address, Email: email}, err
}

// triedSetupTx writes down what news of a locked customer's setup make of the tries to save a card with it, and lets no
// more be tried where that was too much.
func (s *Service) triedSetupTx(ctx context.Context, tx pgx.Tx, user uuid.UUID, told payments.Setup) error {
	if told.SetupID == uuid.Nil {
		return nil // not begun here
	}
	who, err := s.saverTx(ctx, tx, user, "")
	if err != nil {
		return err
	}
	blocked := false
	for _, attempt := range told.Attempts {
		verdict, err := s.Fraud.ConcludeTx(ctx, tx, who, fraud.News{
			Payment: told.SetupID, Paid: attempt.Saved, Charge: attempt.ID, Method: attempt.MethodID, Fingerprint: attempt.Fingerprint,
		})
		if err != nil {
			return err
		}
		blocked = blocked || verdict.Blocked()
	}
	if told.Status == payments.SetupCanceled {
		if err := s.Fraud.VoidTx(ctx, tx, told.SetupID); err != nil {
			return err
		}
	}
	if !blocked {
		return nil
	}
	return s.stopSetupsTx(ctx, tx, user, told)
}
