package payments

import (
	"context"
	"time"

	"github.com/google/uuid"

	"cartwright/internal/money"
)

// Provider moves money, and keeps the cards of customers. Its calls go over the network, so none is made inside a
// transaction.
//
// An ErrUnavailable leaves the outcome unknown: the same call with the same key, or Intent, finds
// it out; only Intent does when it holds an ErrKeySpent. Every other error means that nothing was done.
type Provider interface {
	// CreateIntent asks for the amount; nothing is charged yet.
	CreateIntent(context.Context, NewIntent) (Intent, error)
	// ConfirmIntent tries to charge. A refused card is no error: it is the intent's Decline.
	ConfirmIntent(context.Context, Confirmation) (Intent, error)
	// CaptureIntent takes all the money that the intent holds, once however often it is asked to, and answers what became
	// of it: it may have been let go before. A refusal, after which it holds the money still, is an ErrCaptureRefused.
	CaptureIntent(ctx context.Context, id string) (Intent, error)
	// Intent reads the present state, that of its refunds and disputes too.
	Intent(ctx context.Context, id string) (Intent, error)
	// CancelIntent makes sure that the intent is never charged, and answers what became of it:
	// it may have succeeded before.
	CancelIntent(ctx context.Context, id string) (Intent, error)
	// Chargeable is nil when one payment can ask for the amount, else ErrNotChargeable.
	Chargeable(money.Amount) error
	// Refund gives money back. One that the provider will never make is no error: it has failed, and has no id.
	Refund(context.Context, NewRefund) (RefundNews, error)
	// CreateCustomer is the provider's name for a customer of ours. It is made once however often it is asked for within a
	// day, and tells the provider nothing else about them.
	CreateCustomer(ctx context.Context, customer uuid.UUID) (string, error)
	// DeleteCustomer has the provider forget a customer and their cards. One that it does not know is no error.
	DeleteCustomer(ctx context.Context, id string) error
	// CreateSetup begins to save a card; of one that it names it also asks the bank. A refused card is no error: it is the
	// setup's Decline. ErrMethodUnknown, ErrReturnURL, ErrUnknownCustomer.
	CreateSetup(context.Context, NewSetup) (Setup, error)
	// Setup reads the present state; ErrUnknownSetup.
	Setup(ctx context.Context, id string) (Setup, error)
	// CancelSetup makes sure that the setup saves nothing any more, and answers what became of it: it may have succeeded
	// before.
	CancelSetup(ctx context.Context, id string) (Setup, error)
	// Card reads a saved card of a customer; ErrUnknownCard when it is gone, is not theirs or is no card.
	Card(ctx context.Context, customer, id string) (Card, error)
	// DetachCard makes sure that a saved card can never be charged again. One that is gone is no error.
	DetachCard(ctx context.Context, id string) error
	// ParseEvent checks the signature and reads the event; ErrSignature, ErrEvent.
	ParseEvent(payload []byte, signature string) (Event, error)
	// ReadEvent reads an event that is known to be the provider's; ErrEvent.
	ReadEvent(payload []byte) (Event, error)
	// Events is one page of the events that were made in a span of time and may concern us, the newest first, from the
	// one on that follows the event of the name after; "" is the first page.
	Events(ctx context.Context, span Span, after string) (EventPage, error)
	// Intents is one page of the intents that were made in a span of time, the newest first, from the one on that follows
	// the intent of the name after; "" is the first page. Where one has many refunds, they are told as a sum.
	Intents(ctx context.Context, span Span, after string) (IntentPage, error)
	// Live tells whether real money moves.
	Live() bool
}

// IntentStatus is the provider's word for where an intent stands, in Stripe's terms
// (https://docs.stripe.com/payments/paymentintents/lifecycle).
type IntentStatus string

// The statuses of an intent. Only IntentSucceeded means that money came; IntentRequiresCapture holds it for the shop.
const (
	IntentRequiresMethod       IntentStatus = "requires_payment_method"
	IntentRequiresConfirmation IntentStatus = "requires_confirmation"
	IntentRequiresAction       IntentStatus = "requires_action"
	IntentProcessing           IntentStatus = "processing"
	IntentRequiresCapture      IntentStatus = "requires_capture"
	IntentSucceeded            IntentStatus = "succeeded"
	IntentCanceled             IntentStatus = "canceled"
)

