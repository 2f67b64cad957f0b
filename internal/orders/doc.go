// Package orders keeps what was bought.
//
// Owns: orders, their items and events, what was sent of them, what comes back, and what staff noted on them.
// Does not own: what an order moves besides itself; stock and money follow in package checkout.
//
// Invariants: an order has four axes, status, payment, fulfilment and review; every change goes
// through the table in transitions.go and writes an event in the same transaction, so that the last
// event equals the row. An order on hold is not sent before it is released. A cart becomes at most one
// order. Items keep a snapshot of what was sold. Of a line no more is sent than was ordered, and how much
// was is the sum of its fulfilments that were not taken back; an order is SHIPPED and FULFILLED once that
// is all of it, and one of which something was sent is not cancelled. Of a line no more is on returns, or
// came back with them, than was sent; a return goes through a table there and the order's history as
// well. Nothing here deletes.
//
// Words: a fulfilment is what was sent at once, a return what a customer sends back of it. A customer's
// order is theirs alone and outlives their account; a guest's opens to whoever holds a token of it, of
// which only hashes are stored, and joins an account once its e-mail address is verified. An actor is who
// caused a change: "customer", "stripe", "system", "user:<id>", or "key:<id>" of an API key.
package orders
