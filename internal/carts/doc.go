// Package carts holds what a shopper gathers, priced.
//
// Owns: carts and their items.
// Does not own: prices (read from the catalogue at each look), stock (read, never moved) and what
// becomes of a cart that is bought (package checkout).
//
// Invariants: at most one line per variant; every command locks the cart first, so that an edit and
// a purchase take turns; a converted cart never changes again; nothing a client sends sets a price.
//
// Words: a guest cart's unguessable id is its capability.
package carts