// Intent is the provider's side of a payment.
type Intent struct {
	ID           string
	Status       IntentStatus
	Amount       money.Amount
	Live         bool
	ClientSecret string
	NextAction   map[string]any // what the shopper must do, for the provider's own front-end library
	PaymentID    uuid.UUID      // the payment it was made for, as the provider remembers it
	Decline      *Decline       // why the last attempt failed
	Charge       *Charge        // how the last attempt went, where the provider says
	Captured     *money.Amount  // how much was taken, of one that succeeded, where the provider says
	Refunded     *money.Amount  // how much has been given back in all, where the provider says
	Refunds      []RefundNews   // what was, each, where it says that too
	Disputes     []DisputeNews  // what banks have against it, where it was read
	Saved        *Card          // the card that it saved for its customer, where it was asked to; perhaps only its ID
}

// Charge is one attempt of the provider to take the money. Of one that was declined it tells less.
type Charge struct {
	ID          string // "" when the bank was not asked
	MethodID    string
	Fingerprint string // of the card, the same whenever it is used
	Findings    *Findings
}

// Findings are what was found of a charge, in Stripe's words
// (https://docs.stripe.com/api/charges/object#charge_object-outcome); "" is what was not looked at.
type Findings struct {
	Risk            string
	Outcome         string
	CVCCheck        string
	Line1Check      string
	PostalCodeCheck string
}

// Name is by what news of the same charge is known again; "" when by nothing.
func (c *Charge) Name() string {
	if c.ID == "" {
		return c.MethodID
	}
	return c.ID
}

// Decline is why a payment method was refused.
type Decline struct {
	Code    string // the card network's reason, such as "insufficient_funds"
	Message string // a sentence fit for the shopper
}

// NewIntent asks for an amount on behalf of a payment; its id makes the request repeatable.
type NewIntent struct {
	PaymentID  uuid.UUID
	OrderID    uuid.UUID
	Amount     money.Amount
	CustomerID string // the provider's name of who can use and save cards; "" for nobody
	Capture    CaptureMethod
	Challenge  bool // have the card's bank ask the shopper where it can (3-D Secure)
}

// Confirmation tries to charge an intent; the attempt's id makes the request repeatable.
type Confirmation struct {
	AttemptID uuid.UUID
	IntentID  string
	MethodID  string
	ReturnURL string // where a bank's page sends the shopper back to
	Save      bool   // keep the method for what the intent's customer buys next
	Challenge bool   // have the card's bank ask the shopper where it can (3-D Secure)
}

// NewRefund gives back part of an intent's money; the refund's id makes the request repeatable.
type NewRefund struct {
	RefundID uuid.UUID
	IntentID string
	Amount   money.Amount
	Reason   string // one of the provider's, or ""
}

// RefundNews is the provider's side of a refund.
type RefundNews struct {
	ID        string
	RefundID  uuid.UUID // ours that it was made for, as the provider remembers it
	Status    RefundStatus
	Amount    money.Amount
	Reason    string
	Failure   string // why it came to nothing
	CreatedAt time.Time
}

// DisputeNews is the provider's side of a dispute.
type DisputeNews struct {
	ID         string
	Status     DisputeStatus
	Amount     money.Amount
	Reason     string
	DueBy      *time.Time
	Withdrawn  *time.Time // when the money was taken, where it was
	Reinstated *time.Time // when it came back, where it did
	CreatedAt  time.Time
}

// Event is news from the provider.
type Event struct {
	ID         string
	Type       string
	APIVersion string
	Live       bool
	Payload    []byte // the signed bytes
	// Intent is the intent the news is about, or nil when the type is of no interest here.
	Intent *Intent
	// Refunded is how much of the intent has been given back in all, when the news is of that; an amount of no currency
	// where the news does not say how much. What was given back is read anew in any case.
	Refunded *money.Amount
	// Disputed tells that the news is of a dispute. It says no more than the intent's name: what became of the dispute is
	// read anew.
	Disputed bool
	// Setup is the setup the news is about, or nil when it is about none. Of its card it may say only the ID.
	Setup *Setup
	// Card is a saved card that its bank has renewed; of a Foreign event only its ID.
	Card *Card
	// CardGone is the ID of a card that is saved no more; "" when the news is of something else.
	CardGone string
	// Foreign tells that the event was written for another API version: of its object only the
	// names were read, and the rest must be read anew.
	Foreign bool
	// Unread is why its object cannot be read, now or ever; "" when it can.
	Unread string
}

// OfCards tells whether the news is of a setup or a saved card.
func (e *Event) OfCards() bool { return e.Setup != nil || e.Card != nil || e.CardGone != "" }

// Span is a span of time, both ends included, by the provider's clock.
type Span struct{ From, Until time.Time }

// IntentPage is a page of intents.
type IntentPage struct {
	Intents []Intent
	Next    string // names the next page; "" on the last
}

// EventPage is a page of events.
type EventPage struct {
	Events []Event
	Next   string // names the next page; "" on the last
}
