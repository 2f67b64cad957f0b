package orders

import (
	"fmt"
	"slices"

	"cartwright/internal/errs"
)

// Where each status may go. CANCELLED → CONFIRMED is the reinstatement of an order whose payment
// came after it had expired.
var statusTransitions = map[Status][]Status{
	Pending:    {Confirmed, Cancelled},
	Confirmed:  {Processing, Shipped, Cancelled, Refunded},
	Processing: {Shipped, Cancelled, Refunded},
	Shipped:    {Delivered, Refunded},
	Delivered:  {Refunded},
	Cancelled:  {Confirmed, Refunded},
	Refunded:   {},
}

var paymentTransitions = map[PaymentStatus][]PaymentStatus{
	PaymentPending:           {PaymentPaid, PaymentFailed},
	PaymentFailed:            {PaymentPaid},
	PaymentPaid:              {PaymentRefunded, PaymentPartiallyRefunded},
	PaymentPartiallyRefunded: {PaymentRefunded},
	PaymentRefunded:          {},
}

var fulfillmentTransitions = map[FulfillmentStatus][]FulfillmentStatus{
	Unfulfilled: {Partial, Fulfilled},
	Partial:     {Fulfilled},
	Fulfilled:   {},
}

var reviewTransitions = map[ReviewStatus][]ReviewStatus{
	NotReviewed: {Held},
	Held:        {Released, Rejected},
	Released:    {},
	Rejected:    {},
}

// Statuses staff may set by hand; the others follow from payments, cancellation and refunds.
var staffStatuses = []Status{Processing, Shipped, Delivered}

// check tells whether one state may follow another; each axis may also stay.
func check(from, to State) error {
	if err := checkAxis("status", statusTransitions, from.Status, to.Status); err != nil {
		return err
	}
	if err := checkAxis("paymentStatus", paymentTransitions, from.Payment, to.Payment); err != nil {
		return err
	}
	if err := checkAxis("fulfillmentStatus", fulfillmentTransitions, from.Fulfillment, to.Fulfillment); err != nil {
		return err
	}
	if err := checkAxis("review.status", reviewTransitions, from.Review, to.Review); err != nil {
		return err
	}
	return checkHold(from, to)
}

// checkHold keeps an order on hold from being sent, whichever way: none of what leads there happens before or while it
// is released.
func checkHold(from, to State) error {
	if from.Review != Held && to.Review != Held {
		return nil
	}
	if from.Fulfillment != to.Fulfillment || from.Status != to.Status && slices.Contains(staffStatuses, to.Status) {
		return ErrOnHold
	}
	return nil
}

func checkAxis[S ~string](axis string, table map[S][]S, from, to S) error {
	if from == to || slices.Contains(table[from], to) {
		return nil
	}
	return notAllowed(axis, string(from), string(to))
}

func notAllowed(axis, from, to string) error {
	return ErrTransition.With(errs.Field{
		Name: axis, Code: "transition_not_allowed", Message: fmt.Sprintf("%s cannot go from %s to %s.", axis, from, to),
	})
}
