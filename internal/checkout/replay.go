package checkout

import (
	"context"

	"github.com/jackc/pgx/v5"

	"cartwright/internal/payments"
)

// Replay has an event of the inbox decided anew, by how its payment stands at the provider now. What is right already
// stays as it is, so that an event may be replayed any number of times, and while anything else happens to its order.
// payments.ErrEventUnknown, payments.ErrEventForgotten, payments.ErrUnavailable.
func (s *Service) Replay(ctx context.Context, id string) (payments.Received, error) {
	ctx, cancel := context.WithTimeout(ctx, payments.AskFor)
	defer cancel()
	received, err := s.Payments.Received(ctx, id)
	if err != nil {
		return payments.Received{}, err
	}
	event, err := s.afresh(ctx, received)
	if err != nil {
		return payments.Received{}, err
	}
	err = s.DB.InTx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		if err := s.Payments.ReplayTx(ctx, tx, event); err != nil {
			return err
		}
		_, err := s.decideTx(ctx, tx, event)
		return err
	})
	if err != nil {
		return payments.Received{}, err
	}
	return s.Payments.Received(ctx, id)
}

// afresh is an event as it would be told now: read again by who may have learnt to read more of it since, and with its
// intent as it stands, whatever is known of it. Of one whose words are forgotten the intent's name is left.
func (s *Service) afresh(ctx context.Context, received payments.Received) (payments.Event, error) {
	event, err := s.Provider.ReadEvent(received.Payload)
	if err != nil {
		if received.IntentID == "" {
			return event, payments.ErrEventForgotten
		}
		event = payments.Event{
			ID: received.ID, Type: received.Type, APIVersion: received.APIVersion, Live: s.Provider.Live(),
			Intent: &payments.Intent{ID: received.IntentID},
		}
	}
	if event.OfCards() {
		return s.cardAnew(ctx, event)
	}
	if event.Intent == nil || event.Unread != "" {
		return event, nil
	}
	if event, err = s.anew(ctx, event); err == nil {
		event.Refunded = event.Intent.Refunded
	}
	return event, err
}
