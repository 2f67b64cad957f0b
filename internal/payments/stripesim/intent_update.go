package stripesim

import "strings"

var updateParams = detailParams.with(params{"amount": integer, "currency": text})

func checkUpdate(c *call) *apiError {
	if currency := strings.ToLower(c.args.text("currency")); c.args.has("currency") {
		if err := checkCurrency(currency); err != nil {
			return err
		}
	}
	return checkDetails(c.args)
}

// reopening are the parameters that change what is being paid; they need an intent
// that has not been paid, given up or sent to a bank.
var reopening = []string{"amount", "currency", "capture_method", "payment_method", "customer", "setup_future_usage"}

func (s *Server) updateIntent(c *call) (any, *apiError) {
	in, err := s.findIntent(c)
	if err != nil {
		return nil, err
	}
	reopened := ""
	for _, name := range reopening {
		if c.args.has(name) {
			reopened = name
		}
	}
	if reopened != "" && !in.in(statusRequiresPaymentMethod, statusRequiresConfirmation, statusRequiresAction) {
		return nil, unexpectedState(in,
			"This PaymentIntent's %s could not be updated because it has a status of %s. You may only update the %s of a PaymentIntent with one of the following statuses: requires_payment_method, requires_confirmation, requires_action.",
			reopened, in.Status, reopened)
	}
	changed, err := s.updated(c, in)
	if err != nil {
		return nil, err
	}
	if reopened != "" && changed.Status == statusRequiresAction {
		// The customer was asked to approve something else.
		changed.Status, changed.NextAction, changed.ActionToken = statusRequiresConfirmation, nil, ""
	}
	*in = changed
	return in.PaymentIntent, nil
}

// updated is the intent with the call's changes, or why they cannot be.
func (s *Server) updated(c *call, in *intent) (intent, *apiError) {
	changed := *in
	if c.args.has("amount") {
		changed.Amount = c.args.integer("amount")
	}
	if c.args.has("currency") {
		changed.Currency = strings.ToLower(c.args.text("currency"))
	}
	if err := checkAmount(changed.Amount, changed.Currency); err != nil {
		return changed, err
	}
	if changed.Amount != in.Amount || changed.Currency != in.Currency {
		changed.Authenticated = ""
	}
	changed.setDetails(c.args)
	if err := s.knownCustomer(changed.Customer); err != nil && c.args.has("customer") {
		return changed, err
	}
	m, err := s.givenMethod(c, &changed)
	if err != nil {
		return changed, err
	}
	changed.useMethod(m)
	return changed, nil
}
