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

// Pay says how to pay an order.
type Pay struct {
	Order     orders.Key
	MethodID  string    // "" asks for a client secret, to be confirmed by the provider's front-end library
	CardID    uuid.UUID // a saved card, in the place of a method; Nil is none
	SaveCard  bool      // keep the method for what the customer buys next
	ReturnURL string    // "" means the shop's
	Key       string    // the request's Idempotency-Key, or ""
	Address   string    // the network the shopper asks from; "" when it says nothing of them
}

// Paid is how an order's payment stands after a try. Intent is nil when nothing was to be charged.
type Paid struct {
	Order  orders.Order
	Intent *payments.Intent
}

// Pay charges an order once. A declined method is a Declined error and leaves the order payable;
// an intent that requires action or is processing leaves it PENDING. orders.ErrNotFound, also for
// what is another's, ErrAlreadyPaid, ErrNotPayable, payments.ErrInFlight, payments.ErrEnded,
// payments.ErrUnavailable, and fraud.ErrRefused, before the provider hears of it. With a card or to save one ErrCardUnknown,
// ErrGuestsCard, ErrGuestsSaving, payments.ErrTooManyCards.
// The repetition of a request whose own try paid the order, under the same key, is told so.
func (s *Service) Pay(ctx context.Context, pay Pay) (Paid, error) {
	ctx, cancel := context.WithTimeout(ctx, payments.AskFor)
	defer cancel()
	ctx = payments.WithPriority(ctx)
	s.refreshSurge(ctx)
	try, err := s.beginInTurn(ctx, pay)
	for range 3 { // each obstacle once
		if err != nil || !try.obstructed() {
			break
		}
		if err = s.ready(ctx, try); err == nil {
			try, err = s.beginInTurn(ctx, pay)
		}
	}
	switch {
	case err != nil:
		return Paid{}, err
	case try.obstructed():
		return Paid{}, payments.ErrInFlight
	case try.refused:
		return Paid{}, s.Fraud.Refused()
	case try.order.Bought():
		return s.paidBefore(ctx, try)
	}
	paid, err := s.charge(ctx, pay, try)
	if err != nil {
		return Paid{}, errors.Join(pay.ofCard(err), s.giveUp(context.WithoutCancel(ctx), try, err))
	}
	return paid, nil
}

// paidBefore is the answer when nothing is to be charged: the order costs nothing, or an earlier try
// of the same request paid it.
func (s *Service) paidBefore(ctx context.Context, try try) (Paid, error) {
	if try.payment.IntentID == "" {
		return Paid{Order: try.order}, nil
	}
	intent, err := s.Provider.Intent(ctx, try.payment.IntentID)
	return Paid{Order: try.order, Intent: &intent}, err
}

// try is one request's hold on an order's payment.
type try struct {
	order   orders.Order
	payment payments.Payment
	attempt payments.Attempt // none when a client secret is asked for
	method  string           // what to charge; "" when a client secret is asked for
	saves   bool             // whether to keep it
	holder  string           // the provider's name of whose cards can be used; "" is nobody
	refused bool             // too much was tried before

	crowded   bool // others from the shopper's network are under way, and nothing was stored
	waited    bool // for those, in vain
	challenge bool // the card's bank is to ask the shopper

	// What is in the way: an earlier try may have charged, the intent is not the holder's, or the holder has no name yet.
	unclear, outdated, nameless bool
}

// obstructed tells whether something is to be done before a try can be made.
func (t *try) obstructed() bool { return t.unclear || t.outdated || t.nameless }

