package checkout

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"cartwright/internal/crash"
	"cartwright/internal/orders"
	"cartwright/internal/payments"
)

// Settle applies an event of the provider, once however often it comes: the inbox row and its
// effect are one transaction. An event that contradicts what we know is set aside for a person,
// and is no error, because sending it again would not help.
func (s *Service) Settle(ctx context.Context, event payments.Event, source payments.Source) error {
	outcome, err := s.settle(ctx, event, source)
	if err != nil {
		outcome = "failed"
	}
	kind := "other"
	if event.Intent != nil || event.OfCards() {
		kind = event.Type
	}
	s.Metrics.Event(kind, strings.ToLower(string(outcome)))
	return err
}

// settle answers what became of the event.
func (s *Service) settle(ctx context.Context, event payments.Event, source payments.Source) (outcome payments.Outcome, err error) {
	if event, err = s.upToDate(ctx, event); err != nil {
		return "", err
	}
	s.refreshSurge(ctx)
	err = s.DB.InTx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		isNew, err := s.Payments.ReceiveTx(ctx, tx, event, source)
		if err != nil || !isNew {
			outcome = "repeated"
			return err
		}
		crash.Point("settle.received")
		outcome, err = s.decideTx(ctx, tx, event)
		return err
	})
	return outcome, err
}

// decideTx lets an event in the inbox take effect and records what became of it.
func (s *Service) decideTx(ctx context.Context, tx pgx.Tx, event payments.Event) (payments.Outcome, error) {
	outcome, reason, err := s.effectTx(ctx, tx, event)
	if err != nil {
		return "", err
	}
	if reason != "" {
		outcome = payments.SetAside
		s.Logger.WarnContext(ctx, "stripe event set aside", "event", event.ID, "type", event.Type, "reason", reason)
	}
	return outcome, s.Payments.DecideTx(ctx, tx, event.ID, outcome, reason)
}

// effectTx lets an event take effect, and answers why it was set aside, if it was.
func (s *Service) effectTx(ctx context.Context, tx pgx.Tx, event payments.Event) (outcome payments.Outcome, reason string, err error) {
	switch {
	case event.OfCards():
		return s.cardNewsTx(ctx, tx, event)
	case event.Intent == nil:
		return payments.Ignored, "", nil
	}
	reason, err = s.settleTx(ctx, tx, event)
	return payments.Applied, reason, err
}

// upToDate reads the event's intent anew when the event cannot be taken at its word: it was written
// for another API version, or it may be older than what is known, for events arrive in any order, or it
// is of refunds or a dispute, of which no event tells all.
// Of a payment that succeeded it reads what was found of it, which no event of an intent says.
func (s *Service) upToDate(ctx context.Context, event payments.Event) (payments.Event, error) {
	if event.OfCards() {
		return s.cardAnew(ctx, event)
	}
	if event.Intent == nil || event.Unread != "" {
		return event, nil
	}
	if !event.Foreign && event.Refunded == nil && !event.Disputed {
		payment, known, err := s.Payments.Find(ctx, *event.Intent)
		if err != nil || !known {
			return event, err
		}
		if payment.Unsaid(*event.Intent, s.Provider.Live()) {
			return s.withFindings(ctx, event)
		}
		if !payment.Doubtful(*event.Intent, s.Provider.Live()) {
			return event, nil
		}
	}
	return s.anew(ctx, event)
}

// anew puts the intent as the provider has it now into the place of what the event says of it. What
// can never be had is no reason to be told of the event again, so it is set aside.
func (s *Service) anew(ctx context.Context, event payments.Event) (payments.Event, error) {
	intent, err := s.Provider.Intent(ctx, event.Intent.ID)
	switch {
	case errors.Is(err, payments.ErrUnknownIntent):
		event.Unread = "the provider knows no intent " + event.Intent.ID
		return event, nil
	case errors.Is(err, payments.ErrUnreadable):
		event.Unread = "the provider's intent " + event.Intent.ID + " cannot be read"
		return event, nil
	case err != nil:
		return event, fmt.Errorf("read the event's object anew: %w", err)
	}
	event.Intent = &intent
	if event.Refunded != nil && event.Refunded.Currency == "" {
		event.Refunded = intent.Refunded // which the event does not say
	}
	return event, nil
}

// withFindings adds to news of a payment what the provider found of it.
func (s *Service) withFindings(ctx context.Context, event payments.Event) (payments.Event, error) {
	read, err := s.Provider.Intent(ctx, event.Intent.ID)
	switch {
	case errors.Is(err, payments.ErrUnknownIntent), errors.Is(err, payments.ErrUnreadable):
		return event, nil
	case err != nil:
		return event, fmt.Errorf("read what was found of a payment: %w", err)
	}
	intent := *event.Intent
	intent.Charge, intent.Saved = read.Charge, read.Saved
	event.Intent = &intent
	return event, nil
}

