package checkout

import (
	"context"
	"errors"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"cartwright/internal/payments"
)

// usesCards tells whether the order's customer pays with a saved card or saves one.
func (p Pay) usesCards() bool { return p.CardID != uuid.Nil || p.SaveCard }

// ofOne says of errors about saved cards which of the request's fields is wrong.
func (p Pay) ofOne(forCard, forSaving error) error {
	if p.CardID != uuid.Nil {
		return forCard
	}
	return forSaving
}

// cardTx finds out what to charge of an order, and whose cards the payment may use: those of the order's customer, if
// they ask for it themselves. ErrGuestsCard, ErrGuestsSaving, ErrCardUnknown, payments.ErrTooManyCards.
func (s *Service) cardTx(ctx context.Context, pay Pay, begun *try) error {
	begun.method, begun.saves = pay.MethodID, pay.SaveCard
	owner := begun.order.Customer
	if owner == uuid.Nil || owner != pay.Order.Customer {
		if pay.usesCards() {
			return pay.ofOne(ErrGuestsCard, ErrGuestsSaving)
		}
		return nil
	}
	customer, _, err := s.Payments.Customer(ctx, owner)
	if err != nil {
		return err
	}
	begun.holder = customer.ID
	switch {
	case pay.CardID != uuid.Nil:
		card, err := s.Payments.Card(ctx, owner, pay.CardID)
		if errors.Is(err, payments.ErrNoCard) {
			err = ErrCardUnknown
		}
		begun.method = card.MethodID
		return err
	case pay.SaveCard:
		cards, err := s.Payments.Cards(ctx, owner)
		if err == nil && len(cards) >= payments.MaxCards {
			err = payments.ErrTooManyCards
		}
		begun.nameless = customer.ID == ""
		return err
	}
	return nil
}

// ready makes ready for a try what keeps it from being made.
func (s *Service) ready(ctx context.Context, try try) error {
	switch {
	case try.nameless:
		return s.nameHolder(ctx, try.order.Customer)
	case try.unclear:
		return s.resume(ctx, try.payment)
	}
	return s.replace(ctx, try)
}

// nameHolder has the provider know a customer who has saved nothing yet.
func (s *Service) nameHolder(ctx context.Context, user uuid.UUID) error {
	var customer payments.Customer
	err := s.DB.InTx(ctx, func(ctx context.Context, tx pgx.Tx) (err error) {
		customer, err = s.Payments.CustomerTx(ctx, tx, user)
		return err
	})
	if err == nil {
		_, err = s.named(ctx, customer)
	}
	return err
}

// replace ends an intent that is not the customer's, so that another is made that can use their cards. Where its name is
// not known it is asked for first: somebody else may hold its secret.
func (s *Service) replace(ctx context.Context, try try) error {
	if try.payment.IntentID == "" {
		intent, err := s.intent(ctx, try)
		if err != nil {
			return err
		}
		try.payment.IntentID = intent.ID
	}
	return s.endIntent(ctx, try.payment)
}

// lost ends a payment whose customer the provider knows no more, with their cards.
func (s *Service) lost(ctx context.Context, payment payments.Payment) error {
	customer, found, err := s.Payments.CustomerNamed(ctx, payment.CustomerID)
	if err == nil && found {
		err = s.Payments.RenewCustomer(ctx, customer)
	}
	if payment.IntentID == "" {
		return errors.Join(payments.ErrEnded, err, s.abandon(ctx, payment))
	}
	return errors.Join(payments.ErrEnded, err, s.endIntent(ctx, payment))
}

// savedTx writes down the card that a payment saved when it succeeded, or was authorized.
func (s *Service) savedTx(ctx context.Context, tx pgx.Tx, payment payments.Payment, intent payments.Intent) error {
	if intent.Saved == nil || intent.Saved.Last4 == "" || payment.CustomerID == "" {
		return nil
	}
	customer, known, err := s.Payments.LockCustomerNamedTx(ctx, tx, payment.CustomerID)
	if err != nil || !known {
		return err
	}
	_, err = s.keepTx(ctx, tx, customer, *intent.Saved)
	return err
}

// ofCard says of a method that was refused because it does not exist that the saved card is gone.
func (p Pay) ofCard(err error) error {
	if p.CardID != uuid.Nil && payments.MethodUnknown(err) {
		return ErrCardUnknown.Wrap(err)
	}
	return err
}
