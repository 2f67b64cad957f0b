// Package audit keeps what staff and those who run the shop do, and what it changes.
//
// Owns: the audit log, and the name under which a transaction acts.
// Does not own: the tables whose changes are recorded; their triggers do that, in the transaction that makes the change
// (migration 00027). Nor who counts as staff: whoever lets them act names the action.
//
// Invariants: of an action that is recorded, every change of a recorded table has a row here, committed with it or not
// at all; an action has one entry, however many transactions it takes, and none when it changed nothing; nothing here is
// changed or deleted. What proves something, such as a password's hash or a token's, and what says who somebody is, is
// masked before it is written, so that nobody has to be forgotten here. A transaction that names no action, such as a
// shopper's, records nothing and pays nothing.
//
// Words: an action is what somebody does at a time, such as a request; an entry is an action that was recorded; a change
// is what became of one row, which is a thing.
package audit
