package search

import (
	"context"
	"encoding/json"

	"github.com/google/uuid"

	"cartwright/internal/money"
	"cartwright/internal/page"
)

// Sort is the order of results.
type Sort string

// The orders. Relevance without words to be relevant to is Newest.
const (
	Relevance   Sort = "relevance"
	Newest      Sort = "newest"
	PriceUp     Sort = "price_asc"
	PriceDown   Sort = "price_desc"
	Name        Sort = "name"
	BestSelling Sort = "best_selling"
)

// Query narrows the catalogue. A nil or empty field does not.
type Query struct {
	Text     string
	Category string // a slug; what stands below it is in it
	MinPrice *money.Amount
	MaxPrice *money.Amount
	InStock  *bool
	Featured *bool
	Options  map[string][]string // by name; one of the values must fit, of every name
	Sort     Sort
	page.Request
}

// Engine finds products. Service asks it, and loads what it finds.
type Engine interface {
	// Search answers one page of ids and what else there is to say about all that matches. After is
	// the Next of the page before, or nil. An engine that cannot answer in time says so with an error
	// that counts as unavailable, rather than with less than the truth. Errors: ErrCategory.
	Search(ctx context.Context, query Query, after json.RawMessage) (Result, error)
	// Suggest completes text that is being typed, with at most limit of each kind.
	Suggest(ctx context.Context, text string, limit int) (Suggestions, error)
}

// Result is one page of what an engine found.
type Result struct {
	IDs            []uuid.UUID
	Next           any // what the next page is asked for with, as JSON; nil on the last
	Total          Count
	Facets         Facets
	CorrectedQuery string // what was looked for, when nothing was found of what was asked for
}

// Count is a number of products, and whether it is an estimate.
type Count struct {
	Value       int64
	Approximate bool
}

// Facets are what results can be narrowed down by.
type Facets struct {
	Categories   Facet
	Prices       PriceFacet
	Options      []Facet // by name
	Availability Facet
}

// Facet is one kind of choice, the commonest value first.
type Facet struct {
	Label       string // the option's name; "" for the others
	Name        string // how the option's name is sent
	Approximate bool
	Values      []FacetValue
}

// FacetValue is a value and how many products have it.
type FacetValue struct {
	Value, Label string
	Count        int64
	Selected     bool
}

// PriceFacet is the choice of a range.
type PriceFacet struct {
	Approximate bool
	Ranges      []PriceRange
}

// PriceRange is a range in minor units, both bounds in it. Max is nil for the last.
type PriceRange struct {
	Min      int64
	Max      *int64
	Count    int64
	Selected bool
}

// Suggestions complete what is being typed.
type Suggestions struct {
	Queries    []string
	Products   []uuid.UUID
	Categories []CategorySuggestion
}

// CategorySuggestion is a category to offer.
type CategorySuggestion struct {
	ID         uuid.UUID
	Name, Slug string
}
