package orders

import "cartwright/internal/errs"

// What a caller may react to.
var (
	ErrNotFound   = errs.New(errs.NotFound, "order_not_found", "There is no such order.")
	ErrTransition = errs.New(errs.Conflict, "transition_not_allowed", "The order's state does not allow this.")
	ErrOnHold     = errs.New(errs.Conflict, "order_on_hold", "The order is on hold. Release or cancel it first.")
	// ErrCustomerGone is what auth.ErrToken is: whoever asks has deleted their account meanwhile.
	ErrCustomerGone = errs.New(errs.Unauthorized, "invalid_token", "The token is not valid or has expired.")
	ErrUnderWay     = errs.New(errs.Conflict, "order_under_way", "An order is neither sent nor cancelled yet. Try again once it is.")
)
