// Package demo is the shop that `cartwright dev` and `cartwright seed` put into an empty database, so that there is
// something to look at, search and buy from the first minute.
//
// Owns: the goods (shop.json), a picture or two of each (images/, drawn for this repository) and the handler that serves
// the pictures.
// Does not own: any table. It adds through packages catalog and assortment, like the API does.
//
// Invariants: seeding only ever adds. What is there, known by its slug, is left as it is, so seeding may be repeated,
// interrupted, or run by two processes at once. Nothing here takes a name, slug or SKU that the README's session uses.
//
// Words: a figure is a price as shop.json has it, with at most two decimals and no currency; an amount is what the
// shop's currency makes of it.
package demo
