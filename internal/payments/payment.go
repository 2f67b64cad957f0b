package payments

import (
	"fmt"

	"github.com/google/uuid"

	"cartwright/internal/money"
)

// Status is where a payment stands.
type Status string

// The statuses of a payment. Succeeded is final; so is Cancelled, unless money comes all the same. What is Authorized is
// captured or let go, and nothing else.
const (
	Created        Status = "CREATED"
	RequiresAction Status = "REQUIRES_ACTION"
	Processing     Status = "PROCESSING"
	Authorized     Status = "AUTHORIZED"
	Failed         Status = "FAILED"
	Succeeded      Status = "SUCCEEDED"
	Cancelled      Status = "CANCELLED"
)

// Bought tells whether the shopper has done what they have to.
func (s Status) Bought() bool { return s == Authorized || s == Succeeded }

// CaptureMethod is when a payment's money is taken, in Stripe's words
// (https://docs.stripe.com/payments/place-a-hold-on-a-payment-method).
type CaptureMethod string

// The ways to take money: at once, or as soon as the shop asks for what was authorized before.
const (
	CaptureAutomatic CaptureMethod = "automatic"
	CaptureManual    CaptureMethod = "manual"
)

// Payment asks for an order's total.
type Payment struct {
	ID       uuid.UUID
	OrderID  uuid.UUID
	IntentID string // "" until the provider answered
	// CustomerID is the provider's name of whose cards its intent can use and save; "" is nobody's.
	CustomerID string
	Status     Status
	Capture    CaptureMethod // that it was asked for with
	Amount     money.Amount
	// Refunded is what has been given back, and Refunding what is on its way back and may still fail.
	Refunded  money.Amount
	Refunding money.Amount
	// Lost is what banks took of the rest, for good, because of disputes.
	Lost money.Amount
}

// Left is how much of the payment may still be given back; nothing before it succeeded.
func (p *Payment) Left() money.Amount {
	left := money.New(0, p.Amount.Currency)
	if p.Status == Succeeded {
		left.Minor = max(0, p.Amount.Minor-p.Refunded.Minor-p.Refunding.Minor-p.Lost.Minor)
	}
	return left
}

// Final tells whether nothing can charge for the payment any more.
func (p *Payment) Final() bool { return p.Status == Succeeded || p.Status == Cancelled }

// Gone is the payment's intent when the provider knows it no more, as when the account was changed:
// nothing can charge for it, so it counts as cancelled.
func (p *Payment) Gone(live bool) Intent {
	return Intent{ID: p.IntentID, Status: IntentCanceled, Amount: p.Amount, Live: live, PaymentID: p.ID}
}

// Mismatch says in what an intent differs from what this payment asked for; "" when in nothing.
func (p *Payment) Mismatch(intent Intent, live bool) string {
	switch {
	case p.IntentID != "" && p.IntentID != intent.ID:
		return fmt.Sprintf("intent %s instead of %s", intent.ID, p.IntentID)
	case intent.Amount != p.Amount:
		return fmt.Sprintf("amount %s instead of %s", intent.Amount, p.Amount)
	case intent.Live != live:
		return fmt.Sprintf("livemode %t instead of %t", intent.Live, live)
	case intent.Captured != nil && *intent.Captured != p.Amount:
		return fmt.Sprintf("captured %s of %s", intent.Captured, p.Amount)
	}
	return ""
}

// after is the status that an intent's status leads to.
func (p *Payment) after(intent Intent) Status {
	if intent.Status == IntentSucceeded {
		return Succeeded // money came, whatever we thought of the payment before
	}
	if p.Final() || p.Status == Authorized && intent.Status != IntentCanceled {
		return p.Status
	}
	switch intent.Status {
	case IntentCanceled:
		return Cancelled
	case IntentRequiresCapture:
		return Authorized
	case IntentProcessing:
		return Processing
	case IntentRequiresAction:
		return RequiresAction
	case IntentRequiresMethod:
		if intent.Decline != nil {
			return Failed
		}
	case IntentRequiresConfirmation, IntentSucceeded:
		// nothing was charged and nothing refused
	}
	return p.Status
}

// Unsaid tells whether an intent has succeeded, or is authorized, without news of how its charge went, and this payment
// waits for both.
func (p *Payment) Unsaid(intent Intent, live bool) bool {
	return p.after(intent).Bought() && !p.Status.Bought() && p.Mismatch(intent, live) == "" &&
		(intent.Charge == nil || intent.Charge.Findings == nil)
}

// Idle tells whether an intent was neither paid nor declined and waits for nobody: whatever was tried with it came to
// nothing.
func (i *Intent) Idle() bool {
	return i.Decline == nil &&
		(i.Status == IntentRequiresMethod || i.Status == IntentRequiresConfirmation || i.Status == IntentCanceled)
}

// Decided tells whether nothing more can be tried with an intent.
func (i *Intent) Decided() bool {
	return i.Status == IntentSucceeded || i.Status == IntentRequiresCapture || i.Status == IntentCanceled
}

// Doubtful tells whether news of an intent may be older than what is known already: it takes an
// unfinished payment from where other news has put it to where it is unfinished as well.
func (p *Payment) Doubtful(intent Intent, live bool) bool {
	next := p.after(intent)
	ends := next.Bought() || next == Cancelled
	return p.Status != Created && next != p.Status && !ends && p.Mismatch(intent, live) == ""
}

// AttemptStatus is where one try stands.
type AttemptStatus string

// The statuses of an attempt.
const (
	AttemptOpen           AttemptStatus = "OPEN"
	AttemptRequiresAction AttemptStatus = "REQUIRES_ACTION"
	AttemptProcessing     AttemptStatus = "PROCESSING"
	AttemptFailed         AttemptStatus = "FAILED"
	AttemptSucceeded      AttemptStatus = "SUCCEEDED"
)

// attemptAfter is what an intent's status says of the attempt that waited for it.
func attemptAfter(intent Intent) AttemptStatus {
	switch intent.Status {
	case IntentSucceeded, IntentRequiresCapture:
		return AttemptSucceeded
	case IntentProcessing:
		return AttemptProcessing
	case IntentRequiresAction:
		return AttemptRequiresAction
	case IntentRequiresMethod, IntentRequiresConfirmation, IntentCanceled:
	}
	return AttemptFailed
}
