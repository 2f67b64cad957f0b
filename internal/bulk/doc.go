// Package bulk takes and gives the assortment as files: products, variants, stock and prices, a row a
// variant, as CSV or NDJSON.
//
// Owns: no table; the form of the files, and the statements that write a batch of rows at once.
// Does not own: what a product is (package catalog) or how stock moves (package inventory). Its rules
// are those of the API, and a test holds its limits to the published ones.
//
// Invariants: a row is written whole or not at all, and a bad one loses only itself; an atomic import
// writes everything or nothing, a dry run nothing. Memory does not grow with the file, but for 20 bytes
// a row that tell a SKU that stands twice. Whoever repeats an import finds nothing left to change, and so
// does whoever imports an export; in an empty shop it makes the same assortment again.
// Locks are taken in one order: products by id, then stock by variant id.
//
// Words: a row is a line of a file, and the variant it describes; a product row stands for a product
// with its default variant, a variant row for a further variant and names its parent, the product
// row's SKU. A field that is not set is left as it is.
package bulk
