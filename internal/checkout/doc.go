// Package checkout moves order, payment and stock together: placing, paying, settling, cancelling,
// expiring, refunding; and customers' cards, which pay and are saved by paying.
//
// Owns: no table; the transactions that span carts, orders, payments and inventory.
// Does not own: the rules of each of those.
//
// Invariants: locks are taken in one order, cart → order → payment → stock by variant id, a customer's cards after
// their payment; the
// provider is never called inside a transaction; whoever brings the news of a payment (the request
// that confirmed it, a webhook, a job) goes through applyTx, so it is applied the same way and
// once; money that came is an order or is given back, and money that is authorized is captured before anything is sent, or
// let go; a try to pay that package fraud blocks never
// reaches the provider, and an order whose payment is doubtful is held in the transaction that
// confirms it.
//
// Words: money is authorized while a bank holds it for the shop, captured when it is taken, and let go, or voided, when
// it is not. An order is dead once it was cancelled or expired. Reinstating brings a dead order back
// when its payment succeeded after all and its stock can be had again.
package checkout
