// Package carts holds what a shopper gathers, priced.
//
// Owns: carts and their items.
// Does not own: prices (read from the catalogue at each look), stock (read, never moved) and what
// becomes of a cart that is bought (package checkout).
//
// Invariants: at most one line per variant; every command locks the cart first, so that an edit, a
// claim and a purchase take turns, and several carts in the order of their ids; a converted cart
// never changes again; nothing a client sends sets a price. A customer has at most one open cart, and
// a customer's cart opens to nobody else: to others it is as if it did not exist.
//
// Words: a guest cart's unguessable id is its capability. Claiming makes a guest's cart a customer's,
// or merges it into the one they have; a merged cart is empty for good and opens to nobody.
package carts
