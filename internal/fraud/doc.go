// Package fraud stops who tries out cards, and says which payments a person should look at.
//
// Owns: the tries to pay and to save a card, and the rules that count them and read what the provider found.
// Does not own: what follows from a verdict; orders are held and payments refused in package checkout.
//
// Invariants: a try is written down before the provider hears of it, or it is refused; tries by the
// same address, e-mail address, session or payment method take turns, so that however many come at
// once no more get through than a rule allows; a try under way counts as declined until it is known to
// be none; a charge is counted once, and so is an attempt to save a card. Who tried is kept as keyed hashes, and
// forgotten after the longest window.
//
// Words: a try is one payment method used for one payment, or one client secret handed out to use some
// with. Saving a card counts as paying: its setup stands in the payment's place, the attempt in the charge's. A session is
// a cart, or the account that a card is saved for. An address is the network address that a request came from. A card is
// known by its fingerprint once the provider told it, until then by the name of its payment method.
package fraud
