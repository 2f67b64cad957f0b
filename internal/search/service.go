package search

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"cartwright/internal/catalog"
	"cartwright/internal/page"
)

// Service finds products.
type Service struct {
	engine  Engine
	catalog *catalog.Service
	pages   page.Codec
}

// New makes a service on an engine.
func New(engine Engine, catalog *catalog.Service, pages page.Codec) *Service {
	return &Service{engine: engine, catalog: catalog, pages: pages}
}

// Found is one page of products that match, and what there is to say about all of them.
type Found struct {
	page.Of[catalog.Product]
	Total          Count
	Facets         Facets
	CorrectedQuery string
}

// Find is one page of the products that match.
func (s *Service) Find(ctx context.Context, query Query) (Found, error) {
	if query.MinPrice != nil && query.MaxPrice != nil && query.MinPrice.Minor > query.MaxPrice.Minor {
		return Found{}, ErrRange
	}
	query.Text = strings.TrimSpace(query.Text)
	query.Sort = effective(query.Sort, query.Text)
	list := fmt.Sprintf("search %s %q", query.Sort, query.Text)
	var after json.RawMessage
	if query.Cursor != "" {
		if err := s.pages.Decode(list, query.Cursor, &after); err != nil {
			return Found{}, err
		}
	}
	result, err := s.engine.Search(ctx, query, after)
	if err != nil {
		return Found{}, fmt.Errorf("search products: %w", err)
	}
	found := Found{Total: result.Total, Facets: result.Facets, CorrectedQuery: result.CorrectedQuery}
	if result.Next != nil {
		if found.Next, err = s.pages.Encode(list, result.Next); err != nil {
			return Found{}, fmt.Errorf("write the cursor: %w", err)
		}
	}
	found.Items, err = s.catalog.ByIDs(ctx, result.IDs, catalog.Viewer{})
	return found, err
}

func effective(sort Sort, text string) Sort {
	if sort == "" {
		sort = Relevance
	}
	if sort == Relevance && text == "" {
		return Newest
	}
	return sort
}

// Suggested is what to offer while a shopper types.
type Suggested struct {
	Queries    []string
	Products   []catalog.Product
	Categories []CategorySuggestion
}

// Suggest completes what is being typed, with at most limit of each kind.
func (s *Service) Suggest(ctx context.Context, text string, limit int) (Suggested, error) {
	found, err := s.engine.Suggest(ctx, strings.TrimSpace(text), limit)
	if err != nil {
		return Suggested{}, fmt.Errorf("complete what is typed: %w", err)
	}
	products, err := s.catalog.ByIDs(ctx, found.Products, catalog.Viewer{})
	return Suggested{Queries: found.Queries, Products: products, Categories: found.Categories}, err
}