// settleTx applies an event and answers why it was set aside, if it was.
func (s *Service) settleTx(ctx context.Context, tx pgx.Tx, event payments.Event) (reason string, err error) {
	if event.Unread != "" {
		return event.Unread, nil
	}
	if live := s.Provider.Live(); event.Live != live {
		return fmt.Sprintf("event's livemode %t instead of %t", event.Live, live), nil
	}
	found, known, err := s.Payments.Find(ctx, *event.Intent)
	if err != nil {
		return "", err
	}
	if !known {
		return "no payment knows intent " + event.Intent.ID, nil
	}
	order, err := s.Orders.LockTx(ctx, tx, found.OrderID)
	if err != nil {
		return "", err
	}
	payment, err := s.Payments.LockTx(ctx, tx, found.ID)
	if err != nil {
		return "", err
	}
	order, reason, err = s.applyTx(ctx, tx, order, payment, *event.Intent, byProvider)
	if err != nil || reason != "" {
		return reason, err
	}
	if event.Refunded != nil && event.Refunded.Minor > payment.Amount.Minor {
		return fmt.Sprintf("refunded %s of %s", event.Refunded, payment.Amount), nil
	}
	if reason = foreignDispute(payment, event.Intent.Disputes); reason != "" {
		return reason, nil
	}
	return "", s.movedTx(ctx, tx, order, payment, *event.Intent)
}

// applyTx takes a locked payment to where its intent stands and its order along. It is the only
// way in which news of a payment takes effect. mismatch says why an intent was not applied.
func (s *Service) applyTx(
	ctx context.Context, tx pgx.Tx, order orders.Order, payment payments.Payment, intent payments.Intent, actor string,
) (_ orders.Order, mismatch string, err error) {
	if mismatch = payment.Mismatch(intent, s.Provider.Live()); mismatch != "" {
		return order, mismatch, nil
	}
	before := payment.Status
	if before == payments.Cancelled && intent.Status == payments.IntentSucceeded {
		latest, _, err := s.Payments.LatestTx(ctx, tx, order.ID)
		if err != nil || latest.ID != payment.ID {
			return order, "money for a payment that was cancelled, while another of the order is live", err
		}
	}
	if payment, err = s.Payments.ApplyTx(ctx, tx, payment, intent); err != nil {
		return order, "", err
	}
	ended, err := s.Payments.EndWaitingTx(ctx, tx, payment.ID, intent)
	if err != nil {
		return order, "", err
	}
	switch before {
	case payments.Succeeded:
		return order, "", nil
	case payments.Authorized: // which was judged then
		order, err = s.decidedTx(ctx, tx, order, payment, actor)
		return order, "", err
	}
	crash.Point("apply.payment-moved")
	if payment.Status.Bought() {
		if err := s.savedTx(ctx, tx, payment, intent); err != nil {
			return order, "", err
		}
	}
	verdict, err := s.triedTx(ctx, tx, order, payment, intent, ended)
	if err != nil {
		return order, "", err
	}
	switch {
	case payment.Status == before:
	case payment.Status.Bought():
		order, err = s.assessedTx(ctx, tx, order, payment, verdict, actor)
	case payment.Status == payments.Failed && order.Payable():
		to := order.State
		to.Payment = orders.PaymentFailed
		cause := orders.Cause{Type: "payment_failed", Actor: actor, Reason: intent.Decline.Code}
		order, err = s.Orders.MoveTx(ctx, tx, order, to, cause)
	}
	if err == nil && verdict.Blocked() && order.Payable() {
		order, err = s.blockTx(ctx, tx, order, payment, verdict)
	}
	return order, "", err
}

// errShort makes a savepoint roll back.
var errShort = errors.New("the order cannot come back")

// receivedTx is what an order's money does, once it came or is authorized: it confirms the order and sells its stock.
// When the order died before, it comes back if its stock can be had again and its customer is there; otherwise the
// money goes back.
func (s *Service) receivedTx(
	ctx context.Context, tx pgx.Tx, order orders.Order, payment payments.Payment, actor string,
) (orders.Order, error) {
	paid := order.State
	kind := "paid"
	paid.Status, paid.Payment = orders.Confirmed, orders.PaymentPaid
	if payment.Status == payments.Authorized {
		paid.Payment, kind = orders.PaymentAuthorized, "authorized"
	}
	switch {
	case order.Payable():
		if err := s.Inventory.CommitTx(ctx, tx, order.ID); err != nil {
			return order, err
		}
		crash.Point("received.sold")
		return s.confirmedTx(ctx, tx, order, paid, orders.Cause{Type: kind, Actor: actor})
	case order.Bought():
		return order, s.giveBackTx(ctx, tx, payment, "the order was paid before")
	}
	err := s.reopen(ctx, order)
	switch {
	case errors.Is(err, errShort):
		paid.Status = order.Status
		cause := orders.Cause{Type: "paid_too_late", Actor: actor, Reason: "the order cannot come back; the money goes back"}
		if order, err = s.Orders.MoveTx(ctx, tx, order, paid, cause); err != nil {
			return order, err
		}
		return order, s.giveBackTx(ctx, tx, payment, "paid after the order had ended")
	case err != nil:
		return order, err
	}
	if err := s.Inventory.CommitTx(ctx, tx, order.ID); err != nil {
		return order, err
	}
	return s.confirmedTx(ctx, tx, order, paid, orders.Cause{Type: "reinstated", Actor: actor})
}

// reopen holds a dead order's stock again. errShort where there is too little, or nobody to send it to any more.
func (s *Service) reopen(ctx context.Context, order orders.Order) error {
	if order.Erased() {
		return errShort
	}
	return s.DB.InTx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		short, err := s.Inventory.ReopenTx(ctx, tx, order.ID)
		if err == nil && len(short) > 0 {
			return errShort
		}
		return err
	})
}
