package stripe

import (
	"context"
	"errors"

	stripego "github.com/stripe/stripe-go/v76"

	"cartwright/internal/payments"
)

// Card reads a card as one of the customer's: Stripe knows none of somebody else under their name.
func (p *Provider) Card(ctx context.Context, customer, id string) (payments.Card, error) {
	prepared, cancel, err := params(ctx, "")
	if err != nil {
		return payments.Card{}, err
	}
	defer cancel()
	method, err := p.api.Customers.RetrievePaymentMethod(id, &stripego.CustomerRetrievePaymentMethodParams{
		Params: prepared, Customer: stripego.String(customer),
	})
	if err != nil {
		return payments.Card{}, toErrorOf(payments.ErrUnknownCard, "read the card", err)
	}
	card := toCard(method)
	if card == nil {
		return payments.Card{}, payments.ErrUnknownCard
	}
	return *card, nil
}

// DetachCard takes a card from its customer, which cannot be undone. It is repeatable by nature and carries no key of
// ours, like CancelIntent.
func (p *Provider) DetachCard(ctx context.Context, id string) error {
	prepared, cancel, err := params(ctx, "")
	if err != nil {
		return err
	}
	defer cancel()
	_, err = p.api.PaymentMethods.Detach(id, &stripego.PaymentMethodDetachParams{Params: prepared})
	var stripeErr *stripego.Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &stripeErr) && stripeErr.HTTPStatusCode == 400:
		return p.detached(prepared, id, err)
	}
	return known(toErrorOf(payments.ErrUnknownCard, "detach the card", err))
}

// detached is nil when the card is nobody's, which is why Stripe refuses to detach it; otherwise it is that refusal.
func (p *Provider) detached(prepared stripego.Params, id string, refusal error) error {
	method, err := p.api.PaymentMethods.Get(id, &stripego.PaymentMethodParams{Params: stripego.Params{Context: prepared.Context}})
	switch {
	case err != nil:
		return known(toErrorOf(payments.ErrUnknownCard, "read the card", err))
	case method.Customer == nil:
		return nil
	}
	return toError("detach the card", refusal)
}

// known drops what says no more than that a card is gone.
func known(err error) error {
	if errors.Is(err, payments.ErrUnknownCard) {
		return nil
	}
	return err
}

// toCard reads a method; nil when it is no card. Of one that was not expanded only the name is known.
func toCard(method *stripego.PaymentMethod) *payments.Card {
	switch {
	case method == nil:
		return nil
	case method.Object == "":
		return &payments.Card{ID: method.ID}
	case method.Card == nil:
		return nil
	}
	return &payments.Card{
		ID: method.ID, Brand: string(method.Card.Brand), Last4: method.Card.Last4,
		ExpMonth: int(method.Card.ExpMonth), ExpYear: int(method.Card.ExpYear), Fingerprint: method.Card.Fingerprint,
	}
}

// toSaved is the card that an intent saved which is paid or authorized, if it was to save one: the charge says what it
// looks like.
func toSaved(intent *stripego.PaymentIntent) *payments.Card {
	if intent.SetupFutureUsage == "" || intent.Customer == nil || intent.PaymentMethod == nil {
		return nil
	}
	charge, saved := intent.LatestCharge, payments.Card{ID: intent.PaymentMethod.ID}
	switch {
	case charge == nil || charge.Object == "" || charge.PaymentMethod != saved.ID:
		return &saved
	case charge.PaymentMethodDetails == nil || charge.PaymentMethodDetails.Card == nil:
		return nil
	}
	card := charge.PaymentMethodDetails.Card
	saved.Brand, saved.Last4, saved.Fingerprint = string(card.Brand), card.Last4, card.Fingerprint
	saved.ExpMonth, saved.ExpYear = int(card.ExpMonth), int(card.ExpYear)
	return &saved
}
