package stripesim_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/stripe/stripe-go/v76"

	"cartwright/internal/payments/stripesim"
)

// disputed is a payment of 19.99 USD that its bank disputes, as the real client reads it.
func (r rig) disputed(t *testing.T, method string) (*stripe.PaymentIntent, *stripe.Dispute) {
	t.Helper()
	pi := r.pay(t, method)
	list := r.api.Disputes.List(&stripe.DisputeListParams{PaymentIntent: stripe.String(pi.ID)})
	require.True(t, list.Next(), "%v", list.Err())
	dispute := list.Dispute()
	require.False(t, list.Next())
	return pi, dispute
}

func (r rig) answer(t *testing.T, id, said string) *stripe.Dispute {
	t.Helper()
	answered, err := r.api.Disputes.Update(id, &stripe.DisputeParams{
		Evidence: &stripe.DisputeEvidenceParams{UncategorizedText: stripe.String(said)}, Submit: stripe.Bool(true),
	})
	require.NoError(t, err)
	return answered
}

// told are the events since the payment.
func told(sim *stripesim.Server) []string { return eventTypes(sim)[3:] }

func TestADisputeTakesTheMoneyUntilItIsWon(t *testing.T) {
	t.Parallel()
	r := setup(t)
	pi, dispute := r.disputed(t, "pm_card_createDispute")
	assert.Equal(t, stripe.DisputeStatusNeedsResponse, dispute.Status)
	assert.Equal(t, stripe.DisputeReasonFraudulent, dispute.Reason)
	assert.Equal(t, int64(1999), dispute.Amount)
	assert.Equal(t, int64(-1999), dispute.BalanceTransactions[0].Amount)
	assert.Greater(t, dispute.EvidenceDetails.DueBy, dispute.Created)
	ch, err := r.api.Charges.Get(pi.LatestCharge.ID, nil)
	require.NoError(t, err)
	assert.True(t, ch.Disputed)
	assert.Equal(t, stripesim.Totals{Captured: 1999, Disputed: 1999}, r.sim.Totals()["usd"])
	_, err = r.refund(pi.ID, 1)
	assert.Equal(t, stripe.ErrorCodeChargeDisputed, refused(t, err).Code)
	require.Error(t, r.sim.EscalateInquiry(dispute.ID), "it is more than a question")

	staged, err := r.api.Disputes.Update(dispute.ID, &stripe.DisputeParams{
		Evidence: &stripe.DisputeEvidenceParams{ShippingCarrier: stripe.String("A carrier")}, Submit: stripe.Bool(false),
	})
	require.NoError(t, err)
	assert.Equal(t, stripe.DisputeStatusNeedsResponse, staged.Status)
	assert.True(t, staged.EvidenceDetails.HasEvidence)
	assert.Zero(t, staged.EvidenceDetails.SubmissionCount)
	assert.Equal(t, stripe.DisputeStatusUnderReview, r.answer(t, dispute.ID, "winning_evidence").Status)
	won, err := r.api.Disputes.Get(dispute.ID, nil)
	require.NoError(t, err)
	assert.Equal(t, stripe.DisputeStatusWon, won.Status)
	assert.Equal(t, "A carrier", won.Evidence.ShippingCarrier)
	assert.Equal(t, int64(1999), won.BalanceTransactions[1].Amount)
	assert.Equal(t, []string{
		"charge.dispute.created", "charge.dispute.funds_withdrawn", "charge.dispute.updated", "charge.dispute.updated",
		"charge.dispute.closed", "charge.dispute.funds_reinstated",
	}, told(r.sim))
	assert.Equal(t, stripesim.Totals{Captured: 1999}, r.sim.Totals()["usd"])
	_, err = r.api.Disputes.Close(dispute.ID, nil)
	require.Error(t, refused(t, err))
	_, err = r.api.Disputes.Update(dispute.ID, &stripe.DisputeParams{Submit: stripe.Bool(true)})
	require.Error(t, refused(t, err))
	_, err = r.refund(pi.ID, 0)
	require.NoError(t, err, "what was won may be given back")
}

func TestWhatWasLostIsNotGivenBackAgain(t *testing.T) {
	t.Parallel()
	r := setup(t)
	for name, lose := range map[string]func(id string){
		"by evidence":  func(id string) { r.answer(t, id, "losing_evidence") },
		"by the bank":  func(id string) { require.NoError(t, r.sim.DecideDispute(id, false)) },
		"by giving in": func(id string) { _, err := r.api.Disputes.Close(id, nil); require.NoError(t, err) },
	} {
		pi, dispute := r.disputed(t, "pm_card_createDisputeProductNotReceived")
		lose(dispute.ID)
		lost, err := r.api.Disputes.Get(dispute.ID, nil)
		require.NoError(t, err)
		assert.Equal(t, stripe.DisputeStatusLost, lost.Status, name)
		assert.Equal(t, stripe.DisputeReasonProductNotReceived, lost.Reason)
		_, err = r.refund(pi.ID, 1)
		assert.Equal(t, stripe.ErrorCodeChargeDisputed, refused(t, err).Code, name)
		require.Error(t, r.sim.DecideDispute(dispute.ID, true))
	}
	assert.Equal(t, stripesim.Totals{Captured: 3 * 1999, Disputed: 3 * 1999}, r.sim.Totals()["usd"])
	partly := r.pay(t, "pm_card_visa")
	_, err := r.sim.OpenDispute(partly.ID, stripesim.NewDispute{Amount: 2000})
	require.Error(t, err)
	dispute, err := r.sim.OpenDispute(partly.ID, stripesim.NewDispute{Amount: 500})
	require.NoError(t, err)
	require.NoError(t, r.sim.DecideDispute(dispute.ID, false))
	_, err = r.refund(partly.ID, 1500)
	require.Error(t, err)
	rest, err := r.refund(partly.ID, 0)
	require.NoError(t, err)
	assert.Equal(t, int64(1499), rest.Amount)
	_, err = r.sim.OpenDispute("pi_nope", stripesim.NewDispute{})
	require.Error(t, err)
}

func TestAnInquiryMovesNoMoneyUnlessItEscalates(t *testing.T) {
	t.Parallel()
	r := setup(t)
	pi, inquiry := r.disputed(t, "pm_card_createDisputeInquiry")
	assert.Equal(t, stripe.DisputeStatusWarningNeedsResponse, inquiry.Status)
	assert.Empty(t, inquiry.BalanceTransactions)
	_, err := r.refund(pi.ID, 1000)
	require.NoError(t, err, "the merchant may give in before it is a dispute")
	assert.Equal(t, stripe.DisputeStatusWarningUnderReview, r.answer(t, inquiry.ID, "It was sent.").Status)
	require.NoError(t, r.sim.DecideDispute(inquiry.ID, true))
	assert.Equal(t, "charge.dispute.closed", told(r.sim)[len(told(r.sim))-1])
	assert.Equal(t, stripesim.Totals{Captured: 1999, Refunded: 1000}, r.sim.Totals()["usd"])

	pi, other := r.disputed(t, "pm_card_createDisputeInquiry")
	_, err = r.refund(pi.ID, 999)
	require.NoError(t, err)
	r.answer(t, other.ID, "escalate_inquiry_evidence")
	escalated, err := r.api.Disputes.Get(other.ID, nil)
	require.NoError(t, err)
	assert.Equal(t, stripe.DisputeStatusNeedsResponse, escalated.Status)
	assert.Equal(t, int64(-1000), escalated.BalanceTransactions[0].Amount)
	assert.Equal(t, "charge.dispute.funds_withdrawn", told(r.sim)[len(told(r.sim))-1])
}
