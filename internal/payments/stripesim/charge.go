package stripesim

import "net/http"

// addCharge makes the charge of one attempt and the intent's latest.
func (s *Server) addCharge(c *call, in *intent, m *method, status string) *Charge {
	intentID, methodID := in.ID, m.ID
	ch := &Charge{
		ID: newID("ch_"), Object: "charge", Amount: in.Amount, BillingDetails: m.BillingDetails,
		Created: c.now.Unix(), Currency: in.Currency, Customer: in.Customer, Description: in.Description,
		Metadata: in.Metadata, PaymentIntent: &intentID, PaymentMethod: &methodID,
		PaymentMethodDetails: PaymentMethodDetails{Type: m.Type, Card: m.checked(), USBankAccount: m.USBankAccount},
		ReceiptEmail:         in.ReceiptEmail, Shipping: in.Shipping, Status: status,
		StatementDescriptor: in.StatementDescriptor, StatementDescriptorSuffix: in.StatementDescriptorSuffix,
		TransferGroup: in.TransferGroup,
	}
	s.state.Charges.add(ch)
	in.LatestCharge = &ch.ID
	return ch
}

func (ch *Charge) fail(why *decline) {
	code, message, reason := why.code, why.message, why.declineCode
	ch.Status, ch.FailureCode, ch.FailureMessage = "failed", &code, &message
	network, kind, seller, risk := "declined_by_network", "issuer_declined", "The bank did not return any further details with this decline.", riskNormal
	if why.blocked {
		network, kind, seller, risk = "not_sent_to_network", "blocked", "Stripe blocked this payment as too risky.", riskHighest
		reason = "highest_risk_level"
	}
	ch.Outcome = &Outcome{NetworkStatus: &network, Reason: &reason, RiskLevel: risk, SellerMessage: &seller, Type: kind}
}

func approved(risk string) *Outcome {
	network, seller := "approved_by_network", "Payment complete."
	return &Outcome{NetworkStatus: &network, RiskLevel: risk, SellerMessage: &seller, Type: "authorized"}
}

// lets tells whether the account lets a payment through that it might block for its risk alone.
func (s *Server) lets(behaviour string) bool {
	return s.letHighestRisk && behaviour == "riskLevelHighest"
}

// risk is what the risk engine makes of a method; nobody assesses a bank account.
func (m *method) risk() string {
	switch b := catalogue[m.Behaviour]; {
	case b.bank:
		return "not_assessed"
	case b.risk != "":
		return b.risk
	}
	return riskNormal
}

// checked is the method's card with what the bank found when it was charged.
func (m *method) checked() *Card {
	if m.Card == nil {
		return nil
	}
	card, found, fail := *m.Card, catalogue[m.Behaviour].checks, "fail"
	if found.cvc {
		card.Checks.CVCCheck = &fail
	}
	if found.line1 {
		card.Checks.AddressLine1Check = &fail
	}
	if found.postalCode {
		card.Checks.AddressPostalCodeCheck = &fail
	}
	return &card
}

func (s *Server) getCharge(c *call) (any, *apiError) {
	ch := s.state.Charges.get(c.id)
	if ch == nil {
		return nil, noSuch("charge", "id", c.id).withStatus(http.StatusNotFound)
	}
	return *ch, nil
}

// latestCharge of an intent that has one; the caller knows it does.
func (s *Server) latestCharge(in *intent) *Charge {
	if in.LatestCharge == nil {
		return nil
	}
	return s.state.Charges.get(*in.LatestCharge)
}
