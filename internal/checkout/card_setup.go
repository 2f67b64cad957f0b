package checkout

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"cartwright/internal/fraud"
	"cartwright/internal/payments"
)

// NewCardSetup says which card to save.
type NewCardSetup struct {
	Customer  uuid.UUID
	MethodID  string // "" asks for a client secret, to be finished by the provider's front-end library
	ReturnURL string // "" means the shop's
	Key       string // the request's Idempotency-Key, or ""
	Address   string // the network the customer asks from; "" when it says nothing of them
}

// CardSetup is how a try to save a card stands.
type CardSetup struct {
	payments.CardSetup
	ClientSecret string
	NextAction   map[string]any
	Card         *payments.SavedCard // what it saved, while that is there
}

// CreateCardSetup begins to save a card without charging it. A declined card is a Declined error, and nothing is saved.
// payments.ErrTooManyCards, payments.ErrMethodUnknown, payments.ErrReturnURL, payments.ErrUnavailable, and
// fraud.ErrRefused, before the provider hears of it; payments.ErrNoCustomer of an account that is erased meanwhile. The repetition of a request under the same key goes on with what
// that one began.
func (s *Service) CreateCardSetup(ctx context.Context, asked NewCardSetup) (CardSetup, error) {
	ctx, cancel := context.WithTimeout(ctx, payments.AskFor)
	defer cancel()
	ctx = payments.WithPriority(ctx)
	s.refreshSurge(ctx)
	setup, told, err := s.setUp(ctx, asked)
	if errors.Is(err, payments.ErrUnknownCustomer) { // the provider has lost them, and is asked for another
		setup, told, err = s.setUp(ctx, asked)
	}
	if err != nil {
		return CardSetup{}, err
	}
	begun, err := s.concludeSetup(context.WithoutCancel(ctx), setup, told)
	if err == nil && told.Decline != nil && asked.MethodID != "" {
		err = payments.Declined(*told.Decline)
	}
	return begun, err
}

// setUp stores a setup and has the provider make it.
func (s *Service) setUp(ctx context.Context, asked NewCardSetup) (payments.CardSetup, payments.Setup, error) {
	var (
		customer payments.Customer
		setup    payments.CardSetup
		verdict  fraud.Verdict
	)
	err := s.inTurn(ctx, func(waited bool) (crowded bool, err error) {
		customer, setup, verdict, err = s.beginSetup(ctx, asked)
		if verdict.Crowded && !waited {
			return true, nil
		}
		return false, err
	})
	if verdict.Blocked() && !verdict.OfAddress() { // whoever is refused for what they tried loses the secrets they have
		err = errors.Join(err, s.DB.InTx(context.WithoutCancel(ctx), func(ctx context.Context, tx pgx.Tx) error {
			if _, err := s.Payments.CustomerTx(ctx, tx, asked.Customer); err != nil {
				return err
			}
			return s.stopSetupsTx(ctx, tx, asked.Customer, payments.Setup{})
		}))
	}
	if err != nil {
		return setup, payments.Setup{}, err
	}
	if setup.IntentID != "" {
		told, err := s.setupNow(ctx, setup)
		return setup, told, err
	}
	if customer, err = s.named(ctx, customer); err != nil {
		return setup, payments.Setup{}, errors.Join(err, s.voidSetup(context.WithoutCancel(ctx), setup, err))
	}
	told, err := s.Provider.CreateSetup(ctx, payments.NewSetup{
		SetupID: setup.ID, CustomerID: customer.ID, MethodID: asked.MethodID, ReturnURL: s.returnTo(asked.ReturnURL),
	})
	if err != nil {
		err = errors.Join(err, s.voidSetup(context.WithoutCancel(ctx), setup, err))
	}
	if errors.Is(err, payments.ErrUnknownCustomer) {
		err = errors.Join(err, s.Payments.RenewCustomer(context.WithoutCancel(ctx), customer))
	}
	return setup, told, err
}

// beginSetup stores what is about to be asked, before it is asked.
func (s *Service) beginSetup(
	ctx context.Context, asked NewCardSetup,
) (customer payments.Customer, setup payments.CardSetup, verdict fraud.Verdict, err error) {
	err = s.DB.InTx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		if customer, err = s.Payments.CustomerTx(ctx, tx, asked.Customer); err != nil {
			return err
		}
		var isNew bool
		setup, isNew, err = s.Payments.BeginSetupTx(ctx, tx, customer, payments.BeginSetup{MethodID: asked.MethodID, RequestKey: asked.Key})
		if err != nil || !isNew {
			return err
		}
		// Whoever saves cards may be trying out which are good, as with payments.
		who, err := s.saverTx(ctx, tx, asked.Customer, asked.Address)
		if err != nil {
			return err
		}
		verdict, err = s.Fraud.AdmitTx(ctx, tx, fraud.Try{Who: who, ID: setup.ID, Payment: setup.ID, Method: asked.MethodID})
		if err == nil && verdict.Blocked() {
			err = s.Fraud.Refused()
		}
		return err
	})
	return customer, setup, verdict, err
}

// named is the customer with the provider's name, which it is asked for where it is not known.
func (s *Service) named(ctx context.Context, customer payments.Customer) (payments.Customer, error) {
	if customer.ID != "" {
		return customer, nil
	}
	id, err := s.Provider.CreateCustomer(ctx, customer.RequestID)
	if errors.Is(err, payments.ErrKeySpent) {
		err = errors.Join(err, s.Payments.RenewCustomer(context.WithoutCancel(ctx), customer))
	}
	if err != nil {
		return customer, err
	}
	return s.Payments.NameCustomer(context.WithoutCancel(ctx), customer, id)
}

