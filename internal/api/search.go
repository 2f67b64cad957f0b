package api

import (
	"context"

	"cartwright/gen/oapi"
	"cartwright/internal/catalog"
	"cartwright/internal/money"
	"cartwright/internal/search"
)

type searching struct {
	search   *search.Service
	currency money.Currency
}

// SearchProducts finds products.
func (s searching) SearchProducts(
	ctx context.Context, request oapi.SearchProductsRequestObject,
) (oapi.SearchProductsResponseObject, error) {
	params := request.Params
	amounts := &amountReader{currency: s.currency, in: "QUERY"}
	query := search.Query{
		Text:     or(params.Q, ""),
		Category: or(params.Category, ""),
		MinPrice: amounts.optional("minPrice", params.MinPrice),
		MaxPrice: amounts.optional("maxPrice", params.MaxPrice),
		InStock:  params.InStock,
		Featured: params.Featured,
		Options:  optionFilters(ctx),
		Sort:     search.Sort(or(params.Sort, "")),
		Request:  fromPage(params.Limit, params.Cursor),
	}
	if err := amounts.err(); err != nil {
		return nil, err
	}
	found, err := s.search.Find(ctx, query)
	if err != nil {
		return nil, err
	}
	list := toProductList(found.Of, viewer(ctx))
	return oapi.SearchProducts200JSONResponse{Body: oapi.ProductSearchResult{
		Data: list.Data, NextCursor: list.NextCursor,
		Total:          oapi.SearchTotal{Value: found.Total.Value, Approximate: found.Total.Approximate},
		Facets:         s.toFacets(found.Facets),
		CorrectedQuery: optionalText(found.CorrectedQuery),
	}}, nil
}

// SuggestSearches completes what is being typed.
func (s searching) SuggestSearches(
	ctx context.Context, request oapi.SuggestSearchesRequestObject,
) (oapi.SuggestSearchesResponseObject, error) {
	found, err := s.search.Suggest(ctx, request.Params.Q, int(or(request.Params.Limit, defaultSuggestions)))
	if err != nil {
		return nil, err
	}
	return oapi.SuggestSearches200JSONResponse{Body: oapi.SearchSuggestions{
		Queries:  toSlice(found.Queries, func(text string) string { return text }),
		Products: toSlice(found.Products, func(p catalog.Product) oapi.ProductSuggestion { return toProductSuggestion(toProduct(p, viewer(ctx))) }),
		Categories: toSlice(found.Categories, func(c search.CategorySuggestion) oapi.CategorySuggestion {
			return oapi.CategorySuggestion{ID: c.ID, Name: c.Name, Slug: c.Slug}
		}),
	}}, nil
}

// What an absent limit means.
const defaultSuggestions = 5

func toProductSuggestion(product oapi.Product) oapi.ProductSuggestion {
	out := oapi.ProductSuggestion{
		ID: product.ID, Name: product.Name, Slug: product.Slug, Price: product.Price, Currency: product.Currency,
		InStock: product.InStock,
	}
	if len(product.Images) > 0 {
		out.Image = &product.Images[0]
	}
	return out
}

func (s searching) toFacets(facets search.Facets) oapi.SearchFacets {
	return oapi.SearchFacets{
		Categories: toFacet("category", "category", facets.Categories),
		Prices: oapi.SearchPriceFacet{
			Approximate: facets.Prices.Approximate,
			Values:      toSlice(facets.Prices.Ranges, s.toPriceRange),
		},
		Options: toSlice(facets.Options, func(facet search.Facet) oapi.SearchFacet {
			return toFacet("option."+facet.Name, facet.Label, facet)
		}),
		Availability: toFacet("inStock", "inStock", facets.Availability),
	}
}

func toFacet(name, label string, facet search.Facet) oapi.SearchFacet {
	return oapi.SearchFacet{
		Name: name, Label: label, Approximate: facet.Approximate,
		Values: toSlice(facet.Values, func(v search.FacetValue) oapi.SearchFacetValue {
			return oapi.SearchFacetValue{Value: v.Value, Label: v.Label, Count: v.Count, Selected: v.Selected}
		}),
	}
}

func (s searching) toPriceRange(one search.PriceRange) oapi.SearchPriceRange {
	from := money.New(one.Min, s.currency).Number()
	out := oapi.SearchPriceRange{MinPrice: from, Label: string(from) + " +", Count: one.Count, Selected: one.Selected}
	if one.Max != nil {
		to := money.New(*one.Max, s.currency).Number()
		out.MaxPrice, out.Label = &to, string(from)+" – "+string(to)
	}
	return out
}
