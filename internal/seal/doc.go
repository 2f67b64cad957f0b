// Package seal keeps texts from whoever has the database alone, such as a copy of it.
//
// Owns: how a text is sealed, and with which of the shop's secrets.
// Does not own: what is sealed, and where that is kept.
//
// Invariants: a text is sealed with AES-256-GCM under a key that no other text has, so that no number of texts wears a
// key out; it opens only as what it was sealed about, so that it is of no use in another's row. The first secret seals
// and all of them open, so that a secret can be changed while texts of the one before are about. A sealed text names
// the secret it needs and tells nothing else of it. What was sealed for one purpose opens for no other.
//
// Words: a box is what texts of one purpose are sealed in; a text is stale when a former secret sealed it.
package seal
