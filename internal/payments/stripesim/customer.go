package stripesim

import "net/http"

var customerParams = addressParams("address").with(expandParams, metadataParams, shippingParams, params{
	"description": text, "email": text, "name": text, "phone": text,
	"balance": unsimulated, "cash_balance": unsimulated, "coupon": unsimulated, "invoice_prefix": unsimulated,
	"invoice_settings": unsimulated, "next_invoice_sequence": unsimulated, "payment_method": unsimulated,
	"preferred_locales": unsimulated, "promotion_code": unsimulated, "source": unsimulated, "tax": unsimulated,
	"tax_exempt": unsimulated, "tax_id_data": unsimulated, "test_clock": unsimulated,
})

func checkCustomer(c *call) *apiError {
	return firstOf(checkMetadata(c.args), checkShipping(c.args), checkEmail(c.args, "email"))
}

func (s *Server) createCustomer(c *call) (any, *apiError) {
	cu := &customer{Customer: Customer{
		ID: newID("cus_"), Object: "customer", Created: c.now.Unix(), InvoicePrefix: randomText(8),
		NextInvoiceSequence: 1, PreferredLocales: []string{}, TaxExempt: "none",
	}}
	cu.setDetails(c.args)
	s.state.Customers.add(cu)
	s.record(c, "customer.created", cu.Customer)
	return cu.Customer, nil
}

// setDetails takes over what was given and leaves the rest.
func (cu *customer) setDetails(a args) {
	for name, field := range map[string]**string{
		"description": &cu.Description, "email": &cu.Email, "name": &cu.Name, "phone": &cu.Phone,
	} {
		if a.has(name) {
			*field = a.optional(name)
		}
	}
	if len(a.under("address")) > 0 {
		address := addressFrom(a, "address")
		cu.Address = &address
	}
	if len(a.under("shipping")) > 0 {
		cu.Shipping = shippingFrom(a)
	}
	cu.Metadata = mergeMetadata(cu.Metadata, a)
}

// findCustomer finds the customer of the path, who is not deleted.
func (s *Server) findCustomer(c *call) (*customer, *apiError) {
	if cu := s.liveCustomer(c.id); cu != nil {
		return cu, nil
	}
	return nil, noSuch("customer", "id", c.id).withStatus(http.StatusNotFound)
}

func (s *Server) liveCustomer(id string) *customer {
	if cu := s.state.Customers.get(id); cu != nil && !cu.Deleted {
		return cu
	}
	return nil
}

// getCustomer tells of a deleted one that it was.
func (s *Server) getCustomer(c *call) (any, *apiError) {
	if cu := s.state.Customers.get(c.id); cu != nil {
		return cu.wire(), nil
	}
	return nil, noSuch("customer", "id", c.id).withStatus(http.StatusNotFound)
}

func (cu *customer) wire() any {
	if cu.Deleted {
		return DeletedCustomer{ID: cu.ID, Object: "customer", Deleted: true}
	}
	return cu.Customer
}

func (s *Server) updateCustomer(c *call) (any, *apiError) {
	cu, err := s.findCustomer(c)
	if err != nil {
		return nil, err
	}
	cu.setDetails(c.args)
	s.record(c, "customer.updated", cu.Customer)
	return cu.Customer, nil
}

// deleteCustomer detaches their methods, which then can never be charged again.
func (s *Server) deleteCustomer(c *call) (any, *apiError) {
	cu, err := s.findCustomer(c)
	if err != nil {
		return nil, err
	}
	for _, m := range s.methodsOf(cu.ID) {
		s.detach(c, m)
	}
	cu.Deleted = true
	s.record(c, "customer.deleted", cu.Customer)
	return cu.wire(), nil
}

// knownCustomer refuses a customer who is not, or no more; nobody is allowed.
func (s *Server) knownCustomer(id *string) *apiError {
	if id == nil || s.liveCustomer(*id) != nil {
		return nil
	}
	return noSuch("customer", "customer", *id)
}
