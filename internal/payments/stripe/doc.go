// Package stripe moves money through Stripe, API version 2023-10-16.
//
// Owns: the calls, the reading of Stripe's answers and events, and the amounts as Stripe counts
// them. It is the only importer of stripe-go, so that a newer one touches this room alone.
// Does not own: what an answer means for a payment.
//
// Invariants: every call that moves money carries an idempotency key derived from a row of
// ours; no call is made inside a transaction; an answer that is missing or a 5xx is unknown, never
// a failure.
package stripe
