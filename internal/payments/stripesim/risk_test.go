package stripesim_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/stripe/stripe-go/v76"

	"cartwright/internal/payments/stripesim"
)

// What docs.stripe.com/testing says of the cards for fraud prevention.
func TestAChargeSaysWhatWasFoundOfIt(t *testing.T) {
	t.Parallel()
	r := setup(t)
	const none, fail = "", "fail"
	for method, want := range map[string]struct{ risk, cvc, line1, postalCode string }{
		"pm_card_visa":                     {"normal", none, none, none},
		"pm_card_riskLevelElevated":        {"elevated", none, none, none},
		"pm_card_cvcCheckFail":             {"normal", fail, none, none},
		"pm_card_cvcCheckFailElevatedRisk": {"elevated", fail, none, none},
		"pm_card_avsFail":                  {"normal", none, fail, fail},
		"pm_card_avsLine1Fail":             {"normal", none, fail, none},
		"pm_card_avsZipFail":               {"normal", none, none, fail},
		"pm_card_avsZipFailElevatedRisk":   {"elevated", none, none, fail},
	} {
		params := order(method)
		params.AddExpand("latest_charge")
		pi, err := r.api.PaymentIntents.New(params)
		require.NoError(t, err, method)
		charge, card := pi.LatestCharge, pi.LatestCharge.PaymentMethodDetails.Card
		assert.Equal(t, "authorized", charge.Outcome.Type, method)
		assert.Equal(t, want.risk, charge.Outcome.RiskLevel, method)
		assert.EqualValues(t, want.cvc, card.Checks.CVCCheck, method)
		assert.EqualValues(t, want.line1, card.Checks.AddressLine1Check, method)
		assert.EqualValues(t, want.postalCode, card.Checks.AddressPostalCodeCheck, method)
		assert.NotEmpty(t, card.Fingerprint, method)
	}
}

func TestTheHighestRiskIsBlockedUnlessTheAccountLetsIt(t *testing.T) {
	t.Parallel()
	strict, lenient := setup(t), setup(t, func(c *stripesim.Config) { c.LetHighestRisk = true })
	for _, method := range []string{"pm_card_riskLevelHighest", "pm_card_radarBlock"} {
		_, err := strict.api.PaymentIntents.New(order(method))
		assert.Equal(t, stripe.DeclineCodeFraudulent, refused(t, err).DeclineCode)
	}
	for _, charge := range strict.sim.Charges() {
		assert.Equal(t, "blocked", charge.Outcome.Type)
		assert.Equal(t, "highest", charge.Outcome.RiskLevel)
		assert.Equal(t, "highest_risk_level", *charge.Outcome.Reason)
	}
	_, err := lenient.api.PaymentIntents.New(order("pm_card_radarBlock"))
	assert.Equal(t, stripe.DeclineCodeFraudulent, refused(t, err).DeclineCode, "always")
	lenient.pay(t, "pm_card_riskLevelHighest")
	charges := lenient.sim.Charges()
	assert.Equal(t, "highest", charges[len(charges)-1].Outcome.RiskLevel)
}
