package orders

import (
	"fmt"
	"slices"

	"cartwright/internal/errs"
)

// Where each status may go. CANCELLED → CONFIRMED is the reinstatement of an order whose payment
// came after it had expired; SHIPPED → PROCESSING that of one of which a fulfilment was recorded by mistake; PROCESSING →
// DELIVERED the end of one whose rest is cancelled after what was sent has arrived.
var statusTransitions = map[Status][]Status{
	Pending:    {Confirmed, Cancelled},
	Confirmed:  {Processing, Shipped, Cancelled, Refunded},
	Processing: {Shipped, Delivered, Cancelled, Refunded},
	Shipped:    {Processing, Delivered, Refunded},
	Delivered:  {Refunded},
	Cancelled:  {Confirmed, Refunded},
	Refunded:   {},
}

// A refund that a bank sends back after all takes the payment back to where it was. The order as a whole stays REFUNDED:
// its end was decided, and what is left is to give the money back another way. What was authorized and let go is FAILED.
var paymentTransitions = map[PaymentStatus][]PaymentStatus{
	PaymentPending:           {PaymentAuthorized, PaymentPaid, PaymentFailed},
	PaymentFailed:            {PaymentAuthorized, PaymentPaid},
	PaymentAuthorized:        {PaymentPaid, PaymentFailed},
	PaymentPaid:              {PaymentRefunded, PaymentPartiallyRefunded},
	PaymentPartiallyRefunded: {PaymentRefunded, PaymentPaid},
	PaymentRefunded:          {PaymentPartiallyRefunded, PaymentPaid},
}

var fulfillmentTransitions = map[FulfillmentStatus][]FulfillmentStatus{
	Unfulfilled: {Partial, Fulfilled},
	Partial:     {Unfulfilled, Fulfilled},
	Fulfilled:   {Unfulfilled, Partial},
}

// A dispute holds an order whatever was decided of it before, and one that the shop wins takes it back to that.
var reviewTransitions = map[ReviewStatus][]ReviewStatus{
	NotReviewed: {Held},
	Held:        {Released, Rejected, NotReviewed},
	Released:    {Held},
	Rejected:    {Held},
}

// deliveryTransitions are those of one fulfilment.
var deliveryTransitions = map[DeliveryStatus][]DeliveryStatus{
	Sent:      {Arrived, TakenBack},
	Arrived:   {},
	TakenBack: {},
}

// returnTransitions are those of one return. A refund that failed after it was made leaves what came to be refunded again.
var returnTransitions = map[ReturnStatus][]ReturnStatus{
	ReturnRequested: {ReturnApproved, ReturnRejected, ReturnCancelled},
	ReturnApproved:  {ReturnReceived, ReturnCancelled},
	ReturnRejected:  {},
	ReturnCancelled: {},
	ReturnReceived:  {ReturnRefunded, ReturnClosed},
	ReturnClosed:    {},
	ReturnRefunded:  {ReturnReceived},
}

// byHand is where staff may move an order by naming the status; the others follow from payments, fulfilments,
// cancellation and refunds.
var byHand = map[Status][]Status{
	Confirmed:  {Processing, Shipped},
	Processing: {Shipped},
	Shipped:    {Delivered},
}

// nearer are the statuses that bring an order nearer to its customer.
var nearer = []Status{Processing, Shipped, Delivered}

// check reports whether one state may follow another; each axis may also stay.
func check(from, to State) error {
	if err := checkAxes(from, to); err != nil {
		return err
	}
	if err := checkHold(from, to); err != nil {
		return err
	}
	if err := checkTaken(from, to); err != nil {
		return err
	}
	return checkSent(from, to)
}

// checkAxes is check of each axis alone.
func checkAxes(from, to State) error {
	if err := checkAxis("status", statusTransitions, from.Status, to.Status); err != nil {
		return err
	}
	if err := checkAxis("paymentStatus", paymentTransitions, from.Payment, to.Payment); err != nil {
		return err
	}
	if err := checkAxis("fulfillmentStatus", fulfillmentTransitions, from.Fulfillment, to.Fulfillment); err != nil {
		return err
	}
	return checkAxis("review.status", reviewTransitions, from.Review, to.Review)
}

// checkTaken keeps an order from being sent, whichever way, whose money was not taken.
func checkTaken(from, to State) error {
	sends := from.Fulfillment != to.Fulfillment || from.Status != to.Status && (to.Status == Shipped || to.Status == Delivered)
	if to.Payment == PaymentAuthorized && sends {
		return ErrUnpaid
	}
	return nil
}

// checkSent keeps an order from being cancelled of which something was sent: its stock would come back, and the goods
// would not.
func checkSent(from, to State) error {
	if from.Status != to.Status && to.Status == Cancelled && to.Fulfillment != Unfulfilled {
		return ErrSent
	}
	return nil
}

// checkHold keeps an order on hold from being sent, whichever way: none of what leads there happens before or while it
// is released.
func checkHold(from, to State) error {
	if from.Review != Held && to.Review != Held {
		return nil
	}
	if from.Fulfillment != to.Fulfillment || from.Status != to.Status && slices.Contains(nearer, to.Status) {
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

// notAllowed is an ErrTransition that says which rule refuses.
func notAllowed(axis, from, to string) error {
	rule := fmt.Sprintf("%s cannot go from %s to %s.", axis, from, to)
	refused := ErrTransition.With(errs.Field{Name: axis, Code: ErrTransition.Code, Message: rule})
	refused.Message = "The order's " + rule
	return refused
}
