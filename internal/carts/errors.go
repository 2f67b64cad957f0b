package carts

import (
	"fmt"

	"cartwright/internal/auth"
	"cartwright/internal/errs"
	"cartwright/internal/postgres"
)

// What a caller may react to.
var (
	ErrNotFound     = errs.New(errs.NotFound, "cart_not_found", "There is no such cart.")
	ErrItemNotFound = errs.New(errs.NotFound, "cart_item_not_found", "The cart has no such item.")
	ErrConverted    = errs.New(errs.Conflict, "cart_converted", "This cart has become an order and cannot change.")
	ErrUnavailable  = errs.New(errs.Conflict, "product_not_available", "The product is not for sale.")
	ErrInsufficient = errs.New(errs.Conflict, "insufficient_inventory", "There are not enough units in stock.")
	ErrTooMany      = errs.InvalidFields(errs.Field{
		Name: "quantity", Code: "too_many", Message: fmt.Sprintf("A cart takes at most %d of one variant.", MaxQuantity),
	})
	ErrTooLong = errs.New(errs.Conflict, "cart_full", fmt.Sprintf("A cart holds at most %d lines.", MaxLines))
)

// ofCustomer says of what the database refuses because the customer has left what their token is worth now: nothing.
func ofCustomer(err error) error {
	if postgres.Constraint(err) == "carts_customer_known" {
		return auth.ErrToken.Wrap(err)
	}
	return err
}

// Insufficient is ErrInsufficient for one field of a request, with the number of units that are available.
func Insufficient(field string, available int32) *errs.Error {
	message := fmt.Sprintf("Only %d units are available.", max(available, 0))
	switch {
	case available <= 0:
		message = "No units are available."
	case available == 1:
		message = "Only 1 unit is available."
	}
	return ErrInsufficient.With(errs.Field{Name: field, Code: ErrInsufficient.Code, Message: message})
}

// Unavailable is ErrUnavailable for one field of a request.
func Unavailable(field string) *errs.Error {
	return ErrUnavailable.With(errs.Field{Name: field, Code: "product_not_available", Message: ErrUnavailable.Message})
}

var (
	errUnknownProduct = errs.InvalidFields(errs.Field{
		Name: "productId", Code: "unknown_product", Message: "There is no such product.",
	})
	errUnknownVariant = errs.InvalidFields(errs.Field{
		Name: "variantId", Code: "unknown_variant", Message: "There is no such variant of this product.",
	})
)
