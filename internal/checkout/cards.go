package checkout

import (
	"context"
	"errors"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"cartwright/internal/jobs"
	"cartwright/internal/payments"
)

// DeleteCard removes a customer's card, at the provider first: while that does not answer, the card stays. One that is
// gone there is removed here as well. payments.ErrNoCard, payments.ErrUnavailable.
func (s *Service) DeleteCard(ctx context.Context, customer, id uuid.UUID) error {
	ctx, cancel := context.WithTimeout(ctx, payments.AskFor)
	defer cancel()
	card, err := s.Payments.Card(ctx, customer, id)
	if err != nil {
		return err
	}
	if err := s.Provider.DetachCard(ctx, card.MethodID); err != nil {
		return err
	}
	ctx = context.WithoutCancel(ctx)
	return s.DB.InTx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		return s.Payments.RemoveCardTx(ctx, tx, card.MethodID)
	})
}

// keepTx writes down a card that the provider keeps for a locked customer, and has it let go of one too many.
func (s *Service) keepTx(ctx context.Context, tx pgx.Tx, customer payments.Customer, card payments.Card) (*payments.SavedCard, error) {
	saved, excess, err := s.Payments.SaveCardTx(ctx, tx, customer, card)
	if err == nil && excess {
		err = s.Jobs.EnqueueTx(ctx, tx, detachCard{card.ID}, s.Now())
	}
	return saved, err
}

// detachCard has the provider let go of a card that is not kept here.
type detachCard struct {
	MethodID string `json:"methodId"`
}

// Kind names the job.
func (detachCard) Kind() string { return "card_detach" }

// detachCard works the job.
func (s *Service) detachCard(ctx context.Context, job detachCard) error {
	return whenever(s.Provider.DetachCard(ctx, job.MethodID))
}

// forgetCustomer is the job of having the provider forget a customer who has left. One whose name never came is asked for
// once more, since the provider may have made them; else it makes one that it forgets at once.
func (s *Service) forgetCustomer(ctx context.Context, job payments.ForgetCustomer) error {
	id := job.CustomerID
	if id == "" {
		var err error
		if id, err = s.Provider.CreateCustomer(ctx, job.RequestID); err != nil {
			return whenever(err)
		}
	}
	return whenever(s.Provider.DeleteCustomer(ctx, id))
}

// whenever has a job wait for a provider that is away, for as long as it takes.
func whenever(err error) error {
	if errors.Is(err, payments.ErrUnavailable) {
		return jobs.Again(lookAgain)
	}
	return err
}
