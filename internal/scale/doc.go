// Package scale fills a shop with as many varied products as are asked for, quickly and always the same, so that
// anybody can see how a shop behaves with a hundred thousand or a million of them.
//
// Owns: how such a product comes about from its number (words, prices, variants, stock) and the tree of 200 categories.
// Does not own: any table. It is allowed, all the same, to write the tables of catalog, inventory and search side by
// side: one product at a time through their services makes some hundreds in a second, COPY ten thousand. What those
// services promise it promises, too, and its tests hold it to that.
//
// Invariants: product number n is the same whatever is made with it, and when (only its age is counted from today).
// Numbers that are there are left alone, so seeding may be repeated or extended; all that is new comes in one
// transaction, or nothing does. Every variant has a stock level, opened with an INITIAL movement unless it is empty; a
// product has one default variant, its slug and SKUs are unique; every ACTIVE product is found by search, by a document
// that is, byte for byte, the one search_refresh would make; caches are told. Into a shop that is as good as empty the rows go before their indexes: those, and the constraints between these
// tables, are dropped and made anew as the database itself describes them, in the same transaction, so a crash leaves
// them as they were. Meanwhile nobody reads the catalogue.
//
// Words: the number is a product's place in the sequence, from 1; a shelf is a category that holds products; a figure
// is a price in hundredths, before the shop's currency makes an amount of it.
package scale
