package stripesim

import "fmt"

// Customers are all customers that are not deleted, oldest first.
func (s *Server) Customers() []Customer {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []Customer
	for _, cu := range s.state.Customers.items {
		if !cu.Deleted {
			all = append(all, cu.Customer)
		}
	}
	return all
}

// Setups are all SetupIntents, oldest first.
func (s *Server) Setups() []SetupIntent {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []SetupIntent
	for _, si := range s.state.Setups.items {
		all = append(all, si.SetupIntent)
	}
	return all
}

// Saved are the methods that a customer keeps, oldest first.
func (s *Server) Saved(customerID string) []PaymentMethod {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []PaymentMethod
	for _, m := range s.methodsOf(customerID) {
		all = append(all, m.PaymentMethod)
	}
	return all
}

// Renew has the bank of a saved card issue it anew, valid until another month.
func (s *Server) Renew(methodID string, month, year int64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	m := s.state.Methods.get(methodID)
	if m == nil || m.Card == nil || m.Customer == nil {
		return fmt.Errorf("renew %s: it is no saved card", methodID)
	}
	card := *m.Card
	card.ExpMonth, card.ExpYear = month, year
	m.Card = &card
	s.record(s.control(), "payment_method.automatically_updated", m.PaymentMethod)
	return nil
}

// Detach takes a method from its customer, as the dashboard can.
func (s *Server) Detach(methodID string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	m := s.state.Methods.get(methodID)
	if m == nil || m.Customer == nil {
		return fmt.Errorf("detach %s: it is nobody's", methodID)
	}
	s.detach(s.control(), m)
	return nil
}
