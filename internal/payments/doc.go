// Package payments keeps what was asked of the payment provider and what came of it.
//
// Owns: payments, attempts, refunds, disputes, the inbox of the provider's events, and customers' saved cards
// with the tries to save them; the Provider interface, which stripe implements.
// Does not own: what a payment does to an order or to stock (package checkout).
//
// Invariants: an order has at most one live payment and a payment at most one intent, so that a
// second charge has nothing to land on; every request's idempotency key derives from a row stored
// before the request; a payment that succeeded stays so, and one that is authorized succeeds or is let go; what was given back and what is asked to be
// given back never exceed it, and are the sums of its refunds; what banks took for good lessens what
// may be given back, and nothing is while a bank decides; the provider knows a customer once, and of the cards
// it keeps for them one is the default; a card that was removed is never saved again.
//
// Words: a payment asks for an order's total; its intent is the provider's side of it; an attempt
// is one try to confirm the intent with one payment method; a dispute is what a customer's bank has
// against a payment, and an inquiry one by which it only asks as yet; a setup is one try to save a card without
// paying with it.
package payments
