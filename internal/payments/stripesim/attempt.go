package stripesim

import "net/http"

var (
	authenticationRequired = &decline{code: "authentication_required", declineCode: "authentication_required",
		message: "Your card was declined. This transaction requires authentication."}
	authenticationNotHandled = &decline{code: "authentication_required", declineCode: "authentication_not_handled",
		message: "This payment required an authentication action to complete, but `error_on_requires_action` was set."}
)

// attempt confirms the intent with m, which mayConfirm has allowed. A decline is
// returned as the error Stripe answers with; the intent then waits for another method.
func (s *Server) attempt(c *call, in *intent, m *method) *apiError {
	b := catalogue[m.Behaviour]
	in.LastPaymentError, in.NextAction, in.ActionToken = nil, nil, ""
	switch {
	case b.secure && in.secures() != "automatic" && in.Authenticated != m.ID && !offSession(c):
		return s.challenge(c, in, m)
	case b.challenge && in.Authenticated != m.ID && (!offSession(c) || !m.excused()):
		return s.challenge(c, in, m)
	case b.bank:
		ch := s.addCharge(c, in, m, "pending")
		in.Status, in.ActionToken = statusProcessing, randomText(24)
		s.record(c, "charge.pending", *ch)
		s.record(c, "payment_intent.processing", in.PaymentIntent)
	case b.fails != nil && !s.lets(m.Behaviour):
		return s.decline(c, in, m, b.fails)
	default:
		s.approve(c, in, s.addCharge(c, in, m, "succeeded"))
		m.Used = true
	}
	return nil
}

// challenge asks for the customer, or declines when the customer cannot be asked.
func (s *Server) challenge(c *call, in *intent, m *method) *apiError {
	switch {
	case offSession(c):
		return s.decline(c, in, m, authenticationRequired)
	case c.args.boolean("error_on_requires_action"):
		return s.decline(c, in, m, authenticationNotHandled)
	}
	in.Status, in.ActionToken = statusRequiresAction, randomText(24)
	in.NextAction = nextAction(c, in.ID, in.ActionToken)
	s.record(c, "payment_intent.requires_action", in.PaymentIntent)
	return nil
}

// nextAction leads the customer to the page of an intent, and back if the shop said where to.
func nextAction(c *call, id, token string) *NextAction {
	link := c.baseURL + "/sim/intents/" + id + "/" + token
	if returnURL := c.args.optional("return_url"); returnURL != nil {
		return &NextAction{Type: "redirect_to_url", RedirectToURL: &RedirectToURL{ReturnURL: returnURL, URL: &link}}
	}
	return &NextAction{Type: "use_stripe_sdk", UseStripeSDK: map[string]string{
		"type": "three_d_secure_redirect", "stripe_js": link, "source": newID("src_"),
	}}
}

// approve takes the issuer's yes: the money is captured, or held for a manual capture.
func (s *Server) approve(c *call, in *intent, ch *Charge) {
	in.ActionToken = ""
	ch.Status, ch.Paid = "succeeded", true
	m := s.state.Methods.get(*ch.PaymentMethod)
	ch.Outcome = approved(m.risk())
	s.save(c, in, m)
	if in.CaptureMethod == "manual" {
		in.Status, in.AmountCapturable = statusRequiresCapture, in.Amount
		s.record(c, "charge.succeeded", *ch)
		s.record(c, "payment_intent.amount_capturable_updated", in.PaymentIntent)
		return
	}
	ch.Captured, ch.AmountCaptured = true, ch.Amount
	in.Status, in.AmountReceived = statusSucceeded, ch.Amount
	s.record(c, "charge.succeeded", *ch)
	s.record(c, "payment_intent.succeeded", in.PaymentIntent)
	s.disputeFrom(ch)
}

// save keeps the method of a payment for its customer, if it was to be kept. A customer
// who was deleted meanwhile has none.
func (s *Server) save(c *call, in *intent, m *method) {
	if in.SetupFutureUsage == nil || in.Customer == nil || s.liveCustomer(*in.Customer) == nil || m.spent() {
		return
	}
	s.attach(c, m, *in.Customer)
	m.SetUp = m.SetUp || *in.SetupFutureUsage == "off_session"
}

// decline takes the issuer's no and returns it as a 402.
func (s *Server) decline(c *call, in *intent, m *method, why *decline) *apiError {
	ch := s.addCharge(c, in, m, "failed")
	ch.fail(why)
	body := why.body()
	body.Charge, body.PaymentMethod = ch.ID, &m.PaymentMethod
	in.reject(body)
	s.record(c, "charge.failed", *ch)
	s.record(c, "payment_intent.payment_failed", in.PaymentIntent)
	body.PaymentIntent = in.copy()
	return &apiError{http.StatusPaymentRequired, body}
}

// reject sends the intent back to wait for another method.
func (in *intent) reject(why ErrorBody) {
	in.Status, in.LastPaymentError = statusRequiresPaymentMethod, &why
	in.PaymentMethod, in.NextAction, in.ActionToken, in.Authenticated = nil, nil, "", ""
}

func (d *decline) body() ErrorBody {
	return ErrorBody{
		Type: typeCard, Code: d.code, DeclineCode: d.declineCode, DocURL: docURL(d.code),
		Message: d.message, Param: d.param,
	}
}
