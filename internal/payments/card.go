package payments

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"cartwright/gen/db"
	"cartwright/internal/postgres"
)

// SavedCard is a card that the provider keeps for a customer.
type SavedCard struct {
	ID        uuid.UUID
	MethodID  string // the provider's name of it
	Brand     string
	Last4     string
	ExpMonth  int
	ExpYear   int
	IsDefault bool
	CreatedAt time.Time
}

// MaxCards is how many a customer has.
const MaxCards = 20

// Cards are a customer's, in the order they were saved.
func (s *Service) Cards(ctx context.Context, user uuid.UUID) ([]SavedCard, error) {
	return s.cards(ctx, s.db, user)
}

func (s *Service) cards(ctx context.Context, tx db.DBTX, user uuid.UUID) ([]SavedCard, error) {
	rows, err := s.q.CardList(ctx, tx, user)
	if err != nil {
		return nil, fmt.Errorf("list the cards: %w", err)
	}
	cards := make([]SavedCard, len(rows))
	for i, row := range rows {
		cards[i] = toSavedCard(row)
	}
	return cards, nil
}

// Card reads one of a customer's; ErrNoCard, also for what is another's.
func (s *Service) Card(ctx context.Context, user, id uuid.UUID) (SavedCard, error) {
	return s.card(ctx, s.db, user, id)
}

func (s *Service) card(ctx context.Context, tx db.DBTX, user, id uuid.UUID) (SavedCard, error) {
	row, err := s.q.CardGet(ctx, tx, db.CardGetParams{ID: id, UserID: user})
	if postgres.IsMissing(err) {
		return SavedCard{}, ErrNoCard
	}
	if err != nil {
		return SavedCard{}, fmt.Errorf("read the card: %w", err)
	}
	return toSavedCard(row), nil
}

// UpdateCard makes a customer's card the default one; isDefault nil changes nothing. ErrNoCard, ErrNoDefault.
func (s *Service) UpdateCard(ctx context.Context, user, id uuid.UUID, isDefault *bool) (card SavedCard, err error) {
	err = s.db.InTx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		if _, err := s.lockCustomerTx(ctx, tx, user); err != nil {
			return noCard(err)
		}
		if card, err = s.card(ctx, tx, user, id); err != nil {
			return err
		}
		switch {
		case isDefault == nil, *isDefault && card.IsDefault:
			return nil
		case !*isDefault:
			return ErrNoDefault
		}
		if err := s.q.CardClearDefault(ctx, tx, db.CardClearDefaultParams{UserID: user, Spared: id}); err != nil {
			return fmt.Errorf("clear the default card: %w", err)
		}
		if err := s.q.CardSetDefault(ctx, tx, id); err != nil {
			return fmt.Errorf("set the default card: %w", err)
		}
		card.IsDefault = true
		return nil
	})
	return card, err
}

// SaveCardTx writes down a card that the provider keeps for a locked customer, once however it was told, and answers it;
// nil when it was removed before, and also when they have too many: then excess is true, and the provider is to let it go.
func (s *Service) SaveCardTx(ctx context.Context, tx pgx.Tx, customer Customer, card Card) (saved *SavedCard, excess bool, err error) {
	row, err := s.q.CardGetByMethod(ctx, tx, card.ID)
	if err == nil {
		return ofCustomer(row, customer), false, nil
	}
	if !postgres.IsMissing(err) {
		return nil, false, fmt.Errorf("look for the card: %w", err)
	}
	cards, err := s.cards(ctx, tx, customer.UserID)
	if err != nil {
		return nil, false, err
	}
	if len(cards) >= MaxCards {
		return nil, true, s.RemoveCardTx(ctx, tx, card.ID)
	}
	_, err = s.q.CardCreate(ctx, tx, db.CardCreateParams{
		ID: uuid.Must(uuid.NewV7()), UserID: customer.UserID, MethodID: card.ID, Brand: card.Brand, Last4: card.Last4,
		ExpMonth: int32(card.ExpMonth), ExpYear: int32(card.ExpYear), IsDefault: len(cards) == 0, Now: s.now(),
	})
	if err != nil {
		return nil, false, fmt.Errorf("save the card: %w", err)
	}
	if row, err = s.q.CardGetByMethod(ctx, tx, card.ID); err != nil {
		return nil, false, fmt.Errorf("read the card that was saved: %w", err)
	}
	return ofCustomer(row, customer), false, nil
}

// ofCustomer is the card of a row if it is this customer's, and there.
func ofCustomer(row db.Card, customer Customer) *SavedCard {
	if row.RemovedAt != nil || row.UserID == nil || *row.UserID != customer.UserID {
		return nil
	}
	card := toSavedCard(row)
	return &card
}

// RenewCardTx writes down what a bank has changed of a card; known is false when it is nobody's here.
func (s *Service) RenewCardTx(ctx context.Context, tx pgx.Tx, card Card) (known bool, err error) {
	changed, err := s.q.CardSetFace(ctx, tx, db.CardSetFaceParams{
		MethodID: card.ID, Brand: card.Brand, Last4: card.Last4, ExpMonth: int32(card.ExpMonth), ExpYear: int32(card.ExpYear),
	})
	if err != nil {
		return false, fmt.Errorf("renew the card: %w", err)
	}
	return changed > 0, nil
}

// RemoveCardTx notes that the provider keeps a card no more, so that no older news brings it back. Where it was the
// default one, the newest of the others is.
func (s *Service) RemoveCardTx(ctx context.Context, tx pgx.Tx, method string) error {
	row, err := s.q.CardGetByMethod(ctx, tx, method)
	if err != nil && !postgres.IsMissing(err) {
		return fmt.Errorf("look for the card: %w", err)
	}
	if row.UserID != nil { // before the card, as all do
		if _, err := s.lockCustomerTx(ctx, tx, *row.UserID); err != nil {
			return noCard(err)
		}
	}
	user, err := s.q.CardRemove(ctx, tx, db.CardRemoveParams{ID: uuid.Must(uuid.NewV7()), MethodID: method, Now: s.now()})
	if err != nil {
		return fmt.Errorf("remove the card: %w", err)
	}
	if user == nil {
		return nil
	}
	if err := s.q.CardProposeNewest(ctx, tx, *user); err != nil {
		return fmt.Errorf("propose another card: %w", err)
	}
	return nil
}

func noCard(err error) error {
	if errors.Is(err, ErrNoCustomer) {
		return ErrNoCard
	}
	return err
}

func toSavedCard(row db.Card) SavedCard {
	return SavedCard{
		ID: row.ID, MethodID: row.MethodID, Brand: row.Brand, Last4: row.Last4, ExpMonth: int(row.ExpMonth), ExpYear: int(row.ExpYear),
		IsDefault: row.IsDefault, CreatedAt: row.CreatedAt,
	}
}
