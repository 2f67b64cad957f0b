package stripesim

import (
	"errors"
	"fmt"
	"strings"
)

// The statuses of a dispute, those of an inquiry first (https://docs.stripe.com/api/disputes/object).
const (
	warningNeedsResponse = "warning_needs_response"
	warningUnderReview   = "warning_under_review"
	warningClosed        = "warning_closed"
	disputeNeedsResponse = "needs_response"
	disputeUnderReview   = "under_review"
	disputeWon           = "won"
	disputeLost          = "lost"
)

// responseTime is how long the merchant has to answer.
const responseTime = 9 * 24 * 3600

// NewDispute is what a bank has against a charge.
type NewDispute struct {
	Amount  int64  // 0 is all that was captured and not refunded
	Reason  string // "" is fraudulent
	Inquiry bool   // a question first, which moves no money
}

// OpenDispute has the bank dispute the payment of an intent, of which it must not dispute more than was paid.
func (s *Server) OpenDispute(intentID string, dispute NewDispute) (Dispute, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	in := s.state.Intents.get(intentID)
	if in == nil || in.Status != statusSucceeded {
		return Dispute{}, fmt.Errorf("dispute %s: it was not paid", intentID)
	}
	ch := s.latestCharge(in)
	left := ch.AmountCaptured - s.refunded(ch) - s.chargedBack(ch)
	if dispute.Amount > left || left == 0 {
		return Dispute{}, fmt.Errorf("dispute %s: no more than %d are left", intentID, left)
	}
	return s.openDispute(ch, dispute), nil
}

// disputeFrom opens the dispute that a test card stands for, if it stands for one.
func (s *Server) disputeFrom(ch *Charge) {
	m := s.state.Methods.get(*ch.PaymentMethod)
	if m == nil || catalogue[m.Behaviour].dispute == nil {
		return
	}
	s.openDispute(ch, *catalogue[m.Behaviour].dispute)
}

func (s *Server) openDispute(ch *Charge, of NewDispute) Dispute {
	c := s.control()
	due := c.now.Unix() + responseTime
	d := &Dispute{
		ID: newID("dp_"), Object: "dispute", Amount: of.Amount, BalanceTransactions: []BalanceTransaction{}, Charge: ch.ID,
		Created: c.now.Unix(), Currency: ch.Currency, Evidence: map[string]*string{}, EvidenceDetails: EvidenceDetails{DueBy: &due},
		Metadata: map[string]string{}, PaymentIntent: ch.PaymentIntent, Reason: of.Reason, Status: disputeNeedsResponse,
		PaymentMethodDetails: DisputedMethod{Type: "card", Card: DisputedCard{Brand: "visa"}},
	}
	for _, name := range evidenceNames {
		d.Evidence[name] = nil
	}
	if d.Amount == 0 {
		d.Amount = ch.AmountCaptured - s.refunded(ch) - s.chargedBack(ch)
	}
	if d.Reason == "" {
		d.Reason = "fraudulent"
	}
	if card := ch.PaymentMethodDetails.Card; card != nil {
		d.PaymentMethodDetails.Card.Brand = card.Brand
	}
	if ch.Disputed = true; of.Inquiry {
		d.Status, d.IsChargeRefundable = warningNeedsResponse, true
	}
	s.state.Disputes.add(d)
	s.record(c, "charge.dispute.created", *d)
	if !of.Inquiry {
		s.withdraw(c, d)
	}
	return *d
}

// withdraw takes the disputed money from the merchant.
func (s *Server) withdraw(c *call, d *Dispute) {
	d.move(c, -d.Amount)
	s.record(c, "charge.dispute.funds_withdrawn", *d)
}

// move writes down money that left the account, or came back to it.
func (d *Dispute) move(c *call, amount int64) {
	of, category := "Chargeback withdrawal for "+d.Charge, "dispute"
	if amount > 0 {
		of, category = "Chargeback reversal for "+d.Charge, "dispute_reversal"
	}
	d.BalanceTransactions = append(d.BalanceTransactions, BalanceTransaction{
		ID: newID("txn_"), Object: "balance_transaction", Amount: amount, AvailableOn: c.now.Unix(), Created: c.now.Unix(),
		Currency: d.Currency, Description: &of, FeeDetails: []struct{}{}, Net: amount, ReportingCategory: category,
		Source: &d.ID, Status: "available", Type: "adjustment",
	})
}

// taken is how much of the account's money a dispute holds.
func (d *Dispute) taken() (taken int64) {
	for _, moved := range d.BalanceTransactions {
		taken -= moved.Amount
	}
	return taken
}

// inquiry tells that a dispute is a question as yet, which has moved no money.
func (d *Dispute) inquiry() bool { return strings.HasPrefix(d.Status, "warning_") }

// over tells that nothing more comes of a dispute.
func (d *Dispute) over() bool {
	return d.Status == disputeWon || d.Status == disputeLost || d.Status == warningClosed
}

// DecideDispute has the bank decide a dispute, or close an inquiry, whoever is right.
func (s *Server) DecideDispute(id string, won bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	d := s.state.Disputes.get(id)
	if d == nil || d.over() {
		return fmt.Errorf("decide dispute %s: it is not open", id)
	}
	s.decideDispute(s.control(), d, won)
	return nil
}

// EscalateInquiry has the bank make a dispute of its question.
func (s *Server) EscalateInquiry(id string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	d := s.state.Disputes.get(id)
	if d == nil || d.over() || !d.inquiry() {
		return errors.New("escalate " + id + ": it is no open inquiry")
	}
	s.escalate(s.control(), d)
	return nil
}

func (s *Server) escalate(c *call, d *Dispute) {
	d.Status, d.IsChargeRefundable = disputeNeedsResponse, false
	ch := s.state.Charges.get(d.Charge)
	d.Amount = min(d.Amount, ch.AmountCaptured-s.refunded(ch)-s.chargedBack(ch)) // what was refunded meanwhile is not taken again
	s.record(c, "charge.dispute.updated", *d)
	s.withdraw(c, d)
}

func (s *Server) decideDispute(c *call, d *Dispute, won bool) {
	switch {
	case d.inquiry():
		d.Status = warningClosed
	case won:
		d.Status, d.IsChargeRefundable = disputeWon, true
	default:
		d.Status = disputeLost
	}
	s.record(c, "charge.dispute.closed", *d)
	if d.Status == disputeWon {
		d.move(c, d.Amount)
		s.record(c, "charge.dispute.funds_reinstated", *d)
	}
}

// chargedBack is how much of a charge disputes have taken, or hold until they are decided.
func (s *Server) chargedBack(ch *Charge) (sum int64) {
	for _, d := range s.state.Disputes.items {
		if d.Charge == ch.ID {
			sum += d.taken()
		}
	}
	return sum
}

// contested tells whether a charge cannot be refunded because a bank decides about it.
func (s *Server) contested(ch *Charge) bool {
	for _, d := range s.state.Disputes.items {
		if d.Charge == ch.ID && !d.over() && !d.IsChargeRefundable {
			return true
		}
	}
	return false
}
