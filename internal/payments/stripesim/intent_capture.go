package stripesim

var captureParams = expandParams.with(metadataParams, params{
	"amount_to_capture": integer, "statement_descriptor": text, "statement_descriptor_suffix": text,
	"application_fee_amount": unsimulated, "final_capture": unsimulated, "transfer_data": unsimulated,
})

func checkCapture(c *call) *apiError {
	if c.args.has("amount_to_capture") && c.args.integer("amount_to_capture") < 1 {
		return refuse("parameter_invalid_integer", "amount_to_capture", "This value must be greater than or equal to 1.")
	}
	return checkMetadata(c.args)
}

// captureIntent takes held money, once; what is left of the hold is let go.
func (s *Server) captureIntent(c *call) (any, *apiError) {
	in, err := s.findIntent(c)
	if err != nil {
		return nil, err
	}
	if in.Status != statusRequiresCapture {
		return nil, unexpectedState(in, "This PaymentIntent could not be captured because it has a status of %s. Only a PaymentIntent with one of the following statuses may be captured: requires_capture.", in.Status)
	}
	amount := in.AmountCapturable
	if c.args.has("amount_to_capture") {
		amount = c.args.integer("amount_to_capture")
	}
	if amount > in.AmountCapturable {
		return nil, refuse("amount_too_large", "amount_to_capture", "The payment could not be captured because the requested capture amount is greater than the authorized amount.")
	}
	ch := s.latestCharge(in)
	ch.Captured, ch.AmountCaptured = true, amount
	in.Status, in.AmountCapturable, in.AmountReceived = statusSucceeded, 0, amount
	in.setDetails(c.args)
	if rest := ch.Amount - amount; rest > 0 {
		s.letGo(c, ch, rest)
	}
	s.record(c, "charge.captured", *ch)
	s.record(c, "payment_intent.succeeded", in.PaymentIntent)
	s.disputeFrom(ch)
	return in.PaymentIntent, nil
}
