package checkout

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"cartwright/internal/orders"
	"cartwright/internal/payments"
)

// read asks for the payment's intent; one that the provider does not know has ended.
func (s *Service) read(ctx context.Context, payment payments.Payment) (payments.Intent, error) {
	intent, err := s.Provider.Intent(ctx, payment.IntentID)
	if errors.Is(err, payments.ErrUnknownIntent) {
		return payment.Gone(s.Provider.Live()), nil
	}
	return intent, err
}

// letGo has the provider cancel a payment's intent, or learns that money was taken: what then was given back, because it
// was not the payment's amount, counts as let go.
func (s *Service) letGo(ctx context.Context, payment payments.Payment) (payments.Intent, error) {
	intent, err := s.Provider.CancelIntent(ctx, payment.IntentID)
	if errors.Is(err, payments.ErrUnknownIntent) || err == nil && intent.Undone() {
		return payment.Gone(s.Provider.Live()), nil
	}
	return intent, err
}

// intent reads the payment's intent or has it made. When the order died meanwhile, the new intent
// is cancelled again: nobody else knows of it.
func (s *Service) intent(ctx context.Context, try try) (payments.Intent, error) {
	if try.payment.IntentID != "" {
		return s.read(ctx, try.payment)
	}
	intent, err := s.Provider.CreateIntent(ctx, payments.NewIntent{
		PaymentID: try.payment.ID, OrderID: try.order.ID, Amount: try.payment.Amount, CustomerID: try.payment.CustomerID,
		Capture: try.payment.Capture, Challenge: try.challenge && try.method == "",
	})
	if errors.Is(err, payments.ErrUnknownCustomer) {
		return payments.Intent{}, s.lost(context.WithoutCancel(ctx), try.payment)
	}
	if errors.Is(err, payments.ErrKeySpent) {
		return payments.Intent{}, errors.Join(err, s.abandon(context.WithoutCancel(ctx), try.payment))
	}
	if err != nil {
		return payments.Intent{}, err
	}
	order, err := s.conclude(ctx, try.payment, intent, uuid.Nil)
	if err != nil {
		return payments.Intent{}, err
	}
	if !order.Payable() && !order.Bought() {
		_, err := s.Provider.CancelIntent(ctx, intent.ID)
		return payments.Intent{}, errors.Join(ErrNotPayable, err)
	}
	return intent, nil
}

// abandon ends a payment whose intent can never be had, so that the next request asks for another.
// If the provider made the intent after all, nobody was told the secret that could confirm it.
func (s *Service) abandon(ctx context.Context, payment payments.Payment) error {
	return s.DB.InTx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		if _, err := s.Orders.LockTx(ctx, tx, payment.OrderID); err != nil {
			return err
		}
		locked, err := s.Payments.LockTx(ctx, tx, payment.ID)
		if err != nil || locked.IntentID != "" || locked.Final() {
			return err
		}
		return s.Payments.AbandonTx(ctx, tx, locked)
	})
}

// misfit is the error when an intent is not what its payment asked for: payments.ErrCaptureDiffers where a part was taken.
func misfit(payment payments.Payment, intent payments.Intent, mismatch string) error {
	err := fmt.Errorf("payment %s does not fit its intent: %s", payment.ID, mismatch)
	if payment.Capture == payments.CaptureManual && intent.Captured != nil && *intent.Captured != payment.Amount {
		return payments.ErrCaptureDiffers.Wrap(err)
	}
	return err
}

// conclude applies what the provider answered to a request of ours, and closes the request's
// attempt if it names one.
func (s *Service) conclude(
	ctx context.Context, payment payments.Payment, intent payments.Intent, attempt uuid.UUID,
) (order orders.Order, err error) {
	err = s.DB.InTx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		if order, err = s.Orders.LockTx(ctx, tx, payment.OrderID); err != nil {
			return err
		}
		locked, err := s.Payments.LockTx(ctx, tx, payment.ID)
		if err != nil {
			return err
		}
		if attempt != uuid.Nil {
			if err := s.Payments.EndTx(ctx, tx, attempt, intent); err != nil {
				return err
			}
		}
		if intent.ID == "" { // nothing was ever made
			ended, err := s.Payments.EndWaitingTx(ctx, tx, locked.ID, intent)
			if err != nil {
				return err
			}
			return s.Fraud.VoidTx(ctx, tx, ended...)
		}
		if attempt != uuid.Nil && intent.Idle() {
			if err := s.Fraud.VoidTx(ctx, tx, attempt); err != nil {
				return err
			}
		}
		var mismatch string
		if order, mismatch, err = s.applyTx(ctx, tx, order, locked, intent, byCustomer); err == nil && mismatch != "" {
			err = misfit(locked, intent, mismatch)
		}
		return err
	})
	return order, err
}
