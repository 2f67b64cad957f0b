package stripesim

import "time"

// state is everything the stand-in remembers, in the shape of its snapshot file.
type state struct {
	Intents   *table[intent]       `json:"intents"`
	Charges   *table[Charge]       `json:"charges"`
	Refunds   *table[refund]       `json:"refunds"`
	Disputes  *table[Dispute]      `json:"disputes"`
	Methods   *table[method]       `json:"methods"`
	Customers *table[customer]     `json:"customers"`
	Setups    *table[setup]        `json:"setups"`
	Events    *table[Event]        `json:"events"`
	Answers   *table[storedAnswer] `json:"answers"`
}

// intent is a PaymentIntent with what Stripe keeps to itself.
type intent struct {
	PaymentIntent
	// ActionToken is the capability of the current authentication page.
	ActionToken string `json:"sim_action_token,omitempty"`
	// Authenticated is the method whose owner has passed the challenge.
	Authenticated string `json:"sim_authenticated,omitempty"`
}

// method is a PaymentMethod with the test behaviour behind it.
type method struct {
	PaymentMethod
	// Behaviour names the entry of the test catalogue.
	Behaviour string `json:"sim_behaviour"`
	// Used says a payment succeeded with it or it was detached; without a customer it is then spent.
	Used bool `json:"sim_used,omitempty"`
	// SetUp says its owner has agreed to payments in their absence.
	SetUp bool `json:"sim_set_up,omitempty"`
}

// refund is a Refund with what Stripe keeps to itself.
type refund struct {
	Refund
	// OfHold says it gave no money back: what was authorized was let go. Since API version 2025-03-31 Stripe makes none of these
	// (https://docs.stripe.com/changelog/basil/2025-03-31/remove-refund-from-partial-capture-and-payment-cancellation-flow).
	OfHold bool `json:"sim_of_hold,omitempty"`
}

// customer is a Customer, who is remembered when deleted.
type customer struct {
	Customer
	Deleted bool `json:"sim_deleted,omitempty"`
}

// setup is a SetupIntent with what Stripe keeps to itself.
type setup struct {
	SetupIntent
	// ActionToken is the capability of the current authentication page.
	ActionToken string `json:"sim_action_token,omitempty"`
	// Authenticated is the method whose owner has passed the challenge.
	Authenticated string `json:"sim_authenticated,omitempty"`
}

const (
	// eventRetention is how long Stripe lists events.
	eventRetention = 30 * 24 * time.Hour
	// answerRetention is the least time Stripe keeps idempotent results.
	answerRetention = 24 * time.Hour
)

func newState() state {
	return state{
		Intents:   newTable(func(i *intent) string { return i.ID }),
		Charges:   newTable(func(c *Charge) string { return c.ID }),
		Refunds:   newTable(func(r *refund) string { return r.ID }),
		Disputes:  newTable(func(d *Dispute) string { return d.ID }),
		Methods:   newTable(func(m *method) string { return m.ID }),
		Customers: newTable(func(c *customer) string { return c.ID }),
		Setups:    newTable(func(s *setup) string { return s.ID }),
		Events:    newTable(func(e *Event) string { return e.ID }),
		Answers:   newTable(func(a *storedAnswer) string { return a.Key }),
	}
}

// prune forgets what Stripe would have forgotten.
func (st *state) prune(now time.Time) {
	st.Answers.dropOldest(func(a *storedAnswer) bool {
		return older(a.Created, now, answerRetention)
	})
	st.Events.dropOldest(func(e *Event) bool {
		return older(e.Created, now, eventRetention)
	})
}

// older compares whole seconds, which is all that Created keeps.
func older(created int64, now time.Time, age time.Duration) bool {
	return now.Unix()-created > int64(age/time.Second)
}
