package customers

import "cartwright/internal/errs"

// What a caller may react to.
var (
	ErrNotFound = errs.New(errs.NotFound, "customer_not_found", "There is no such customer.")
	ErrAddress  = errs.New(errs.NotFound, "address_not_found", "There is no such address.")
	ErrTooMany  = errs.New(errs.Conflict, "too_many_addresses", "An address book has at most fifty addresses.")
	ErrBirth    = errs.InvalidFields(errs.Field{
		Name: "dateOfBirth", Code: "invalid_date", Message: "This is no day from 1900 until today.",
	})
)
