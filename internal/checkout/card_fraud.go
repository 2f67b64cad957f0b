package checkout

import (
	"context"
	"errors"
	"slices"
	"time"

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

// stopSetup is the job that ends a setup. What it saved before is told by news, as of any other. While a bank thinks it
// cannot be ended.
func (s *Service) stopSetup(ctx context.Context, job stopSetup) error {
	told, err := s.Provider.CancelSetup(ctx, job.IntentID)
	switch {
	case errors.Is(err, payments.ErrUnknownSetup), err == nil && told.Status == payments.SetupCanceled:
		return s.Payments.EndSetup(ctx, job.IntentID)
	case err == nil && !told.Status.Final():
		return jobs.Again(time.Minute)
	}
	return err
}

// setupLasts is how long a setup can be tried with: less than tries count, or what was collected before would go uncounted.
const setupLasts = 30 * time.Minute

// stopOldSetups ends setups that nobody has finished.
type stopOldSetups struct{}

// anySetups is whether one may be old some day.
const anySetups = "EXISTS (SELECT FROM card_setups WHERE status NOT IN ('succeeded', 'canceled'))"

// Kind names the job.
func (stopOldSetups) Kind() string { return "card_setups_stop_old" }

// stopOldSetups is the job that gives each setup that is too old a job of its own.
func (s *Service) stopOldSetups(ctx context.Context, _ stopOldSetups) error {
	old, err := s.Payments.CloseOldSetups(ctx, s.Now().Add(-setupLasts))
	if err != nil {
		return err
	}
	return s.DB.InTx(ctx, func(ctx context.Context, tx pgx.Tx) error { return s.enqueueStopsTx(ctx, tx, old) })
}

func (s *Service) enqueueStopsTx(ctx context.Context, tx pgx.Tx, intents []string) error {
	stops := make([]jobs.Args, len(intents))
	for i, intent := range intents {
		stops[i] = stopSetup{intent}
	}
	return s.Jobs.EnqueueAllTx(ctx, tx, stops, s.Now())
}

// stopSetupsTx has the setups ended that a locked customer could try cards with past the shop, the one of news among them.
func (s *Service) stopSetupsTx(ctx context.Context, tx pgx.Tx, user uuid.UUID, told payments.Setup) error {
	waiting, err := s.Payments.CloseSetupsTx(ctx, tx, user)
	if err != nil {
		return err
	}
	if told.ID != "" && !told.Status.Final() && !slices.Contains(waiting, told.ID) {
		waiting = append(waiting, told.ID)
	}
	return s.enqueueStopsTx(ctx, tx, waiting)
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
