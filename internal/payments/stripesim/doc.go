// Package stripesim is a stateful stand-in for Stripe: it speaks Stripe's HTTP
// (API version 2023-10-16) well enough that the real client library cannot tell
// the difference on the calls the shop makes. Development mode and tests use it;
// production never starts it.
//
// Owns: PaymentIntents and SetupIntents with their state machines, charges, refunds, disputes, customers and
// the payment methods they keep, Stripe's usual test names of methods, idempotency keys, error bodies, the
// event log and the signed webhooks that report it.
//
// Does not own: files as evidence, Connect, mandates, the setup of bank accounts, balance transactions,
// Stripe.js. A parameter Stripe has but the stand-in cannot honour is refused rather than ignored.
//
// Invariants:
//   - One request is one step: state, its events and the stored idempotent answer
//     change together under one lock, and reach the snapshot file together.
//   - Refunds of a charge never exceed what was captured from it and not charged back.
//   - A key that charged once never charges again within a day.
//   - A method is one customer's at most, for ever: once detached nobody can use it.
//   - Whether the webhook receiver lives or not never delays an answer.
//   - Amounts are int64 minor units as Stripe counts them; no float anywhere.
//
// Words: an *intent* is a PaymentIntent; *setup* is a SetupIntent; *method* is a
// PaymentMethod; the *oracle* is what [Server.Totals], [Server.Intents], [Server.Charges]
// and [Server.Refunds] say was really charged, and [Server.Saved] was really kept, whatever
// a client believes; *delivery* is one event on its way to the webhook URL; *control* is
// what only tests and the dev pages can do, such as finishing a customer's authentication
// or deciding a dispute.
package stripesim
