package payments

import (
	"slices"

	"github.com/google/uuid"
)

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

// Final tells whether nothing more can come of a setup.
func (s SetupStatus) Final() bool { return s == SetupSucceeded || s == SetupCanceled }

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
	Attempts     []SetupAttempt // those of which it is told how they ended; of a setup that was read at most the last
	Live         bool
}

// SetupAttempt is one attempt of the provider to save a card, which ended.
type SetupAttempt struct {
	ID          string // by what news of the same attempt is known again; "" when by nothing
	Saved       bool   // else it was declined
	MethodID    string
	Fingerprint string // of the card; "" when the provider did not say
}

// With is the setup with what other news of it tell of attempts that it does not tell of itself.
func (s Setup) With(said []SetupAttempt) Setup {
	attempts := slices.Clone(s.Attempts)
	for _, attempt := range said {
		if !slices.ContainsFunc(attempts, func(known SetupAttempt) bool { return known.ID == attempt.ID }) {
			attempts = append(attempts, attempt)
		}
	}
	s.Attempts = attempts
	return s
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
