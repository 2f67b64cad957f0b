package stripe

import (
	"errors"
	"fmt"

	stripego "github.com/stripe/stripe-go/v76"

	"cartwright/internal/payments"
)

// toError says what a failed call means (https://docs.stripe.com/error-low-level): no answer, a
// 5xx, a 409 or a 429 leave the outcome open; a 400 or 402 means that nothing was done. Stripe keeps
// a 500 under the request's key (https://docs.stripe.com/api/idempotent_requests).
func toError(doing string, err error) error { return toErrorOf(payments.ErrUnknownIntent, doing, err) }

// toErrorOf is toError where a 404 means another thing than an intent. Of no error it makes none.
func toErrorOf(unknown error, doing string, err error) error {
	if err == nil {
		return nil
	}
	wrapped := fmt.Errorf("%s at stripe: %w", doing, redact(err))
	var stripeErr *stripego.Error
	if !errors.As(err, &stripeErr) {
		return payments.ErrUnavailable.Wrap(wrapped)
	}
	switch {
	case stripeErr.Type == stripego.ErrorTypeCard:
		return payments.Declined(*toDecline(stripeErr))
	case stripeErr.HTTPStatusCode == 500:
		return payments.ErrUnavailable.Wrap(fmt.Errorf("%w: %w", payments.ErrKeySpent, wrapped))
	case stripeErr.HTTPStatusCode == 404:
		return fmt.Errorf("%w: %w", unknown, wrapped)
	case unknownCustomer(err):
		return fmt.Errorf("%w: %w", payments.ErrUnknownCustomer, wrapped)
	case stripeErr.HTTPStatusCode == 409 || stripeErr.HTTPStatusCode == 429 || stripeErr.HTTPStatusCode >= 500:
		return payments.ErrUnavailable.Wrap(wrapped)
	case stripeErr.Code == stripego.ErrorCodeAmountTooSmall || stripeErr.Code == stripego.ErrorCodeAmountTooLarge:
		return payments.ErrNotChargeable.Wrap(wrapped)
	case stripeErr.HTTPStatusCode == 401 || stripeErr.HTTPStatusCode == 403:
		return payments.ErrUnavailable.Wrap(wrapped)
	}
	return wrapped
}

// unknownCustomer tells whether Stripe refused a request because it has no such customer, or none any more. The customer
// of a path that it does not know is a 404.
func unknownCustomer(err error) bool {
	var stripeErr *stripego.Error
	return errors.As(err, &stripeErr) && stripeErr.Code == stripego.ErrorCodeResourceMissing && stripeErr.Param == "customer"
}

// refusedInput is the shopper's error when Stripe refuses what a confirmation named: a payment
// method that does not exist or was used up, or an address to return to that is none.
func refusedInput(err error) error {
	var stripeErr *stripego.Error
	if !errors.As(err, &stripeErr) || stripeErr.Type != stripego.ErrorTypeInvalidRequest ||
		stripeErr.Code == stripego.ErrorCodePaymentIntentUnexpectedState ||
		(stripeErr.HTTPStatusCode != 400 && stripeErr.HTTPStatusCode != 404) {
		return nil
	}
	if stripeErr.Param == "return_url" {
		return payments.ErrReturnURL.Wrap(redact(err))
	}
	return payments.ErrMethodUnknown.Wrap(redact(err))
}

// redact keeps what tells the failure's nature; Stripe's sentences may repeat what was sent.
func redact(err error) error {
	var stripeErr *stripego.Error
	if errors.As(err, &stripeErr) {
		return fmt.Errorf("status %d, type %s, code %s, param %s, request %s",
			stripeErr.HTTPStatusCode, stripeErr.Type, stripeErr.Code, stripeErr.Param, stripeErr.RequestID)
	}
	return err
}

// toDecline takes the network's reason where there is one; Stripe writes Msg for the shopper to
// read when the error is a card error.
func toDecline(err *stripego.Error) *payments.Decline {
	decline := &payments.Decline{Code: string(err.DeclineCode), Message: err.Msg}
	if decline.Code == "" {
		decline.Code = string(err.Code)
	}
	return decline
}
