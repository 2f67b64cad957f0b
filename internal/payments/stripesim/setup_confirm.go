package stripesim

import "net/http"

var confirmSetupParams = clientParams.with(confirmSetupOnly, params{
	"payment_method": text, "payment_method_data": unsimulated, "payment_method_options": unsimulated,
})

func checkConfirmSetup(c *call) *apiError { return checkURL(c.args, "return_url") }

func (s *Server) confirmSetup(c *call) (any, *apiError) {
	si, err := s.findSetup(c)
	switch {
	case err != nil:
		return nil, err
	case si.Status == statusSucceeded:
		return nil, si.unexpectedState("You cannot confirm this SetupIntent because it has already succeeded.")
	case !si.waits():
		return nil, si.unexpectedState("You cannot confirm this SetupIntent because it has a status of %s. Only a SetupIntent with one of the following statuses may be confirmed: requires_confirmation, requires_action.", si.Status)
	}
	m, err := s.methodToSetUp(c, si)
	if err != nil {
		return nil, err
	}
	if m == nil && si.PaymentMethod != nil {
		m = s.state.Methods.get(*si.PaymentMethod)
	}
	if err := s.maySetUp(c, si, m); err != nil {
		return nil, err
	}
	si.useMethod(m)
	si.newAttempt()
	if err := s.setUp(c, si, m); err != nil {
		return nil, err
	}
	return si.SetupIntent, nil
}

// methodToSetUp resolves the payment_method parameter, if there is one.
func (s *Server) methodToSetUp(c *call, si *setup) (*method, *apiError) {
	id := c.args.text("payment_method")
	if id == "" {
		return nil, nil
	}
	m := s.findMethod(c, id)
	switch {
	case m == nil:
		return nil, noSuch("PaymentMethod", "payment_method", id)
	case m.Type != "card":
		return nil, refuse("setup_intent_invalid_parameter", "payment_method",
			"The PaymentMethod provided (%s) is not allowed for this SetupIntent.", m.Type)
	}
	return m, m.usableBy(si.Customer)
}

// maySetUp refuses an attempt that Stripe would refuse before making it.
func (s *Server) maySetUp(c *call, si *setup, m *method) *apiError {
	if m == nil {
		return si.unexpectedState("You cannot confirm this SetupIntent because it's missing a payment method. Update the SetupIntent with a payment method and then confirm it again.")
	}
	automatic := si.AutomaticPaymentMethods
	if automatic != nil && automatic.AllowRedirects != "never" && !excusedFromReturnURL(c) {
		return missingReturnURL("Setup Intent")
	}
	return firstOf(s.knownCustomer(si.Customer), m.usableBy(si.Customer))
}

// newAttempt names the try that a confirmation is; authenticating goes on with it.
func (si *setup) newAttempt() { si.LatestAttempt = new(newID("setatt_")) }

// setUp confirms the setup with m, which maySetUp has allowed. A decline is returned
// as the error Stripe answers with; the setup then waits for another method.
func (s *Server) setUp(c *call, si *setup, m *method) *apiError {
	b := catalogue[m.Behaviour]
	si.LastSetupError, si.NextAction, si.ActionToken = nil, nil, ""
	switch {
	case b.challenge && si.Authenticated != m.ID:
		si.Status, si.ActionToken = statusRequiresAction, randomText(24)
		si.NextAction = nextAction(c, si.ID, si.ActionToken)
		s.record(c, "setup_intent.requires_action", si.SetupIntent)
	case b.refusesSetup():
		return s.declineSetup(c, si, m, b.fails.body())
	default:
		if si.Customer != nil {
			s.attach(c, m, *si.Customer)
		}
		m.SetUp = m.SetUp || si.Usage == "off_session"
		si.Status = statusSucceeded
		s.record(c, "setup_intent.succeeded", si.SetupIntent)
	}
	return nil
}

// declineSetup sends the setup back to wait for another method.
func (s *Server) declineSetup(c *call, si *setup, m *method, why ErrorBody) *apiError {
	why.PaymentMethod = &m.PaymentMethod
	kept := why
	si.Status, si.LastSetupError = statusRequiresPaymentMethod, &kept
	si.PaymentMethod, si.NextAction, si.ActionToken, si.Authenticated = nil, nil, "", ""
	s.record(c, "setup_intent.setup_failed", si.SetupIntent)
	why.SetupIntent = si.copy()
	return &apiError{http.StatusPaymentRequired, why}
}
