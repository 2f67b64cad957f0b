package stripesim

import "slices"

var confirmParams = clientParams.with(confirmOnly, shippingParams, params{
	"payment_method": text, "payment_method_types[]": text, "receipt_email": text,
	"setup_future_usage": text, "capture_method": text,
	"payment_method_data": unsimulated, "payment_method_options": unsimulated, secureOption: text,
})

func checkConfirm(c *call) *apiError {
	return firstOf(checkDetails(c.args), checkConfirming(c.args))
}

func (s *Server) confirmIntent(c *call) (any, *apiError) {
	in, err := s.findIntent(c)
	if err != nil {
		return nil, err
	}
	if err := confirmable(c, in); err != nil {
		return nil, err
	}
	changed := *in
	changed.setDetails(c.args)
	m, err := s.givenMethod(c, &changed)
	if err != nil {
		return nil, err
	}
	if m == nil && in.PaymentMethod != nil {
		m = s.state.Methods.get(*in.PaymentMethod)
	}
	if err := s.mayConfirm(c, &changed, m); err != nil {
		return nil, err
	}
	*in = changed
	in.useMethod(m)
	if err := s.attempt(c, in, m); err != nil {
		return nil, err
	}
	return in.PaymentIntent, nil
}

// confirmable refuses intents whose status is past confirming.
func confirmable(c *call, in *intent) *apiError {
	switch {
	case in.Status == statusSucceeded:
		return unexpectedState(in, "You cannot confirm this PaymentIntent because it has already succeeded after being previously confirmed.")
	case !in.in(statusRequiresPaymentMethod, statusRequiresConfirmation, statusRequiresAction):
		return unexpectedState(in, "You cannot confirm this PaymentIntent because it has a status of %s. Only a PaymentIntent with one of the following statuses may be confirmed: requires_confirmation, requires_action.", in.Status)
	case c.publishable && in.ConfirmationMethod == "manual":
		return refuse("", "", "This PaymentIntent cannot be confirmed using your publishable key because its `confirmation_method` is set to `manual`. Please use your secret key instead, or create a PaymentIntent with `confirmation_method` set to `automatic`.")
	}
	return nil
}

// givenMethod resolves the payment_method parameter, if there is one.
func (s *Server) givenMethod(c *call, in *intent) (*method, *apiError) {
	id := c.args.text("payment_method")
	if id == "" {
		return nil, nil
	}
	m := s.findMethod(c, id)
	if m == nil {
		return nil, noSuch("PaymentMethod", "payment_method", id)
	}
	if !slices.Contains(in.PaymentMethodTypes, m.Type) {
		return nil, refuse("payment_intent_incompatible_payment_method", "payment_method",
			"The PaymentMethod provided (%s) is not allowed for this PaymentIntent.", m.Type)
	}
	return m, m.usableBy(in.Customer)
}

// mayConfirm refuses an attempt that Stripe would refuse before making it.
func (s *Server) mayConfirm(c *call, in *intent, m *method) *apiError {
	automatic := in.AutomaticPaymentMethods
	switch {
	case m == nil:
		return refuse("payment_intent_unexpected_state", "", "You cannot confirm this PaymentIntent because it's missing a payment method. You can either update the PaymentIntent with a payment method and then confirm it again, or confirm it again directly with a payment method.")
	case automatic != nil && c.args.boolean("error_on_requires_action"):
		return refuse("", "error_on_requires_action", "The parameter `error_on_requires_action` can only be used with `payment_method_types`.")
	case automatic != nil && automatic.AllowRedirects != "never" && !excusedFromReturnURL(c):
		return missingReturnURL("Payment Intent")
	case m.Type == "us_bank_account" && (in.Currency != "usd" || in.CaptureMethod == "manual"):
		return refuse("", "payment_method", "A us_bank_account payment must be in usd and captured automatically.")
	}
	return firstOf(s.knownCustomer(in.Customer), m.usableBy(in.Customer))
}

func missingReturnURL(kind string) *apiError {
	return refuse("", "return_url", "A `return_url` must be specified because this %s is configured to automatically accept the payment methods enabled in the Dashboard, some of which may require a full page redirect to succeed. If you do not want to accept redirect-based payment methods, set `automatic_payment_methods[enabled]` to `true` and `automatic_payment_methods[allow_redirects]` to `never` when creating Setup Intents and Payment Intents.", kind)
}

// excusedFromReturnURL: Stripe.js handles the redirect itself, and an absent customer
// cannot be redirected.
func excusedFromReturnURL(c *call) bool {
	return c.args.text("return_url") != "" || offSession(c) ||
		c.publishable && c.args.boolean("use_stripe_sdk")
}

func offSession(c *call) bool {
	value := c.args.text("off_session")
	return value != "" && value != "false"
}
