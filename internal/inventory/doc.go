// Package inventory counts what can be sold.
//
// Owns: stock levels, reservations, the ledger of movements, the list of what is low and the events
// that tell of it.
// Does not own: which variants exist, nor when an order reserves, pays or dies.
//
// Invariants: on_hand = sum of movements; reserved = sum of open reservations; neither is ever
// negative and reserved never exceeds on_hand, except where back-orders are allowed. Levels change
// only by conditional UPDATEs, or under a lock of their row, in variant-id order, so two commands
// never wait for each other in a circle, and N buyers on M units get exactly M.
//
// Words: on hand is what the shop has and has not sold; reserved is what open orders hold of it;
// available is the difference. Reserving holds, committing takes it out of the shop, releasing gives
// it back, returning puts all that an order bought back on the shelf, and restocking part of it; no unit
// comes back twice. Adjusting is what people do by hand: by a
// delta, or to a quantity on hand as somebody counted it, whatever is reserved of it.
//
// A variant with back-orders allowed is sold beyond what there is: on hand falls below zero when such
// an order is paid, by the units that the shop owes, and what is received then settles them first.
//
// A level is low while its available units are at or below the product's threshold, and never where
// the product is not counted. The database itself notices: the trigger stock_level_crosses runs in the
// transaction of whatever moved the level, only where it becomes low or is low no more, keeps the
// table stock_low and writes one row of stock_events for each time a level becomes low. So a crossing
// has its event exactly if what crossed was committed, once for however many buyers, and again only
// after the level was above. A level that is low when it is opened has no event. Whoever reacts to
// events reads stock_events; ids ascend with time, but not with commits, so remember which ones are
// done rather than the last one seen.
package inventory
