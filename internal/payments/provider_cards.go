package payments

import "github.com/google/uuid"

// SetupStatus is the provider's word for where a setup stands, in Stripe's terms
// (https://docs.stripe.com/payments/setupintents/lifecycle).
type SetupStatus string

// The statuses of a setup. Only SetupSucceeded means that a card was saved.
const (
	SetupRequiresMethod       SetupStatus = "requires_payment_method"
	SetupRequiresConfirmation SetupStatus = "requires_confirmation"
	SetupRequiresAction       SetupStatus = "requires_action"
	SetupProcessing           SetupStatus = "processing"
	SetupSucceeded            SetupStatus = "succeeded"
	SetupCanceled             SetupStatus = "canceled"
)

// Setup is the provider's side of saving a card without charging it.
type Setup struct {
	ID           string
	SetupID      uuid.UUID // ours that it was made for, as the provider remembers it
	CustomerID   string
	Status       SetupStatus
	ClientSecret string
	NextAction   map[string]any // what the shopper must do, for the provider's own front-end library
	Card         *Card          // what was saved, once it succeeded; nil when it is no card
	Decline      *Decline       // why the last attempt failed
	Live         bool
}

// NewSetup begins to save a card of a customer; its id makes the request repeatable.
type NewSetup struct {
	SetupID    uuid.UUID
	CustomerID string // the provider's name of them
	MethodID   string // the card, where the shop's own pages have read it already; else ""
	ReturnURL  string // where a bank's page sends the shopper back to; counts only with a method, and may be ""
}

// Card is what the provider lets us see of a card.
type Card struct {
	ID          string
	Brand       string // in Stripe's words, such as "visa"
	Last4       string
	ExpMonth    int
	ExpYear     int
	Fingerprint string // the same whenever it is used, and whoever saved it
}
