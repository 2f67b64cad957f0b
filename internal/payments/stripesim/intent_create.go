package stripesim

import "strings"

// confirmOnly are the parameters that mean something only while confirming.
var confirmOnly = params{
	"error_on_requires_action": boolean, "off_session": text, "return_url": text, "use_stripe_sdk": boolean,
	"mandate": unsimulated, "radar_options": unsimulated,
}.with(mandateParams)

// mandateParams say how a customer agreed to be charged in their absence.
var mandateParams = params{
	"mandate_data[customer_acceptance][type]":                      text,
	"mandate_data[customer_acceptance][accepted_at]":               integer,
	"mandate_data[customer_acceptance][offline]":                   text,
	"mandate_data[customer_acceptance][online][ip_address]":        text,
	"mandate_data[customer_acceptance][online][user_agent]":        text,
	"mandate_data[customer_acceptance][online][infer_from_client]": boolean,
}

var createParams = detailParams.with(confirmOnly, params{
	"amount": integer, "currency": text, "confirm": boolean, "confirmation_method": text,
	"automatic_payment_methods[enabled]": boolean, "automatic_payment_methods[allow_redirects]": text,
})

func checkCreate(c *call) *apiError {
	a := c.args
	for _, name := range []string{"amount", "currency"} {
		if a.text(name) == "" {
			return missingParam(name)
		}
	}
	currency := strings.ToLower(a.text("currency"))
	return firstOf(
		checkCurrency(currency), checkAmount(a.integer("amount"), currency), checkDetails(a),
		a.oneOf("confirmation_method", "automatic", "manual"), checkAutomatic(a), checkConfirmOnly(a),
	)
}

// checkAutomatic refuses contradictions about who chooses the accepted methods.
func checkAutomatic(a args) *apiError {
	redirects := a.has("automatic_payment_methods[allow_redirects]")
	if redirects && !a.has("automatic_payment_methods[enabled]") {
		return missingParam("automatic_payment_methods[enabled]")
	}
	if err := a.oneOf("automatic_payment_methods[allow_redirects]", "always", "never"); err != nil {
		return err
	}
	if !a.boolean("automatic_payment_methods[enabled]") {
		return nil
	}
	if a.list("payment_method_types") != nil {
		return refuse("", "", "You may only specify one of these parameters: automatic_payment_methods, payment_method_types.")
	}
	if a.has("confirmation_method") {
		return refuse("", "", "You may only specify one of these parameters: automatic_payment_methods, confirmation_method.")
	}
	return nil
}

// checkConfirmOnly checks the parameters of confirming, also within a creation.
func checkConfirmOnly(a args) *apiError {
	if err := checkOnlyConfirming(a, confirmOnly, "PaymentIntent"); err != nil || !a.boolean("confirm") {
		return err
	}
	return checkConfirming(a)
}

// checkOnlyConfirming refuses the parameters of confirming where nothing is confirmed.
func checkOnlyConfirming(a args, confirming params, kind string) *apiError {
	if a.boolean("confirm") {
		return nil
	}
	for name := range a.values {
		if _, only := confirming[name]; only && name != "use_stripe_sdk" {
			return refuse("", name, "The parameter `%s` cannot be passed when creating a %s unless `confirm` is set to true.", name, kind)
		}
	}
	return nil
}

// checkConfirming checks what any confirmation may carry.
func checkConfirming(a args) *apiError {
	return firstOf(checkURL(a, "return_url"), a.oneOf("off_session", "true", "false", "one_off", "recurring"))
}

func (s *Server) createIntent(c *call) (any, *apiError) {
	in := newIntent(c)
	if err := s.knownCustomer(in.Customer); err != nil {
		return nil, err
	}
	m, err := s.givenMethod(c, in)
	if err != nil {
		return nil, err
	}
	if c.args.boolean("confirm") {
		if err := s.mayConfirm(c, in, m); err != nil {
			return nil, err
		}
	}
	in.useMethod(m)
	s.state.Intents.add(in)
	s.record(c, "payment_intent.created", in.PaymentIntent)
	if c.args.boolean("confirm") {
		if err := s.attempt(c, in, m); err != nil {
			return nil, err
		}
	}
	return in.PaymentIntent, nil
}

func newIntent(c *call) *intent {
	id := newID("pi_")
	in := &intent{PaymentIntent: PaymentIntent{
		ID: id, Object: "payment_intent", Amount: c.args.integer("amount"),
		CaptureMethod: "automatic", ClientSecret: id + "_secret_" + randomText(25),
		ConfirmationMethod: "automatic", Created: c.now.Unix(),
		Currency: strings.ToLower(c.args.text("currency")), Status: statusRequiresPaymentMethod,
	}}
	if method := c.args.text("confirmation_method"); method != "" {
		in.ConfirmationMethod = method
	}
	in.chooseTypes(c.args)
	in.setDetails(c.args)
	return in
}

// chooseTypes applies the default of 2023-08-16: without a choice, the Dashboard's
// methods are accepted, redirecting ones included.
func (in *intent) chooseTypes(a args) {
	in.PaymentMethodTypes = []string{"card"}
	in.AutomaticPaymentMethods = automatic(a, a.list("payment_method_types") != nil || a.has("confirmation_method"))
	if in.AutomaticPaymentMethods != nil && in.Currency == "usd" {
		in.PaymentMethodTypes = []string{"card", "us_bank_account"}
	}
}

// automatic is nil when the methods were chosen, or the Dashboard's were not wanted.
func automatic(a args, chosen bool) *AutomaticPaymentMethods {
	const enabled = "automatic_payment_methods[enabled]"
	if a.has(enabled) && !a.boolean(enabled) || !a.has(enabled) && chosen {
		return nil
	}
	redirects := a.text("automatic_payment_methods[allow_redirects]")
	if redirects == "" {
		redirects = "always"
	}
	return &AutomaticPaymentMethods{Enabled: true, AllowRedirects: redirects}
}

// useMethod makes m the intent's method; nil leaves it without.
func (in *intent) useMethod(m *method) {
	if m == nil {
		return
	}
	in.PaymentMethod = &m.ID
	in.Status = statusRequiresConfirmation
	in.NextAction, in.ActionToken = nil, ""
}
