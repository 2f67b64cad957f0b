package api

import (
	"context"

	"cartwright/gen/oapi"
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
	return oapi.SearchProducts200JSONResponse(toProductList(found, viewer(ctx))), nil
}
