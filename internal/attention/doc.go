// Package attention lists what only a person can end: refunds that came to nothing, disputes to be answered, orders on hold,
// findings, requested returns and events that were set aside.
//
// It owns no table and changes nothing: what is dealt with where it belongs is no more in the list.
package attention
