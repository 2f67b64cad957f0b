package checkout

import (
	"context"
	"errors"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"cartwright/internal/errs"
	"cartwright/internal/orders"
	"cartwright/internal/payments"
)

// Capture takes all the money that is authorized for an order, once however many ask at once. Of an order that was paid it
// changes nothing. orders.ErrNotFound, orders.ErrOnHold, ErrNotAuthorized, ErrAuthorizationEnded,
// payments.ErrCaptureRefused, payments.ErrCaptureDiffers, payments.ErrUnavailable.
func (s *Service) Capture(ctx context.Context, id uuid.UUID, actor string) (orders.Order, error) {
	order, err := s.Orders.Get(ctx, id)
	switch {
	case err != nil:
		return orders.Order{}, err
	case order.Paid():
		return order, nil
	case !order.Authorized() || order.Status == orders.Cancelled:
		return orders.Order{}, ErrNotAuthorized
	case order.Review == orders.Held:
		return orders.Order{}, order.HoldError()
	}
	return s.take(ctx, order, actor)
}

// CaptureToSend takes the money that is authorized for an order of which this can be sent then, and is on hand; where none
// is authorized, it does nothing. Errors: those of Capture, and those of Fulfill before anything is sent.
func (s *Service) CaptureToSend(ctx context.Context, fulfill orders.Fulfill, actor string) error {
	order, err := s.Orders.Get(ctx, fulfill.Order)
	if err != nil || !order.Authorized() {
		return err
	}
	items, err := order.Sendable(fulfill.Items)
	if err != nil {
		return err
	}
	err = s.locked(ctx, order.ID, func(ctx context.Context, tx pgx.Tx, order orders.Order) error {
		short, err := s.Inventory.ShortTx(ctx, tx, order.ID, units(order, items))
		if err != nil {
			return err
		}
		return shortOf(order, short, fulfill.Items)
	})
	if err != nil {
		return err
	}
	_, err = s.take(ctx, order, actor)
	return err
}

// take has the provider capture what is authorized for an order, and the order follow.
func (s *Service) take(ctx context.Context, order orders.Order, actor string) (orders.Order, error) {
	ctx, cancel := context.WithTimeout(ctx, payments.AskFor)
	defer cancel()
	latest, err := s.Payments.Latest(ctx, []uuid.UUID{order.ID})
	if err != nil {
		return orders.Order{}, err
	}
	payment := latest[order.ID]
	intent, err := s.capture(ctx, payment)
	if errors.Is(err, payments.ErrCaptureRefused) {
		return orders.Order{}, s.refusedCapture(context.WithoutCancel(ctx), payment, actor, err)
	}
	if err != nil {
		return orders.Order{}, err
	}
	if intent.Status != payments.IntentSucceeded {
		actor = byProvider // who asked for the money did not let go of it
	}
	// Money may have moved: the outcome is stored although whoever asked may have left.
	return s.taken(context.WithoutCancel(ctx), payment, intent, actor)
}

// capture asks the provider for what it holds, and finds out what became of it where the answer was lost.
func (s *Service) capture(ctx context.Context, payment payments.Payment) (payments.Intent, error) {
	intent, failure := s.Provider.CaptureIntent(ctx, payment.IntentID)
	if errors.Is(failure, payments.ErrUnknownIntent) {
		return payment.Gone(s.Provider.Live()), nil
	}
	if !errors.Is(failure, payments.ErrUnavailable) {
		return intent, failure
	}
	intent, err := s.read(ctx, payment)
	if err != nil || intent.Status == payments.IntentRequiresCapture {
		return intent, failure
	}
	return intent, nil
}

// taken has what became of authorized money take effect, and says where it was not taken.
func (s *Service) taken(
	ctx context.Context, payment payments.Payment, intent payments.Intent, actor string,
) (taken orders.Order, err error) {
	var mismatch string
	err = s.heard(ctx, payment, func(ctx context.Context, tx pgx.Tx, order orders.Order, payment payments.Payment) error {
		taken, mismatch, err = s.applyTx(ctx, tx, order, payment, intent, actor)
		return err
	})
	switch {
	case err != nil:
		return orders.Order{}, err
	case mismatch != "":
		return orders.Order{}, misfit(payment, intent, mismatch)
	case taken.Paid():
		return taken, nil
	case taken.Authorized():
		return orders.Order{}, payments.ErrUnavailable
	}
	return orders.Order{}, ErrAuthorizationEnded
}

// refusedCapture has an order's history say that its money could not be taken, and answers why.
func (s *Service) refusedCapture(ctx context.Context, payment payments.Payment, actor string, why error) error {
	cause := orders.Cause{Type: "capture_refused", Actor: actor}
	var known *errs.Error
	if errors.As(why, &known) {
		cause.Reason = known.DeclineCode
	}
	err := s.heard(ctx, payment, func(ctx context.Context, tx pgx.Tx, order orders.Order, _ payments.Payment) error {
		_, err := s.Orders.ChangeTx(ctx, tx, order, order.State, cause)
		return err
	})
	if err != nil {
		return err
	}
	return why
}

// decidedTx is what an order does when its money, which was authorized, is taken or let go, whoever did it.
func (s *Service) decidedTx(
	ctx context.Context, tx pgx.Tx, order orders.Order, payment payments.Payment, actor string,
) (orders.Order, error) {
	switch {
	case payment.Status == payments.Succeeded && !order.Authorized():
		return order, s.giveBackTx(ctx, tx, payment, "nothing was left to be paid")
	case payment.Status == payments.Succeeded:
		to := order.State
		to.Payment = orders.PaymentPaid
		order, err := s.Orders.ChangeTx(ctx, tx, order, to, orders.Cause{Type: "captured", Actor: actor, Reason: payment.Amount.String()})
		if err != nil || order.Status != orders.Cancelled {
			return order, err
		}
		return order, s.giveBackTx(ctx, tx, payment, "captured after the order had ended")
	case payment.Status == payments.Cancelled && order.Authorized():
		return s.letGoTx(ctx, tx, order, orders.Cause{Type: "authorization_ended", Actor: actor, Reason: "the money was let go"})
	}
	return order, nil
}

// letGoTx ends a locked order whose money was authorized and is let go: its stock is back.
func (s *Service) letGoTx(ctx context.Context, tx pgx.Tx, order orders.Order, cause orders.Cause) (orders.Order, error) {
	to := order.State
	to.Status, to.Payment = orders.Cancelled, orders.PaymentFailed
	unsent := units(order, order.Unsent())
	order, err := s.Orders.ChangeTx(ctx, tx, order, to, cause)
	if err != nil {
		return order, err
	}
	return order, s.Inventory.EndTx(ctx, tx, order.ID, unsent)
}
