// Package customers knows who customers are to the shop.
//
// Owns: profiles, which are the names, phone and day of birth in the rows of users, and address books.
// Does not own: the rest of those rows (package auth: address, password, role) and what is done with an account as a
// whole (package accounts).
//
// Invariants: an address is read and changed by its owner alone, and does not exist for anybody else; of each type at
// most one address is the default; an address book has an end.
package customers