// begin stores what is about to be asked, before it is asked.
func (s *Service) begin(ctx context.Context, pay Pay, waited bool) (begun try, err error) {
	err = s.DB.InTx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		begun = try{waited: waited}
		order, err := s.Orders.OpenTx(ctx, tx, pay.Order)
		if err != nil {
			return err
		}
		begun.order = order
		switch {
		case order.Bought():
			var own bool
			if begun.payment, own, err = s.Payments.BroughtHomeTx(ctx, tx, order.ID, pay.Key); err == nil && !own {
				err = alreadyPaid(order)
			}
			return err
		case !order.Payable():
			return ErrNotPayable
		case order.Total.Minor == 0:
			begun.order, err = s.receivedTx(ctx, tx, order, payments.Payment{}, byCustomer)
			return err
		}
		if err := s.cardTx(ctx, pay, &begun); err != nil || begun.nameless {
			return err
		}
		wanted := payments.NewPayment{OrderID: order.ID, Amount: order.Total, CustomerID: begun.holder, Capture: s.CaptureMethod}
		if begun.payment, err = s.Payments.LiveTx(ctx, tx, wanted); err != nil {
			return err
		}
		if begun.payment.Status == payments.Processing {
			begun.unclear = true
			return nil
		}
		begun.outdated = pay.usesCards() && begun.payment.CustomerID != begun.holder
		if begun.method != "" {
			if begun.unclear, err = s.Payments.FreeTx(ctx, tx, begun.payment.ID); err != nil || begun.unclear {
				return err
			}
		}
		if begun.outdated {
			return nil
		}
		if err := s.admitTx(ctx, tx, pay, &begun); err != nil || begun.refused || begun.crowded {
			return err
		}
		begun.order, err = s.Orders.ExtendTx(ctx, tx, begun.order, s.payBy(order))
		return err
	})
	return begun, err
}

// resume finds out what became of an earlier try: its request is gone, or a bank was thinking.
func (s *Service) resume(ctx context.Context, payment payments.Payment) error {
	intent := payments.Intent{Status: payments.IntentRequiresMethod}
	if payment.IntentID != "" {
		var err error
		if intent, err = s.read(ctx, payment); err != nil {
			return err
		}
	}
	_, err := s.conclude(ctx, payment, intent, uuid.Nil)
	return err
}

// charge makes the intent if there is none and confirms it with the attempt's method.
func (s *Service) charge(ctx context.Context, pay Pay, try try) (Paid, error) {
	intent, err := s.intent(ctx, try)
	if err != nil {
		return Paid{}, err
	}
	if try.method != "" && !intent.Decided() {
		confirmed, err := s.Provider.ConfirmIntent(ctx, payments.Confirmation{
			AttemptID: try.attempt.ID, IntentID: intent.ID, MethodID: try.method, ReturnURL: s.returnTo(pay.ReturnURL),
			Save: try.saves, Challenge: try.challenge,
		})
		if errors.Is(err, payments.ErrUnknownCustomer) {
			try.payment.IntentID = intent.ID
			err = s.lost(context.WithoutCancel(ctx), try.payment)
		}
		if err != nil {
			return Paid{}, err
		}
		intent = confirmed
	}
	// Money may have moved: the outcome is stored although the client may have left.
	order, err := s.conclude(context.WithoutCancel(ctx), try.payment, intent, try.attempt.ID)
	switch {
	case err != nil:
		return Paid{}, err
	case intent.Status == payments.IntentCanceled && order.Payable():
		return Paid{}, payments.ErrEnded
	case intent.Status == payments.IntentCanceled:
		return Paid{}, ErrNotPayable
	case intent.Decline != nil && try.method != "":
		return Paid{}, payments.Declined(*intent.Decline)
	}
	return Paid{Order: order, Intent: &intent}, nil
}

// returnTo is where a bank's page sends the shopper: to the address the request names, else to the shop.
func (s *Service) returnTo(asked string) string {
	if asked == "" {
		return s.ReturnURL
	}
	return asked
}

// giveUp lets go of the attempt after a failure: for good when the provider did nothing, else so
// that the next request first finds out what became of it.
func (s *Service) giveUp(ctx context.Context, try try, failure error) error {
	if try.attempt.ID == uuid.Nil {
		return nil
	}
	var known *errs.Error
	if errors.As(failure, &known) && known.Kind != errs.Unavailable {
		return s.DB.InTx(ctx, func(ctx context.Context, tx pgx.Tx) error {
			if err := s.Payments.EndTx(ctx, tx, try.attempt.ID, payments.Intent{Status: payments.IntentRequiresMethod}); err != nil {
				return err
			}
			if payments.MethodRefused(failure) {
				return s.Fraud.DeclineTx(ctx, tx, try.attempt.ID)
			}
			return s.Fraud.VoidTx(ctx, tx, try.attempt.ID)
		})
	}
	return s.Payments.LetGo(ctx, try.attempt.ID)
}
