package stripesim

import (
	"net/http"
	"slices"
)

// copy is the intent as it is now; later steps do not change it.
func (in *intent) copy() *PaymentIntent {
	wire := in.PaymentIntent
	return &wire
}

func (in *intent) in(statuses ...string) bool { return slices.Contains(statuses, in.Status) }

// findIntent finds the intent of the path. A publishable key must know its secret.
func (s *Server) findIntent(c *call) (*intent, *apiError) {
	in := s.state.Intents.get(c.id)
	if in == nil {
		return nil, noSuch("payment_intent", "intent", c.id).withStatus(http.StatusNotFound)
	}
	secret := c.args.text("client_secret")
	if c.publishable && secret == "" {
		return nil, missingParam("client_secret")
	}
	if secret != "" && secret != in.ClientSecret {
		return nil, refuse("payment_intent_invalid_parameter", "client_secret",
			"The client_secret provided does not match the client_secret associated with the PaymentIntent.")
	}
	return in, nil
}

var clientParams = expandParams.with(params{"client_secret": text})

func (s *Server) getIntent(c *call) (any, *apiError) {
	in, err := s.findIntent(c)
	if err != nil {
		return nil, err
	}
	return in.PaymentIntent, nil
}

// detailParams may be given when an intent is made and changed later.
var detailParams = expandParams.with(metadataParams, shippingParams, params{
	"customer": text, "description": text, "payment_method": text, "payment_method_types[]": text,
	"receipt_email": text, "setup_future_usage": text, "statement_descriptor": text,
	"statement_descriptor_suffix": text, "transfer_group": text, "capture_method": text,
	"application_fee_amount": unsimulated, "on_behalf_of": unsimulated, "transfer_data": unsimulated,
	"payment_method_configuration": unsimulated, "payment_method_data": unsimulated,
	"payment_method_options": unsimulated, secureOption: text,
})

// secureOption asks for 3-D Secure: "any" of every card that knows it.
const secureOption = "payment_method_options[card][request_three_d_secure]"

func checkDetails(a args) *apiError {
	for _, methodType := range a.list("payment_method_types") {
		if methodType != "card" && methodType != "us_bank_account" {
			return refuse("", "payment_method_types",
				"The payment method type \"%s\" is invalid or not simulated; use card or us_bank_account.", methodType)
		}
	}
	for _, name := range []string{"statement_descriptor", "statement_descriptor_suffix"} {
		if len(a.text(name)) > 22 {
			return refuse("", name, "The statement descriptor must be at most 22 characters.")
		}
	}
	return firstOf(checkMetadata(a), checkShipping(a), checkEmail(a, "receipt_email"),
		a.oneOf("setup_future_usage", "", "on_session", "off_session"),
		a.oneOf(secureOption, "automatic", "any", "challenge"),
		a.oneOf("capture_method", "automatic", "automatic_async", "manual"))
}

// setDetails takes over what was given and leaves the rest.
func (in *intent) setDetails(a args) {
	for name, field := range map[string]**string{
		"customer": &in.Customer, "description": &in.Description, "receipt_email": &in.ReceiptEmail,
		"setup_future_usage": &in.SetupFutureUsage, "statement_descriptor": &in.StatementDescriptor,
		"statement_descriptor_suffix": &in.StatementDescriptorSuffix, "transfer_group": &in.TransferGroup,
	} {
		if a.has(name) {
			*field = a.optional(name)
		}
	}
	if a.has("capture_method") {
		in.CaptureMethod = a.text("capture_method")
	}
	if types := a.list("payment_method_types"); types != nil {
		in.PaymentMethodTypes = types
	}
	if len(a.under("shipping")) > 0 {
		in.Shipping = shippingFrom(a)
	}
	in.Metadata = mergeMetadata(in.Metadata, a)
	asked := in.secures()
	if a.has(secureOption) {
		asked = a.text(secureOption)
	}
	in.describeOptions()
	if card, ok := in.PaymentMethodOptions["card"].(map[string]any); ok && asked != "" {
		card["request_three_d_secure"] = asked
	}
}

// secures is when the intent asks for 3-D Secure; "" where it takes no cards.
func (in *intent) secures() string {
	card, _ := in.PaymentMethodOptions["card"].(map[string]any)
	asked, _ := card["request_three_d_secure"].(string)
	return asked
}

// describeOptions fills what Stripe derives from the accepted types.
func (in *intent) describeOptions() {
	in.PaymentMethodOptions = map[string]any{}
	for _, methodType := range in.PaymentMethodTypes {
		switch methodType {
		case "card":
			in.PaymentMethodOptions["card"] = map[string]any{
				"installments": nil, "mandate_options": nil, "network": nil, "request_three_d_secure": "automatic",
			}
		case "us_bank_account":
			in.PaymentMethodOptions["us_bank_account"] = map[string]any{"verification_method": "automatic"}
		}
	}
}
