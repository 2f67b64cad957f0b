package search

import "cartwright/internal/errs"

// ErrCategory reports a category that there is not, or that is hidden.
var ErrCategory = errs.InvalidFields(errs.Field{
	In: "QUERY", Name: "category", Code: "unknown_category", Message: "There is no category with this slug.",
})

// ErrRange reports a price range that holds nothing.
var ErrRange = errs.InvalidFields(errs.Field{
	In: "QUERY", Name: "maxPrice", Code: "below_min_price", Message: "maxPrice is below minPrice.",
})
