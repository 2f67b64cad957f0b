package stripesim

var cancelParams = expandParams.with(params{"cancellation_reason": text})

func checkCancel(c *call) *apiError {
	return c.args.oneOf("cancellation_reason", "duplicate", "fraudulent", "requested_by_customer", "abandoned")
}

// cancelIntent gives an unpaid intent up and lets a hold go. A payment on its way
// through a bank cannot be stopped.
func (s *Server) cancelIntent(c *call) (any, *apiError) {
	in, err := s.findIntent(c)
	if err != nil {
		return nil, err
	}
	if in.in(statusSucceeded, statusCanceled, statusProcessing) {
		return nil, unexpectedState(in, "You cannot cancel this PaymentIntent because it has a status of %s. Only a PaymentIntent with one of the following statuses may be canceled: requires_payment_method, requires_capture, requires_confirmation, requires_action.", in.Status)
	}
	s.cancel(c, in, c.args.optional("cancellation_reason"))
	return in.PaymentIntent, nil
}

func (s *Server) cancel(c *call, in *intent, reason *string) {
	if in.Status == statusRequiresCapture {
		ch := s.latestCharge(in)
		s.letGo(c, ch, ch.Amount)
	}
	at := c.now.Unix()
	in.Status, in.CanceledAt, in.CancellationReason = statusCanceled, &at, reason
	in.AmountCapturable, in.NextAction, in.ActionToken = 0, nil, ""
	s.record(c, "payment_intent.canceled", in.PaymentIntent)
}
