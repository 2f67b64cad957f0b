// Package postgres is the way to the database.
//
// Owns: the connection pool, transactions, the schema's migration, and the reading of constraint
// names out of errors.
// Does not own: any table or query.
//
// Invariants: a command is one InTx. Statements given the context of a transaction run in it,
// whoever sends them, so that a caller (the idempotent edge) can wrap a whole command in one.
// A serialization failure or deadlock is retried and never reaches a caller.
package postgres
