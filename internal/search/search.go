// Package search finds products.
//
// Owns: what a query means and the order of its results.
// Does not own: products, which it reads through package catalog.
//
// Invariants: only ACTIVE products are found; paging by cursor visits each match once; what a
// shopper types is text, never a query language that can fail.
package search

import (
	"context"
	"fmt"
	"strings"
	"unicode"

	"github.com/google/uuid"

	"cartwright/gen/db"
	"cartwright/internal/catalog"
	"cartwright/internal/errs"
	"cartwright/internal/money"
	"cartwright/internal/page"
	"cartwright/internal/postgres"
)

// Sort is the order of results.
type Sort string

// The orders. Relevance without words to be relevant to is Newest.
const (
	Relevance Sort = "relevance"
	Newest    Sort = "newest"
	PriceUp   Sort = "price_asc"
	PriceDown Sort = "price_desc"
	Name      Sort = "name"
)

// Query narrows the catalogue. A nil or empty field does not.
type Query struct {
	Text     string
	Category string // a category's slug
	MinPrice *money.Amount
	MaxPrice *money.Amount
	InStock  *bool
	Featured *bool
	Sort     Sort
	page.Request
}

// Service finds products.
type Service struct {
	db      *postgres.DB
	q       *db.Queries
	catalog *catalog.Service
	pages   page.Codec
}

// New makes a service.
func New(database *postgres.DB, catalog *catalog.Service, pages page.Codec) *Service {
	return &Service{db: database, q: db.New(), catalog: catalog, pages: pages}
}

// position is where a page of results ends.
type position struct {
	Number int64
	Text   string
	ID     uuid.UUID
}

// Find is one page of the products that match.
func (s *Service) Find(ctx context.Context, query Query) (page.Of[catalog.Product], error) {
	words := terms(query.Text)
	query.Sort = effective(query.Sort, words)
	list := fmt.Sprintf("search %s %q", query.Sort, query.Text)
	if query.MinPrice != nil && query.MaxPrice != nil && query.MinPrice.Minor > query.MaxPrice.Minor {
		return page.Of[catalog.Product]{}, ErrRange
	}
	var after position
	if query.Cursor != "" {
		if err := s.pages.Decode(list, query.Cursor, &after); err != nil {
			return page.Of[catalog.Product]{}, err
		}
	}
	rows, err := s.q.ProductSearch(ctx, s.db, toParams(query, words, after))
	if err != nil {
		return page.Of[catalog.Product]{}, fmt.Errorf("search products: %w", err)
	}
	cut, err := page.Cut(s.pages, list, rows, query.Size(), func(row db.ProductSearchRow) any {
		return position{Number: row.RankNumber, Text: row.RankText, ID: row.ID}
	})
	if err != nil {
		return page.Of[catalog.Product]{}, err
	}
	ids := make([]uuid.UUID, len(cut.Items))
	for i, row := range cut.Items {
		ids[i] = row.ID
	}
	products, err := s.catalog.ByIDs(ctx, ids)
	return page.Of[catalog.Product]{Items: products, Next: cut.Next}, err
}

func effective(sort Sort, words string) Sort {
	if sort == "" {
		sort = Relevance
	}
	if sort == Relevance && words == "" {
		return Newest
	}
	return sort
}

func toParams(query Query, words string, after position) db.ProductSearchParams {
	text := strings.ToLower(strings.TrimSpace(query.Text))
	params := db.ProductSearchParams{
		Sort:        string(query.Sort),
		HasQuery:    text != "",
		Terms:       words,
		SKUText:     text,
		SKUPattern:  likePrefix(text),
		InStock:     query.InStock,
		Featured:    query.Featured,
		HasAfter:    query.Cursor != "",
		AfterNumber: after.Number,
		AfterText:   after.Text,
		AfterID:     after.ID,
		PageLimit:   int32(query.Size()) + 1,
	}
	if query.Category != "" {
		params.CategorySlug = &query.Category
	}
	if query.MinPrice != nil {
		params.MinPrice = &query.MinPrice.Minor
	}
	if query.MaxPrice != nil {
		params.MaxPrice = &query.MaxPrice.Minor
	}
	return params
}

// maxTerms bounds the work that one query may ask for.
const maxTerms = 16

// terms turns text into a tsquery in which every word must begin a word of the product:
// "noise canc" becomes 'noise':* & 'canc':*. A word with punctuation, such as PS-5 or 3.5mm, is also
// looked for whole, because PostgreSQL's parser has its own idea of where such a one ends. Everything
// is quoted, so it always parses.
func terms(text string) string {
	words := strings.Fields(text)
	if len(words) > maxTerms {
		words = words[:maxTerms]
	}
	var all []string
	for _, word := range words {
		parts := strings.FieldsFunc(word, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
		if len(parts) == 0 {
			continue
		}
		if parts[0] == word {
			all = append(all, beginning(word))
			continue
		}
		for i, part := range parts {
			parts[i] = beginning(part)
		}
		all = append(all, "("+beginning(word)+" | "+strings.Join(parts, " & ")+")")
	}
	return strings.Join(all, " & ")
}

// beginning is the tsquery operand for words that begin so.
func beginning(word string) string {
	return "'" + strings.NewReplacer(`'`, `''`, `\`, `\\`).Replace(word) + "':*"
}

// likePrefix is the LIKE pattern for text that begins so.
func likePrefix(text string) string {
	return strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(text) + "%"
}

// ErrRange reports a price range that holds nothing.
var ErrRange = errs.InvalidFields(errs.Field{
	In: "QUERY", Name: "maxPrice", Code: "below_min_price", Message: "maxPrice is below minPrice.",
})
