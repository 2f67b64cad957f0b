package stripe

import (
	stripego "github.com/stripe/stripe-go/v76"

	"cartwright/internal/money"
	"cartwright/internal/payments"
)

// latestCharge is asked for with an intent: what was found of a payment stands in its charge.
const latestCharge = "latest_charge"

// toCharge reads a charge. Of one that was not expanded only the name is known.
func toCharge(charge *stripego.Charge) *payments.Charge {
	if charge == nil {
		return nil
	}
	read := &payments.Charge{ID: charge.ID, MethodID: charge.PaymentMethod}
	if charge.Object == "" {
		return read
	}
	read.Findings = &payments.Findings{}
	if outcome := charge.Outcome; outcome != nil {
		read.Findings.Risk, read.Findings.Outcome = outcome.RiskLevel, outcome.Type
	}
	if details := charge.PaymentMethodDetails; details != nil && details.Card != nil {
		read.Fingerprint = details.Card.Fingerprint
		if checks := details.Card.Checks; checks != nil {
			read.Findings.CVCCheck = string(checks.CVCCheck)
			read.Findings.Line1Check = string(checks.AddressLine1Check)
			read.Findings.PostalCodeCheck = string(checks.AddressPostalCodeCheck)
		}
	}
	return read
}

// toDeclinedCharge reads what an error tells of the charge that it is about.
func toDeclinedCharge(err *stripego.Error) *payments.Charge {
	read := &payments.Charge{ID: err.ChargeID}
	if method := err.PaymentMethod; method != nil {
		read.MethodID = method.ID
		if method.Card != nil {
			read.Fingerprint = method.Card.Fingerprint
		}
	}
	return read
}

// toRefunded is how much of a paid charge has been given back in all; nil where the charge was not
// expanded, or took no money.
func toRefunded(charge *stripego.Charge) (*money.Amount, error) {
	if charge == nil || charge.Object == "" || charge.AmountCaptured == 0 {
		return nil, nil
	}
	refunded, err := fromStripe(charge.AmountRefunded, string(charge.Currency))
	return &refunded, err
}
