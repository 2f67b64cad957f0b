// Package pgsearch is the search engine on PostgreSQL.
//
// Owns: the search_ tables and functions, the ranking, the vocabulary and what keeps them up to date.
// Does not own: what a search is (package search).
//
// How it works. Triggers keep one document per ACTIVE product in search_documents, in the transaction
// of whoever writes the product. Its lexemes, words and filters alike, are in one GIN index, so that one
// scan intersects them. A search first looks at a sample of the documents, one in 64, under an index of
// its own. If it says that few match, all that match are read, at most 10,000 of them, and counted,
// ranked and sorted here, exactly. If it says that many match, it is what facets are estimated from,
// and the page is found by walking an order's index, where matches come thick.
//
// Invariants: a search reads a bounded number of rows, in a bounded number of statements, within a
// statement timeout; whatever is typed only ever becomes quoted lexemes.
//
// Words: a group is the lexemes that count as one typed word; a dimension is a filter that a facet
// can leave out; a card is what a document says about itself in one piece of text.
package pgsearch
