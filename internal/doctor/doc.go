// Package doctor examines the books of a shop: whether what is stored follows from what happened.
//
// Owns: no table; the list of checks, and the explanation of a variant's stock.
// Does not own: what must be true, which stands in the packages whose rows are examined.
//
// Invariants: it writes nothing and locks nothing that a buyer waits for. A check is one statement over
// everything, so what it sees is of one moment; it names what is broken, and answers no row otherwise.
//
// Words: a check is a sentence that must hold, and the query for what contradicts it. Further ones are
// added to the lists in checks.go (goods) and dealings.go (orders, money, jobs).
package doctor
