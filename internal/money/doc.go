// Package money holds amounts exactly.
//
// Owns: Amount (minor units and a currency), its checked arithmetic, rounding, and Number, the
// exact decimal text in which an amount travels as JSON.
// Does not own: prices, taxes or exchange rates.
//
// Invariants: no binary float anywhere; arithmetic that would overflow or mix currencies is an
// error, never a wrong amount.
//
// Words: minor units are the smallest the currency counts in (cents of USD, yen of JPY); the
// increment is the smallest step an amount may be charged in, in minor units.
package money
