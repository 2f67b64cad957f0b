// Package search finds products.
//
// Owns: what a search is: its filters, orders, facets and pages.
// Does not own: how products are found (an Engine; package pgsearch is the one on PostgreSQL), nor
// products, which it reads through package catalog.
//
// Invariants: only ACTIVE products are found; paging by cursor visits each match once; what a
// shopper types is text, never a query language that can fail; a count that is not exact says so.
//
// Words: a facet is one kind of choice (category, price, availability, an option) with how many
// products each of its values would leave. It is counted with every filter but its own.
package search
