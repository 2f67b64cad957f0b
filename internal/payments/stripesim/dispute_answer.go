package stripesim

import (
	"maps"
	"net/http"
)

// evidenceNames are all that a merchant may say (https://docs.stripe.com/api/disputes/evidence_object).
var evidenceNames = append([]string{
	"access_activity_log", "billing_address", "cancellation_policy_disclosure", "cancellation_rebuttal", "customer_email_address",
	"customer_name", "customer_purchase_ip", "duplicate_charge_explanation", "duplicate_charge_id", "product_description",
	"refund_policy_disclosure", "refund_refusal_explanation", "service_date", "shipping_address", "shipping_carrier",
	"shipping_date", "shipping_tracking_number", "uncategorized_text",
}, evidenceFiles...)

// evidenceFiles are those that name a file, of which the stand-in takes none.
var evidenceFiles = []string{
	"cancellation_policy", "customer_communication", "customer_signature", "duplicate_charge_documentation", "receipt",
	"refund_policy", "service_documentation", "shipping_documentation", "uncategorized_file",
}

// Texts by which evidence decides a test dispute (https://docs.stripe.com/testing#disputes).
const (
	winningEvidence   = "winning_evidence"
	losingEvidence    = "losing_evidence"
	escalatingInquiry = "escalate_inquiry_evidence"
)

var disputeParams = func() params {
	all := expandParams.with(metadataParams, params{"submit": boolean})
	for _, name := range evidenceNames {
		all["evidence["+name+"]"] = text
	}
	for _, name := range evidenceFiles {
		all["evidence["+name+"]"] = unsimulated
	}
	return all
}()

func checkDispute(c *call) *apiError { return checkMetadata(c.args) }

func (s *Server) findDispute(c *call) (*Dispute, *apiError) {
	d := s.state.Disputes.get(c.id)
	if d == nil {
		return nil, noSuch("dispute", "id", c.id).withStatus(http.StatusNotFound)
	}
	return d, nil
}

func (s *Server) getDispute(c *call) (any, *apiError) {
	d, err := s.findDispute(c)
	if err != nil {
		return nil, err
	}
	return *d, nil
}

func (s *Server) listDisputes(c *call) (any, *apiError) {
	var rows []row
	for _, d := range s.state.Disputes.items {
		if matches(c.args, "payment_intent", d.PaymentIntent) && matches(c.args, "charge", &d.Charge) {
			rows = append(rows, row{d.ID, d.Created, *d})
		}
	}
	return page(c, "dispute", rows)
}

// updateDispute takes the merchant's evidence. Unless it is only staged, the bank looks at it, and decides by Stripe's test
// texts.
func (s *Server) updateDispute(c *call) (any, *apiError) {
	d, err := s.findDispute(c)
	if err != nil {
		return nil, err
	}
	evidence := c.args.under("evidence")
	submit := !c.args.has("submit") && len(evidence) > 0 || c.args.boolean("submit")
	if (submit || len(evidence) > 0) && d.Status != disputeNeedsResponse && d.Status != warningNeedsResponse {
		return nil, refuse("", "", "Evidence cannot be submitted for this dispute, which has a status of %s.", d.Status)
	}
	d.Metadata = mergeMetadata(d.Metadata, c.args)
	d.Evidence = maps.Clone(d.Evidence) // what was answered and told before stays as it was
	for name, said := range evidence {
		if d.Evidence[name] = nil; said != "" {
			d.Evidence[name] = &said
		}
		d.EvidenceDetails.HasEvidence = true
	}
	if submit {
		d.EvidenceDetails.SubmissionCount++
		if d.Status = disputeUnderReview; d.IsChargeRefundable {
			d.Status = warningUnderReview
		}
	}
	s.record(c, "charge.dispute.updated", *d)
	answered := *d
	if submit {
		s.judge(d)
	}
	return answered, nil
}

// judge has the bank decide at once where the evidence is one of Stripe's test texts.
func (s *Server) judge(d *Dispute) {
	said := d.Evidence["uncategorized_text"]
	switch {
	case said == nil:
	case *said == winningEvidence, *said == losingEvidence:
		s.decideDispute(s.control(), d, *said == winningEvidence)
	case *said == escalatingInquiry && d.inquiry():
		s.escalate(s.control(), d)
	}
}

// closeDispute gives in.
func (s *Server) closeDispute(c *call) (any, *apiError) {
	d, err := s.findDispute(c)
	if err != nil {
		return nil, err
	}
	if d.over() {
		return nil, refuse("", "", "This dispute is already closed; it has a status of %s.", d.Status)
	}
	s.decideDispute(c, d, false)
	return *d, nil
}
