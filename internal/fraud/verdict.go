package fraud

import (
	"slices"
	"strings"
)

// Decision is what is to become of a payment.
type Decision string

// The decisions, from the mildest.
const (
	Allow Decision = "ALLOW"
	Hold  Decision = "HOLD"  // it counts, and a person looks before anything is sent
	Block Decision = "BLOCK" // it is not let through; where it went through all the same, it is held
)

// Verdict is a decision with the stable codes of the rules that led to it.
type Verdict struct {
	Decision Decision
	Reasons  []string
	// Crowded is of a blocked try that only others under way from its network are in the way of: their outcome may let it
	// through.
	Crowded bool
	// Challenge is of a try that is let through, if the card's bank asks the shopper (3-D Secure).
	Challenge bool
}

// Blocked tells whether the payment is not to be let through.
func (v Verdict) Blocked() bool { return v.Decision == Block }

// OfAddress tells whether the tries of an address alone led to it, behind which there may be many people.
func (v Verdict) OfAddress() bool {
	return !slices.ContainsFunc(v.Reasons, func(reason string) bool { return !strings.HasSuffix(reason, perAddress) && reason != surge })
}

// and is the verdict with another rule's: the stricter decision, each reason once.
func (v Verdict) and(decision Decision, reasons ...string) Verdict {
	if v.Decision != Block {
		v.Decision = decision
	}
	for _, reason := range reasons {
		if !slices.Contains(v.Reasons, reason) {
			v.Reasons = append(v.Reasons, reason)
		}
	}
	return v
}
