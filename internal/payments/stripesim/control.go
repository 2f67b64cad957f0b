package stripesim

import "fmt"

// control is the call of something no API request caused.
func (s *Server) control() *call {
	return &call{now: s.now()}
}

// Intent is one PaymentIntent as it is now.
func (s *Server) Intent(id string) (PaymentIntent, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	in := s.state.Intents.get(id)
	if in == nil {
		return PaymentIntent{}, false
	}
	return in.PaymentIntent, true
}

// Intents are all PaymentIntents, oldest first.
func (s *Server) Intents() []PaymentIntent {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := make([]PaymentIntent, 0, len(s.state.Intents.items))
	for _, in := range s.state.Intents.items {
		all = append(all, in.PaymentIntent)
	}
	return all
}

// Charges are all charges, failed ones included, oldest first.
func (s *Server) Charges() []Charge {
	return copies(s, func() []*Charge { return s.state.Charges.items })
}

// Refunds are all that give money back, oldest first.
func (s *Server) Refunds() []Refund {
	return copies(s, func() (all []*Refund) {
		for _, re := range s.state.Refunds.items {
			if !re.OfHold {
				all = append(all, &re.Refund)
			}
		}
		return all
	})
}

// Disputes are all disputes, oldest first.
func (s *Server) Disputes() []Dispute {
	return copies(s, func() []*Dispute { return s.state.Disputes.items })
}

// Events are all recorded events, oldest first.
func (s *Server) Events() []Event { return copies(s, func() []*Event { return s.state.Events.items }) }

func copies[T any](s *Server, items func() []*T) []T {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []T
	for _, item := range items() {
		all = append(all, *item)
	}
	return all
}

// Authenticate ends the customer's challenge of an intent or a setup: passed, it goes on
// (and may still be declined); not passed, it waits for another method. It fails when
// it does not wait for the customer.
func (s *Server) Authenticate(id string, passed bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if si := s.state.Setups.get(id); si != nil && si.Status == statusRequiresAction {
		s.authenticateSetup(si, passed)
		return nil
	}
	in := s.state.Intents.get(id)
	if in == nil || in.Status != statusRequiresAction {
		return fmt.Errorf("authenticate %s: it does not wait for the customer", id)
	}
	s.authenticate(in, passed)
	return nil
}

func (s *Server) authenticate(in *intent, passed bool) {
	c := s.control()
	m := s.state.Methods.get(*in.PaymentMethod)
	refusal := m.usableBy(in.Customer)
	if !passed {
		refusal = refuse("payment_intent_authentication_failure", "", "The provided PaymentMethod has failed authentication. You can provide payment_method_data or a new PaymentMethod to attempt to fulfill this PaymentIntent again.")
	}
	if refusal != nil {
		refusal.body.PaymentMethod = &m.PaymentMethod
		in.reject(refusal.body)
		s.record(c, "payment_intent.payment_failed", in.PaymentIntent)
		return
	}
	in.Authenticated = m.ID
	if in.ConfirmationMethod == "manual" {
		in.Status, in.NextAction, in.ActionToken = statusRequiresConfirmation, nil, ""
		s.snapshots.changed()
		return
	}
	_ = s.attempt(c, in, m) // a decline is told by events and last_payment_error
}

// FinishProcessing brings the bank's answer to a payment in processing.
func (s *Server) FinishProcessing(id string, paid bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	in := s.state.Intents.get(id)
	if in == nil || in.Status != statusProcessing {
		return fmt.Errorf("finish processing %s: it is not processing", id)
	}
	s.finishProcessing(in, paid)
	return nil
}

func (s *Server) finishProcessing(in *intent, paid bool) {
	c, ch := s.control(), s.latestCharge(in)
	if paid {
		s.approve(c, in, ch)
		return
	}
	ch.fail(&decline{code: "insufficient_funds", declineCode: "insufficient_funds", message: "The bank account has insufficient funds."})
	why := refuse("payment_intent_payment_attempt_failed", "", "The payment attempt failed: the bank account has insufficient funds.").body
	why.Charge = ch.ID
	if m := s.state.Methods.get(*in.PaymentMethod); m != nil {
		why.PaymentMethod = &m.PaymentMethod
	}
	in.reject(why)
	s.record(c, "charge.failed", *ch)
	s.record(c, "payment_intent.payment_failed", in.PaymentIntent)
}

// ExpireHold has a bank let go of money that was held for too long: nobody can capture it any more.
func (s *Server) ExpireHold(id string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	in := s.state.Intents.get(id)
	if in == nil || in.Status != statusRequiresCapture {
		return fmt.Errorf("expire the hold of %s: it holds no money", id)
	}
	reason := "automatic"
	s.cancel(s.control(), in, &reason)
	return nil
}

// FinishRefund settles a pending refund, or fails one that had seemed to succeed; the
// money of a failed refund is back with the merchant.
func (s *Server) FinishRefund(id string, paid bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	re := s.state.Refunds.get(id)
	if re == nil || re.over() || paid && re.Status == "succeeded" {
		return fmt.Errorf("finish refund %s: it is not pending", id)
	}
	if !paid {
		s.failRefund(s.control(), re)
		return nil
	}
	re.Status, re.NextAction = "succeeded", nil
	s.record(s.control(), "charge.refund.updated", re.Refund)
	return nil
}

// AskForRefund has a pending refund wait for the customer to say where their money goes.
func (s *Server) AskForRefund(id string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	re := s.state.Refunds.get(id)
	if re == nil || re.Status != "pending" {
		return fmt.Errorf("ask for refund %s: it is not pending", id)
	}
	c := s.control()
	re.Status, re.NextAction = "requires_action", &RefundAction{Type: "display_details", DisplayDetails: RefundDetails{
		EmailSent: RefundEmail{EmailSentAt: c.now.Unix(), EmailSentTo: "customer@example.com"},
		ExpiresAt: c.now.AddDate(0, 0, 45).Unix(),
	}}
	s.record(c, "charge.refund.updated", re.Refund)
	return nil
}

// CancelRefund has a refund given up that waits for the customer, as the dashboard can.
func (s *Server) CancelRefund(id string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.control()
	c.id = id
	if _, err := s.cancelRefund(c); err != nil {
		return fmt.Errorf("cancel refund %s: %s", id, err.body.Message)
	}
	return nil
}
