package payments

import (
	"errors"
	"time"

	"cartwright/internal/errs"
)

// What a caller may react to.
var (
	ErrDeclined = errs.New(errs.Declined, "payment_declined", "The payment was declined.")
	ErrInFlight = errs.New(errs.Conflict, "payment_in_progress",
		"A payment of this order is on its way.").After(2 * time.Second)
	ErrEnded = errs.New(errs.Conflict, "payment_ended",
		"The payment that was prepared for this order has ended. Try again for a new one.").After(time.Second)
	ErrUnavailable = errs.New(errs.Unavailable, "payment_provider_unavailable",
		"The payment provider did not answer. The order is unchanged or will be settled by its answer.").After(2 * time.Second)
	ErrCaptureRefused = errs.New(errs.Conflict, "capture_refused",
		"The payment provider refused to take the money that is authorized. Try again, or cancel the order.")
	ErrCaptureDiffers = errs.New(errs.Conflict, "capture_amount_differs",
		"Another amount than the order's was taken at the payment provider. Give all of it back there, and cancel the order.")
	ErrRefundExceeds = errs.New(errs.Conflict, "refund_exceeds_payment",
		"That is more than is left of the payment to give back.")
	ErrDisputed = errs.New(errs.Conflict, "payment_disputed",
		"A bank disputes this payment, and nothing is given back before it has decided.")
	ErrNoRefund       = errs.New(errs.NotFound, "refund_not_found", "There is no such refund.")
	ErrSignature      = errs.New(errs.Malformed, "webhook_signature_invalid", "The webhook's signature does not fit.")
	ErrEvent          = errs.New(errs.Malformed, "webhook_event_unreadable", "The webhook's body is not an event.")
	ErrEventUnknown   = errs.New(errs.NotFound, "event_not_found", "There is no such event.")
	ErrEventForgotten = errs.New(errs.Conflict, "event_forgotten",
		"What this event said is no longer kept, and it named no payment.")
	ErrNoCard       = errs.New(errs.NotFound, "card_not_found", "There is no such card.")
	ErrNoSetup      = errs.New(errs.NotFound, "card_setup_not_found", "There is no such card setup.")
	ErrNoCustomer   = errs.New(errs.NotFound, "customer_not_found", "There is no such customer.")
	ErrTooManyCards = errs.New(errs.Conflict, "too_many_cards", "A customer has at most twenty saved cards.")
	ErrNoDefault    = errs.InvalidFields(errs.Field{
		Name: "isDefault", Code: "no_default", Message: "Make another card the default instead.",
	})
	ErrNoFinding      = errs.New(errs.NotFound, "finding_not_found", "There is no such finding.")
	ErrFindingNotOpen = errs.New(errs.Conflict, "finding_not_open", "This finding is not open any more.")
	ErrMethodUnknown  = errs.InvalidFields(errs.Field{
		Name: "paymentMethodId", Code: "unusable", Message: "This payment method does not exist or cannot be used.",
	})
	ErrReturnURL = errs.InvalidFields(errs.Field{
		Name: "returnUrl", Code: "unusable", Message: "The payment provider does not accept this address.",
	})
	ErrReturnOrigin = errs.InvalidFields(errs.Field{
		Name: "returnUrl", Code: "origin_not_allowed",
		Message: "The shop sends shoppers to its own pages, its storefront's and those of CORS_ORIGINS alone.",
	})
	ErrNotChargeable = errs.New(errs.Invalid, "amount_not_chargeable",
		"The payment provider does not accept a payment of this amount.")
)

// Causes within other errors, for those who ask the provider.
var (
	// ErrKeySpent is within an ErrUnavailable: the provider stored its failure under the request's
	// key, so the same request would only be answered the same. Nothing was charged by it.
	ErrKeySpent = errors.New("the provider keeps its failure under this key")
	// ErrUnknownIntent tells that the provider has no such intent.
	ErrUnknownIntent = errors.New("the provider knows no such intent")
	// ErrUnknownCustomer tells that the provider has no such customer, or none any more.
	ErrUnknownCustomer = errors.New("the provider knows no such customer")
	// ErrUnknownSetup tells that the provider has no such setup.
	ErrUnknownSetup = errors.New("the provider knows no such setup")
	// ErrUnknownCard tells that the provider has no such card of this customer, or none any more.
	ErrUnknownCard = errors.New("the provider knows no such card of this customer")
	// ErrUnreadable tells that the provider holds an intent in which we see no sense, or will not
	// show it: asking again would not help.
	ErrUnreadable = errors.New("the provider's intent cannot be read")
)

// Declined is ErrDeclined with the reason, in words fit for a shopper.
func Declined(decline Decline) error {
	err := *ErrDeclined
	err.DeclineCode = decline.Code
	if decline.Message != "" {
		err.Message = decline.Message
	}
	return &err
}

// CaptureRefused is ErrCaptureRefused with the provider's code for why.
func CaptureRefused(code string) error {
	err := *ErrCaptureRefused
	err.DeclineCode = code
	return &err
}

// MethodRefused tells whether the provider refused what the shopper named to pay with.
func MethodRefused(err error) bool {
	var known *errs.Error
	return errors.As(err, &known) && known.Kind == errs.Declined || MethodUnknown(err)
}

// MethodUnknown tells whether the provider does not know what the shopper named to pay with, or not any more.
func MethodUnknown(err error) bool {
	var known *errs.Error
	return errors.As(err, &known) && known.Is(ErrMethodUnknown) && known.Fields[0].Name == ErrMethodUnknown.Fields[0].Name
}
