package stripesim

// confirmSetupOnly are the parameters that mean something only while confirming.
var confirmSetupOnly = mandateParams.with(params{"return_url": text, "use_stripe_sdk": boolean})

var createSetupParams = expandParams.with(metadataParams, confirmSetupOnly, params{
	"automatic_payment_methods[enabled]": boolean, "automatic_payment_methods[allow_redirects]": text,
	"confirm": boolean, "customer": text, "description": text, "payment_method": text,
	"payment_method_types[]": text, "usage": text,
	"attach_to_self": unsimulated, "flow_directions": unsimulated, "on_behalf_of": unsimulated,
	"payment_method_configuration": unsimulated, "payment_method_data": unsimulated,
	"payment_method_options": unsimulated, "single_use": unsimulated,
})

func checkCreateSetup(c *call) *apiError {
	a := c.args
	for _, methodType := range a.list("payment_method_types") {
		if methodType != "card" {
			return refuse("", "payment_method_types",
				"The payment method type \"%s\" is invalid or not simulated; use card.", methodType)
		}
	}
	return firstOf(checkMetadata(a), a.oneOf("usage", "on_session", "off_session"), checkAutomatic(a),
		checkOnlyConfirming(a, confirmSetupOnly, "SetupIntent"), checkURL(a, "return_url"))
}

func (s *Server) createSetup(c *call) (any, *apiError) {
	si := newSetup(c)
	if err := s.knownCustomer(si.Customer); err != nil {
		return nil, err
	}
	m, err := s.methodToSetUp(c, si)
	if err != nil {
		return nil, err
	}
	if c.args.boolean("confirm") {
		if err := s.maySetUp(c, si, m); err != nil {
			return nil, err
		}
	}
	si.useMethod(m)
	s.state.Setups.add(si)
	s.record(c, "setup_intent.created", si.SetupIntent)
	if c.args.boolean("confirm") {
		si.newAttempt()
		if err := s.setUp(c, si, m); err != nil {
			return nil, err
		}
	}
	return si.SetupIntent, nil
}

func newSetup(c *call) *setup {
	id := newID("seti_")
	si := &setup{SetupIntent: SetupIntent{
		ID: id, Object: "setup_intent", ClientSecret: id + "_secret_" + randomText(25), Created: c.now.Unix(),
		Customer: c.args.optional("customer"), Description: c.args.optional("description"),
		Metadata:             mergeMetadata(nil, c.args),
		PaymentMethodOptions: map[string]any{"card": map[string]any{"mandate_options": nil, "network": nil, "request_three_d_secure": "automatic"}},
		PaymentMethodTypes:   []string{"card"}, Status: statusRequiresPaymentMethod, Usage: "off_session",
	}}
	if usage := c.args.text("usage"); usage != "" {
		si.Usage = usage
	}
	si.AutomaticPaymentMethods = automatic(c.args, c.args.list("payment_method_types") != nil)
	return si
}

// useMethod makes m the setup's method; nil leaves it without.
func (si *setup) useMethod(m *method) {
	if m == nil {
		return
	}
	si.PaymentMethod = &m.ID
	si.Status = statusRequiresConfirmation
	si.NextAction, si.ActionToken = nil, ""
}
