package stripesim

import (
	"net/http"
	"strings"
)

var methodParams = addressParams("billing_details[address]").with(expandParams, metadataParams, params{
	"type": text, "card[token]": text, "card[number]": text, "card[exp_month]": integer,
	"card[exp_year]": integer, "card[cvc]": text, "billing_details[email]": text,
	"billing_details[name]": text, "billing_details[phone]": text,
	"customer": unsimulated, "payment_method": unsimulated, "us_bank_account": unsimulated,
	"radar_options": unsimulated,
})

func checkMethod(c *call) *apiError {
	if c.args.text("type") == "" {
		return missingParam("type")
	}
	if c.args.text("card[token]") == "" && c.args.text("card[number]") == "" {
		return missingParam("card")
	}
	if c.args.text("card[number]") != "" {
		for _, name := range []string{"card[exp_month]", "card[exp_year]"} {
			if !c.args.has(name) {
				return missingParam(name)
			}
		}
	}
	return firstOf(c.args.oneOf("type", "card"), checkMetadata(c.args), checkEmail(c.args, "billing_details[email]"))
}

func (s *Server) createMethod(c *call) (any, *apiError) {
	name, err := cardBehaviour(c.args)
	if err != nil {
		return nil, err
	}
	m := s.addMethod(c, name)
	m.Metadata = mergeMetadata(nil, c.args)
	m.BillingDetails = BillingDetails{
		Address: addressFrom(c.args, "billing_details[address]"), Email: c.args.optional("billing_details[email]"),
		Name: c.args.optional("billing_details[name]"), Phone: c.args.optional("billing_details[phone]"),
	}
	if c.args.has("card[exp_year]") {
		m.Card.ExpMonth, m.Card.ExpYear = c.args.integer("card[exp_month]"), c.args.integer("card[exp_year]")
	}
	return m.PaymentMethod, nil
}

// cardBehaviour recognises test cards; a real number is refused and never kept.
func cardBehaviour(a args) (string, *apiError) {
	if token := a.text("card[token]"); token != "" {
		if name, ok := behaviourOf(token); ok && strings.HasPrefix(token, "tok_") {
			return name, nil
		}
		return "", noSuch("token", "card[token]", token)
	}
	number := strings.NewReplacer(" ", "", "-", "").Replace(a.text("card[number]"))
	if name, ok := behaviourOfNumber(number); ok {
		return name, nil
	}
	refused := decline{code: "card_declined", declineCode: "test_mode_live_card",
		message: "Your card was declined. Your request was in test mode, but used a non test (live) card."}
	if !luhn(number) {
		refused = decline{code: "incorrect_number", message: "Your card number is incorrect.", param: "number"}
	}
	return "", &apiError{http.StatusPaymentRequired, refused.body()}
}

func (s *Server) getMethod(c *call) (any, *apiError) {
	m := s.findMethod(c, c.id)
	if m == nil {
		return nil, noSuch("PaymentMethod", "payment_method", c.id).withStatus(http.StatusNotFound)
	}
	return m.PaymentMethod, nil
}

// findMethod knows stored methods by id and test methods by name; like Stripe, each use
// of a name makes a new method.
func (s *Server) findMethod(c *call, id string) *method {
	if m := s.state.Methods.get(id); m != nil {
		return m
	}
	if name, ok := behaviourOf(id); ok && strings.HasPrefix(id, "pm_") {
		return s.addMethod(c, name)
	}
	return nil
}

func (s *Server) addMethod(c *call, name string) *method {
	b := catalogue[name]
	m := &method{Behaviour: name, PaymentMethod: PaymentMethod{
		ID: newID("pm_"), Object: "payment_method", Created: c.now.Unix(),
		Metadata: map[string]string{}, Type: "card",
	}}
	if b.bank {
		m.Type = "us_bank_account"
		m.USBankAccount = &BankAccount{
			AccountHolderType: "individual", AccountType: "checking", BankName: "STRIPE TEST BANK",
			Fingerprint: fingerprint(name), Last4: b.last4, RoutingNumber: "110000000",
		}
	} else {
		country := b.country
		if country == "" {
			country = "US"
		}
		m.Card = &Card{
			Brand: b.brand, Country: country, ExpMonth: 12, ExpYear: int64(c.now.Year() + 2),
			Fingerprint: fingerprint(name), Funding: "credit", Last4: b.last4,
		}
	}
	s.state.Methods.add(m)
	s.snapshots.changed()
	return m
}
