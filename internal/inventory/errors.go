package inventory

import "cartwright/internal/errs"

// What a caller may react to.
var (
	ErrVariantNotFound = errs.New(errs.NotFound, "variant_not_found", "The product has no such variant.")
	ErrInsufficient    = errs.New(errs.Conflict, "insufficient_inventory",
		"There are not so many units, or open orders hold them.")
	ErrTooMany        = errs.New(errs.Conflict, "too_many_units", "That would be more units than can be counted.")
	ErrBackordersOpen = errs.New(errs.Conflict, "backorders_open",
		"More units are sold or reserved than there are. Receive them, or cancel the orders, first.")
)

// Adjustments that say nothing, or two things.
var (
	errNothingMoved = errs.InvalidFields(errs.Field{Name: "delta", Code: "zero", Message: "Say how many more, or how many fewer."})
	errWhichChange  = errs.InvalidFields(
		errs.Field{Name: "delta", Code: "one_of", Message: "Send either delta or quantity."},
		errs.Field{Name: "quantity", Code: "one_of", Message: "Send either delta or quantity."})
)
