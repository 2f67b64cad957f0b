// Package emails reads e-mail addresses: the one form that an address is stored and written to in, and the one key that
// addresses are compared by.
//
// Owns: which addresses the shop accepts, the form they are stored in, their key.
// Does not own: the key's column, email_key, which each table computes from its address (migration 50).
//
// Invariants: what Parse accepts, mail can be sent to; it is ASCII. The key of what Parse returns is its text in ASCII
// lower case, which is what the database computes. Two texts with one key are one mailbox. Nothing else compares
// addresses: no lower() of PostgreSQL, whose letters depend on the locale, and no strings.EqualFold, which takes K for k.
// An account or order that was found by a key is written to at the address it has stored, never at the typed one.
//
// Words: the local part stands before the @, the domain after it.
package emails
