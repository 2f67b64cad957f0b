package search

import "cartwright/internal/errs"

// ErrRange reports a price range that holds nothing.
var ErrRange = errs.InvalidFields(errs.Field{
	In: "QUERY", Name: "maxPrice", Code: "below_min_price", Message: "maxPrice is below minPrice.",
})
