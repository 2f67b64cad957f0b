package checkout

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"cartwright/internal/payments"
)

// cardAnew reads anew what an event says of a setup or a card: events arrive in any order, and what was removed meanwhile
// must not come back. What they say of the attempt that they are of holds whatever
// came after it; one of another API version says nothing of it.
func (s *Service) cardAnew(ctx context.Context, event payments.Event) (payments.Event, error) {
	if event.Unread != "" {
		return event, nil
	}
	switch {
	case event.Setup != nil:
		return s.setupAnew(ctx, event)
	case event.Card != nil:
		return s.renewedAnew(ctx, event)
	}
	return event, nil
}

func (s *Service) setupAnew(ctx context.Context, event payments.Event) (payments.Event, error) {
	if !event.Foreign {
		_, known, err := s.Payments.CustomerNamed(ctx, event.Setup.CustomerID)
		if err != nil || !known {
			return event, err // somebody else's, and of no interest
		}
	}
	told, gone, err := s.readSetup(ctx, event.Setup.ID)
	switch {
	case errors.Is(err, payments.ErrUnknownSetup):
		event.Unread = "the provider knows no setup " + event.Setup.ID
		return event, nil
	case err != nil:
		return event, fmt.Errorf("read the event's setup anew: %w", err)
	}
	event.Setup, event.CardGone = new(told.With(event.Setup.Attempts)), gone
	return event, nil
}

func (s *Service) renewedAnew(ctx context.Context, event payments.Event) (payments.Event, error) {
	customer, known, err := s.Payments.HolderOf(ctx, event.Card.ID)
	if err != nil || !known {
		return event, err
	}
	card, err := s.Provider.Card(ctx, customer.ID, event.Card.ID)
	switch {
	case errors.Is(err, payments.ErrUnknownCard):
		event.CardGone, event.Card = event.Card.ID, nil
		return event, nil
	case err != nil:
		return event, fmt.Errorf("read the event's card anew: %w", err)
	}
	event.Card = &card
	return event, nil
}

// cardNewsTx lets news of a setup or a card take effect, and answers why they were set aside, if they were.
func (s *Service) cardNewsTx(ctx context.Context, tx pgx.Tx, event payments.Event) (payments.Outcome, string, error) {
	if event.Unread != "" {
		return payments.SetAside, event.Unread, nil
	}
	if live := s.Provider.Live(); event.Live != live {
		return payments.SetAside, fmt.Sprintf("event's livemode %t instead of %t", event.Live, live), nil
	}
	outcome := payments.Ignored
	if event.CardGone != "" {
		if err := s.Payments.RemoveCardTx(ctx, tx, event.CardGone); err != nil {
			return "", "", err
		}
		outcome = payments.Applied
	}
	switch {
	case event.Setup != nil:
		customer, known, err := s.Payments.LockCustomerNamedTx(ctx, tx, event.Setup.CustomerID)
		if err != nil || !known {
			return outcome, "", err
		}
		_, err = s.setupTx(ctx, tx, customer, *event.Setup)
		return payments.Applied, "", err
	case event.Card != nil:
		known, err := s.Payments.RenewCardTx(ctx, tx, *event.Card)
		if known {
			outcome = payments.Applied
		}
		return outcome, "", err
	}
	return outcome, "", nil
}
