package stripesim

// authenticateSetup takes the customer's answer to the challenge of a setup.
func (s *Server) authenticateSetup(si *setup, passed bool) {
	c := s.control()
	m := s.state.Methods.get(*si.PaymentMethod)
	refusal := firstOf(s.knownCustomer(si.Customer), m.usableBy(si.Customer))
	if !passed {
		refusal = refuse("setup_intent_authentication_failure", "", "The latest attempt to set up the payment method has failed because authentication failed.")
	}
	if refusal != nil {
		_ = s.declineSetup(c, si, m, refusal.body) // told by events and last_setup_error
		return
	}
	si.Authenticated = m.ID
	_ = s.setUp(c, si, m) // a decline is told by events and last_setup_error
}

func (si *setup) decide(s *Server, passed bool) { s.authenticateSetup(si, passed) }

func (si *setup) back(passed bool) string {
	return si.NextAction.back("setup_intent", si.ID, si.ClientSecret, passed)
}

func (si *setup) page() pageIntent {
	p := pageIntent{ID: si.ID, Display: "a card to be kept", Status: si.Status, Token: si.ActionToken}
	if si.Status == statusRequiresAction {
		p.Question = "Authenticate that this card is kept?"
	}
	return p
}