// voidSetup lets go of a setup after a failure: for good when nothing can come of it any more.
func (s *Service) voidSetup(ctx context.Context, setup payments.CardSetup, failure error) error {
	if errors.Is(failure, payments.ErrUnavailable) && !errors.Is(failure, payments.ErrKeySpent) {
		return nil // asked again under the same key, it tells what came of it
	}
	return s.DB.InTx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		ended := payments.Setup{SetupID: setup.ID, Status: payments.SetupCanceled}
		if err := s.Payments.TellSetupTx(ctx, tx, setup.UserID, ended, nil); err != nil {
			return err
		}
		if payments.MethodRefused(failure) {
			return s.Fraud.DeclineTx(ctx, tx, setup.ID)
		}
		return s.Fraud.VoidTx(ctx, tx, setup.ID)
	})
}

// concludeSetup applies what the provider answered of a setup.
func (s *Service) concludeSetup(ctx context.Context, setup payments.CardSetup, told payments.Setup) (concluded CardSetup, err error) {
	if live := s.Provider.Live(); told.Live != live {
		return CardSetup{}, fmt.Errorf("setup %s's livemode is %t instead of %t", setup.ID, told.Live, live)
	}
	told.SetupID = setup.ID
	err = s.DB.InTx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		concluded = CardSetup{ClientSecret: told.ClientSecret, NextAction: told.NextAction}
		customer, err := s.Payments.CustomerTx(ctx, tx, setup.UserID)
		if err != nil {
			return err
		}
		concluded.Card, err = s.setupTx(ctx, tx, customer, told)
		return err
	})
	if err == nil {
		concluded.CardSetup, err = s.Payments.CardSetup(ctx, setup.UserID, setup.ID)
	}
	return concluded, err
}

// setupTx writes down where a locked customer's setup stands, the card that it saved and what was tried with it. It is the
// only way in which news of a setup takes effect.
func (s *Service) setupTx(ctx context.Context, tx pgx.Tx, customer payments.Customer, told payments.Setup) (saved *payments.SavedCard, err error) {
	if told.Status == payments.SetupSucceeded && told.Card != nil && told.CustomerID == customer.ID {
		if saved, err = s.keepTx(ctx, tx, customer, *told.Card); err != nil {
			return nil, err
		}
	}
	if err = s.Payments.TellSetupTx(ctx, tx, customer.UserID, told, saved); err != nil {
		return nil, err
	}
	return saved, s.triedSetupTx(ctx, tx, customer.UserID, told)
}

// GetCardSetup reads how a customer's setup stands. While it is not finished the provider is asked, though not by every
// reader: see setupReads.
// Errors: payments.ErrNoSetup, payments.ErrUnavailable.
func (s *Service) GetCardSetup(ctx context.Context, customer, id uuid.UUID) (CardSetup, error) {
	ctx, cancel := context.WithTimeout(ctx, payments.AskFor)
	defer cancel()
	setup, err := s.Payments.CardSetup(ctx, customer, id)
	if err != nil {
		return CardSetup{}, err
	}
	if setup.Final() || setup.IntentID == "" {
		return s.finishedSetup(ctx, setup)
	}
	if recent, ok := s.reads.recent(setup, s.Now()); ok {
		return recent, nil
	}
	return s.reads.once(ctx, setup.ID, func(ctx context.Context) (CardSetup, error) {
		fetched, err := s.setupNow(ctx, setup)
		if err != nil {
			return CardSetup{}, err
		}
		return s.concludeSetup(ctx, setup, fetched)
	})
}

// finishedSetup is a setup of which nothing more is to be asked, with its card if that is there.
func (s *Service) finishedSetup(ctx context.Context, setup payments.CardSetup) (CardSetup, error) {
	finished := CardSetup{CardSetup: setup}
	card, err := s.Payments.Card(ctx, setup.UserID, setup.CardID)
	switch {
	case err == nil:
		finished.Card = &card
	case !errors.Is(err, payments.ErrNoCard):
		return CardSetup{}, err
	}
	return finished, nil
}

// setupNow asks how a setup that was made stands; one that the provider does not know, as when the account was changed, has
// ended.
func (s *Service) setupNow(ctx context.Context, setup payments.CardSetup) (payments.Setup, error) {
	told, _, err := s.readSetup(ctx, setup.IntentID)
	if errors.Is(err, payments.ErrUnknownSetup) {
		return payments.Setup{ID: setup.IntentID, Status: payments.SetupCanceled, Live: s.Provider.Live()}, nil
	}
	return told, err
}

// readSetup asks how a setup stands. Where the card that it saved is gone since, the setup has none, and gone names it.
func (s *Service) readSetup(ctx context.Context, id string) (told payments.Setup, gone string, err error) {
	told, err = s.Provider.Setup(ctx, id)
	if err != nil || told.Status != payments.SetupSucceeded || told.Card == nil {
		return told, "", err
	}
	card, err := s.Provider.Card(ctx, told.CustomerID, told.Card.ID)
	if errors.Is(err, payments.ErrUnknownCard) {
		gone, told.Card = told.Card.ID, nil
		return told, gone, nil
	}
	told.Card = &card
	return told, "", err
}
