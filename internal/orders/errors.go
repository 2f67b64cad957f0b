package orders

import "cartwright/internal/errs"

// What a caller may react to.
var (
	ErrNotFound   = errs.New(errs.NotFound, "order_not_found", "There is no such order.")
	ErrTransition = errs.New(errs.Conflict, "transition_not_allowed", "The order's state does not allow this.")
	ErrOnHold     = errs.New(errs.Conflict, "order_on_hold", "The order is on hold. Release or cancel it first.")
	ErrSent       = errs.New(errs.Conflict, "order_sent", "Something of the order was sent, so it cannot be cancelled.")
	ErrUnpaid     = errs.New(errs.Conflict, "order_not_paid", "The order is not paid, so it cannot be sent.")

	ErrNothingLeft   = errs.New(errs.Conflict, "nothing_to_fulfill", "All of the order was sent.")
	ErrTooMany       = errs.New(errs.Conflict, "fulfillment_exceeds_order", "That is more than is left of the order.")
	ErrNoFulfillment = errs.New(errs.NotFound, "fulfillment_not_found", "There is no such fulfilment.")
	// ErrCustomerGone is what auth.ErrToken is: whoever asks has deleted their account meanwhile.
	ErrCustomerGone = errs.New(errs.Unauthorized, "invalid_token", "The token is not valid or has expired.")
	ErrUnderWay     = errs.New(errs.Conflict, "order_under_way", "An order is neither sent nor cancelled yet. Try again once it is.")
)
