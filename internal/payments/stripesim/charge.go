package stripesim

import "net/http"

// addCharge makes the charge of one attempt and the intent's latest.
func (s *Server) addCharge(c *call, in *intent, m *method, status string) *Charge {
	intentID, methodID := in.ID, m.ID
	ch := &Charge{
		ID: newID("ch_"), Object: "charge", Amount: in.Amount, BillingDetails: m.BillingDetails,
		Created: c.now.Unix(), Currency: in.Currency, Customer: in.Customer, Description: in.Description,
		Metadata: in.Metadata, PaymentIntent: &intentID, PaymentMethod: &methodID,
		PaymentMethodDetails: PaymentMethodDetails{Type: m.Type, Card: m.Card, USBankAccount: m.USBankAccount},
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
	network, kind, seller := "declined_by_network", "issuer_declined", "The bank did not return any further details with this decline."
	if why.blocked {
		network, kind, seller = "not_sent_to_network", "blocked", "Stripe blocked this payment as too risky."
	}
	ch.Outcome = &Outcome{NetworkStatus: &network, Reason: &reason, RiskLevel: "normal", SellerMessage: &seller, Type: kind}
}

func approved() *Outcome {
	network, seller := "approved_by_network", "Payment complete."
	return &Outcome{NetworkStatus: &network, RiskLevel: "normal", SellerMessage: &seller, Type: "authorized"}
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
