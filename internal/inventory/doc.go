// Package inventory counts what can be sold.
//
// Owns: stock levels, reservations, the ledger of movements, the list of what is low and the events
// that tell of it.
// Does not own: which variants exist, nor when an order reserves, pays or dies.
//
// Invariants: on_hand = sum of movements, allocated = what is to be sent of the lines that were sold, reserved = sum of
// open reservations; none is ever negative. available is on_hand less the others, and nothing is reserved beyond it,
// except where back-orders are allowed. Levels change only by conditional UPDATEs, or under a lock of their row, in
// variant-id order, so two commands never wait for each other in a circle, and N buyers on M units get exactly M.
//
// Words: on hand is what is there, allocated what is sold of it and not sent, reserved what unpaid orders hold, available
// the rest. Reserving holds, committing allocates what was held, releasing frees it. Sending takes units out of the shop;
// deallocating has them be for sale again, writing off has them be neither; taking back puts what came back on the shelf.
// Adjusting is a change by hand: by a delta, or to a quantity on hand as a count found it, whatever is sold or reserved
// of it.
//
// Where back-orders are allowed, or fewer units were counted than were sold, available is below zero by the units that
// the shop owes. They are sent once they are received.
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
