package stripesim

import "net/http"

var refundParams = expandParams.with(metadataParams, params{
	"payment_intent": text, "charge": text, "amount": integer, "reason": text,
	"currency": unsimulated, "customer": unsimulated, "instructions_email": unsimulated,
	"origin": unsimulated, "refund_application_fee": unsimulated, "reverse_transfer": unsimulated,
})

func checkRefund(c *call) *apiError {
	if c.args.text("payment_intent") == "" && c.args.text("charge") == "" {
		return refuse("parameter_missing", "payment_intent", "One of the following params should be provided for this request: payment_intent or charge.")
	}
	if c.args.has("amount") && c.args.integer("amount") < 1 {
		return refuse("parameter_invalid_integer", "amount", "This value must be greater than or equal to 1.")
	}
	return firstOf(c.args.oneOf("reason", "duplicate", "fraudulent", "requested_by_customer"), checkMetadata(c.args))
}

// createRefund gives money back, never more than the charge captured.
func (s *Server) createRefund(c *call) (any, *apiError) {
	ch, err := s.chargeToRefund(c)
	if err != nil {
		return nil, err
	}
	left := ch.AmountCaptured - s.refunded(ch) - s.chargedBack(ch)
	if s.contested(ch) || left == 0 && s.chargedBack(ch) > 0 {
		return nil, refuse("charge_disputed", "", "Charge %s has been charged back; cannot issue a refund.", ch.ID)
	}
	if left == 0 {
		return nil, refuse("charge_already_refunded", "", "Charge %s has already been refunded.", ch.ID)
	}
	amount := left
	if c.args.has("amount") {
		amount = c.args.integer("amount")
	}
	if amount > left {
		return nil, refuse("", "amount", "Refund amount (%s) is greater than unrefunded amount on charge (%s)",
			display(amount, ch.Currency), display(left, ch.Currency))
	}
	re := s.addRefund(c, ch, amount)
	s.record(c, "refund.created", re.Refund)
	s.record(c, "charge.refunded", *ch)
	answered := re.Refund
	if s.refundCourse(ch) == refundFails {
		s.failRefund(s.control(), re)
	}
	return answered, nil
}

func (s *Server) addRefund(c *call, ch *Charge, amount int64) *refund {
	chargeID := ch.ID
	re := &refund{Refund: Refund{
		ID: newID("re_"), Object: "refund", Amount: amount, Charge: &chargeID, Created: c.now.Unix(),
		Currency: ch.Currency, Metadata: mergeMetadata(nil, c.args), PaymentIntent: ch.PaymentIntent,
		Reason: c.args.optional("reason"), Status: "succeeded",
	}}
	if s.refundCourse(ch) == refundPending {
		re.Status = "pending"
	}
	s.state.Refunds.add(re)
	ch.addRefunded(amount)
	return re
}

// refundCourse is how the method behind a charge takes refunds; banks take days.
func (s *Server) refundCourse(ch *Charge) refundCourse {
	m := s.state.Methods.get(*ch.PaymentMethod)
	switch {
	case m == nil:
		return refundSucceeds
	case m.USBankAccount != nil:
		return refundPending
	}
	return catalogue[m.Behaviour].refund
}

// failRefund takes the money of a refund back to the merchant.
func (s *Server) failRefund(c *call, re *refund) {
	re.FailureReason = "unknown"
	s.endRefund(c, re, "failed")
}

// endRefund ends a refund that gives nothing back.
func (s *Server) endRefund(c *call, re *refund, status string) {
	re.Status, re.NextAction = status, nil
	s.state.Charges.get(*re.Charge).addRefunded(-re.Amount)
	s.record(c, "charge.refund.updated", re.Refund)
}

// over tells that a refund gave nothing back.
func (re *Refund) over() bool { return re.Status == "failed" || re.Status == "canceled" }

// cancelRefund is for those that wait for the customer (https://docs.stripe.com/api/refunds/cancel).
func (s *Server) cancelRefund(c *call) (any, *apiError) {
	re := s.state.Refunds.get(c.id)
	switch {
	case re == nil:
		return nil, noSuch("refund", "id", c.id).withStatus(http.StatusNotFound)
	case re.Status != "requires_action":
		return nil, refuse("", "", "You can only cancel refunds that require action; this one has the status %s.", re.Status)
	}
	s.endRefund(c, re, "canceled")
	return re.Refund, nil
}

// chargeToRefund finds the captured charge behind either parameter.
func (s *Server) chargeToRefund(c *call) (*Charge, *apiError) {
	intentID, chargeID := c.args.text("payment_intent"), c.args.text("charge")
	var ch *Charge
	if intentID != "" {
		in := s.state.Intents.get(intentID)
		if in == nil {
			return nil, noSuch("payment_intent", "payment_intent", intentID).withStatus(http.StatusNotFound)
		}
		if ch = s.latestCharge(in); ch == nil || !ch.Captured {
			return nil, refuse("", "payment_intent", "This PaymentIntent (%s) does not have a successful charge to refund.", intentID)
		}
	}
	if chargeID != "" {
		other := s.state.Charges.get(chargeID)
		if other == nil {
			return nil, noSuch("charge", "charge", chargeID).withStatus(http.StatusNotFound)
		}
		if ch != nil && ch != other {
			return nil, refuse("", "charge", "The charge %s does not belong to the PaymentIntent %s.", chargeID, intentID)
		}
		ch = other
	}
	if !ch.Captured {
		return nil, refuse("", "charge", "The charge %s has not been captured; cancel its PaymentIntent instead.", ch.ID)
	}
	return ch, nil
}

// refunded sums what has gone or is going back; failed and cancelled refunds came back to us.
func (s *Server) refunded(ch *Charge) int64 {
	var sum int64
	for _, re := range s.state.Refunds.items {
		if re.Charge != nil && *re.Charge == ch.ID && !re.over() && !re.OfHold {
			sum += re.Amount
		}
	}
	return sum
}

// letGo records that a bank is not asked for this much any more.
func (s *Server) letGo(c *call, ch *Charge, amount int64) {
	chargeID := ch.ID
	s.state.Refunds.add(&refund{OfHold: true, Refund: Refund{
		ID: newID("re_"), Object: "refund", Amount: amount, Charge: &chargeID, Created: c.now.Unix(),
		Currency: ch.Currency, Metadata: map[string]string{}, PaymentIntent: ch.PaymentIntent, Status: "succeeded",
	}})
	ch.addRefunded(amount)
	s.record(c, "charge.refunded", *ch)
}

func (ch *Charge) addRefunded(amount int64) {
	ch.AmountRefunded += amount
	ch.Refunded = ch.AmountRefunded == ch.Amount
}

func (s *Server) getRefund(c *call) (any, *apiError) {
	re := s.state.Refunds.get(c.id)
	if re == nil {
		return nil, noSuch("refund", "id", c.id).withStatus(http.StatusNotFound)
	}
	return re.Refund, nil
}
