package orders

import "cartwright/internal/errs"

// What a caller may react to.
var (
	ErrNotFound   = errs.New(errs.NotFound, "order_not_found", "There is no such order.")
	ErrTransition = errs.New(errs.Conflict, "transition_not_allowed", "The order's state does not allow this.")
	ErrOnHold     = errs.New(errs.Conflict, "order_on_hold", "The order is on hold. Release or cancel it first.")
	ErrDisputed   = errs.New(errs.Conflict, "order_disputed", "The payment of the order is disputed or was lost to a dispute, so the order is on hold. Release it to send it all the same.")
	ErrSent       = errs.New(errs.Conflict, "order_sent", "Something of the order was sent, so it cannot be cancelled.")
	ErrUnpaid     = errs.New(errs.Conflict, "order_not_paid", "The order is not paid, so it cannot be sent.")

	ErrNothingLeft     = errs.New(errs.Conflict, "nothing_to_fulfill", "Nothing of the order is left to send.")
	ErrNothingToCancel = errs.New(errs.Conflict, "nothing_to_cancel", "Nothing of the order is left to send, so there is nothing to cancel.")
	ErrTooMany         = errs.New(errs.Conflict, "fulfillment_exceeds_order", "That is more than is left of the order.")
	ErrNoFulfillment   = errs.New(errs.NotFound, "fulfillment_not_found", "There is no such fulfilment.")
	ErrOnReturn        = errs.New(errs.Conflict, "fulfillment_on_return", "What was sent is on a return, so it was sent indeed.")

	ErrNoReturn        = errs.New(errs.NotFound, "return_not_found", "There is no such return.")
	ErrNothingToReturn = errs.New(errs.Conflict, "nothing_to_return", "Nothing of the order can be returned: only what was sent and is on no other return.")
	ErrReturnExceeds   = errs.New(errs.Conflict, "return_exceeds_order", "That is more than can be returned of the order.")
	ErrReturnCame      = errs.New(errs.Conflict, "receipt_exceeds_return", "That is more than was to come.")
	ErrReturnApproved  = errs.New(errs.Conflict, "return_approved", "The return is approved. Ask the shop to cancel it.")
	ErrReturnRefunding = errs.New(errs.Conflict, "return_refund_pending", "Money for this return is on its way back.")
	// ErrCustomerGone is what auth.ErrToken is: whoever asks has deleted their account meanwhile.
	ErrCustomerGone = errs.New(errs.Unauthorized, "invalid_token", "The token is not valid or has expired.")
	ErrUnderWay     = errs.New(errs.Conflict, "order_under_way", "An order is neither sent nor cancelled yet. Try again once it is.")
)
