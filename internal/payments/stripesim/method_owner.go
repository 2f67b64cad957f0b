package stripesim

import (
	"net/http"
	"slices"
)

// spent tells whether a method can never be used again: it was used without a customer, or has been detached
// (https://docs.stripe.com/api/payment_methods/detach).
func (m *method) spent() bool { return m.Used && m.Customer == nil }

const spentMessage = "This PaymentMethod was previously used without being attached to a Customer or was detached from a Customer, and may not be used again."

// usableBy refuses a method that is spent, or somebody else's than the customer's of a payment or setup.
func (m *method) usableBy(customer *string) *apiError {
	switch {
	case m.spent():
		return refuse("", "payment_method", spentMessage)
	case m.Customer == nil || customer != nil && *customer == *m.Customer:
		return nil
	case customer == nil:
		return refuse("", "payment_method", "The `payment_method` parameter supplied %s belongs to the Customer %s. Please include the Customer in the `customer` parameter.", m.ID, *m.Customer)
	}
	return refuse("resource_missing", "payment_method", "The customer does not have a payment method with the ID %s. The payment method must be attached to the customer.", m.ID)
}

var attachParams = expandParams.with(params{"customer": text})

func checkAttach(c *call) *apiError {
	if c.args.text("customer") == "" {
		return missingParam("customer")
	}
	return nil
}

// attachMethod asks the bank, as saving a card any other way does.
func (s *Server) attachMethod(c *call) (any, *apiError) {
	m, owner := s.findMethod(c, c.id), c.args.text("customer")
	if m == nil {
		return nil, noSuch("PaymentMethod", "payment_method", c.id).withStatus(http.StatusNotFound)
	}
	if err := s.knownCustomer(&owner); err != nil {
		return nil, err
	}
	switch b := catalogue[m.Behaviour]; {
	case m.Customer != nil && *m.Customer != owner:
		return nil, refuse("", "", "The payment method you provided has already been attached to a customer.")
	case m.spent():
		return nil, refuse("", "payment_method", spentMessage)
	case b.refusesSetup():
		return nil, &apiError{http.StatusPaymentRequired, b.fails.body()}
	}
	s.attach(c, m, owner)
	return m.PaymentMethod, nil
}

func (s *Server) detachMethod(c *call) (any, *apiError) {
	m := s.findMethod(c, c.id)
	switch {
	case m == nil:
		return nil, noSuch("PaymentMethod", "payment_method", c.id).withStatus(http.StatusNotFound)
	case m.Customer == nil:
		return nil, refuse("", "", "The payment method you provided is not attached to a customer so detachment is impossible.")
	}
	s.detach(c, m)
	return m.PaymentMethod, nil
}

// attach makes the method the customer's, which it may be already.
func (s *Server) attach(c *call, m *method, customer string) {
	if m.Customer != nil {
		return
	}
	m.Customer = &customer
	s.record(c, "payment_method.attached", m.PaymentMethod)
}

func (s *Server) detach(c *call, m *method) {
	m.Customer, m.Used = nil, true
	s.record(c, "payment_method.detached", m.PaymentMethod)
}

// methodsOf are a customer's, oldest first.
func (s *Server) methodsOf(customer string) []*method {
	return slices.DeleteFunc(slices.Clone(s.state.Methods.items), func(m *method) bool {
		return m.Customer == nil || *m.Customer != customer
	})
}

var (
	pageParams        = expandParams.with(params{"limit": integer, "starting_after": text, "ending_before": text})
	methodListParams  = pageParams.with(params{"type": text})
	methodsListParams = methodListParams.with(params{"customer": text})
)

func checkMethodList(c *call) *apiError {
	return firstOf(checkList(c), c.args.oneOf("type", "card", "us_bank_account"))
}

// listCustomerMethods lists those of the customer in the path.
func (s *Server) listCustomerMethods(c *call) (any, *apiError) {
	cu, err := s.findCustomer(c)
	if err != nil {
		return nil, err
	}
	return s.listMethodsOf(c, cu.ID)
}

func (s *Server) listMethods(c *call) (any, *apiError) {
	owner := c.args.text("customer")
	if owner == "" {
		return nil, refuse("", "customer", "The Stripe stand-in lists the payment methods of a customer alone.")
	}
	if err := s.knownCustomer(&owner); err != nil {
		return nil, err
	}
	return s.listMethodsOf(c, owner)
}

func (s *Server) listMethodsOf(c *call, customer string) (any, *apiError) {
	var rows []row
	for _, m := range s.methodsOf(customer) {
		if matches(c.args, "type", &m.Type) {
			rows = append(rows, row{m.ID, m.Created, m.PaymentMethod})
		}
	}
	return page(c, "payment_method", rows)
}

// getCustomerMethod knows a method only as the customer's in the path.
func (s *Server) getCustomerMethod(c *call) (any, *apiError) {
	cu, err := s.findCustomer(c)
	if err != nil {
		return nil, err
	}
	m := s.state.Methods.get(c.part)
	if m == nil || m.Customer == nil || *m.Customer != cu.ID {
		return nil, noSuch("PaymentMethod", "payment_method", c.part).withStatus(http.StatusNotFound)
	}
	return m.PaymentMethod, nil
}
