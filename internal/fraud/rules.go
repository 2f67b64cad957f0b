package fraud

import (
	"slices"
	"time"

	"cartwright/gen/db"
)

// Rules say when a payment is doubtful. A number of 0 leaves its rule out.
type Rules struct {
	Window time.Duration // how long a try counts

	DeclinesPerAddress, DeclinesPerEmail, DeclinesPerSession, DeclinesPerCard int
	// Cards that were tried. Of an address, those that paid do not count: behind it may be many people. Nor do those of a
	// session: an account may save many.
	CardsPerAddress, CardsPerEmail, CardsPerSession int
	EmailsPerCard                                   int
	// IntentsPerAddress is how many client secrets an address may have that led neither to a payment nor to a saved card.
	IntentsPerAddress int

	Surge Surge

	Holds Holds

	HoldRisk, BlockRisk Risk // the least risk with that verdict
	HoldChecks          []Check
}

// Holds bound what orders hold before they are paid. A number of 0 leaves its rule out.
type Holds struct {
	// OrderShare is what one order may hold of a variant, in per cent of what is not sold.
	OrderShare int
	// NetworkShare is what all unpaid orders from one network may. Of IPv6 it is that of a /64: a /56 may hold a quarter
	// more, a /48 half as much again.
	NetworkShare int
	// Always is how many units of a variant may be held whatever the shares, so that the last ones can be sold.
	Always int
	// UnitsPerLine and UnitsPerOrder are the most that an order may have.
	UnitsPerLine, UnitsPerOrder int
}

// Surge halves what is allowed while many of the whole shop's payments are declined.
type Surge struct {
	Window time.Duration
	Share  int // per cent that are declined; 0 leaves it out
	Tries  int // as many at least
}

// Risk is the provider's opinion of a payment, in Stripe's words
// (https://docs.stripe.com/api/charges/object#charge_object-outcome-risk_level).
type Risk string

// The risks that rules know, and Never, which no payment reaches.
const (
	Elevated Risk = "elevated"
	Highest  Risk = "highest"
	Never    Risk = "none"
)

// Risks are what a rule may name.
var Risks = []Risk{Elevated, Highest, Never}

// reaches tells whether a payment's risk is at least that of a rule.
func (r Risk) reaches(least Risk) bool {
	return r == Highest && (least == Highest || least == Elevated) || r == Elevated && least == Elevated
}

// Check is what a card's bank compared with what the shopper typed.
type Check string

// The checks.
const (
	CVC        Check = "cvc"
	PostalCode Check = "postal_code"
	Line1      Check = "line1"
)

// Checks are what a rule may name.
var Checks = []Check{CVC, PostalCode, Line1}

// rule refuses a try once so many others count for it.
type rule struct {
	reason string
	most   func(Rules) int
	found  func(db.TryCountRow) int64
	asking bool // only of tries that ask for a client secret
}

// In whose reasons others may have a share.
const (
	perAddress = "_per_ip"
	surge      = "surge"
)

var velocity = []rule{
	{reason: "declines" + perAddress, most: func(r Rules) int { return r.DeclinesPerAddress }, found: func(c db.TryCountRow) int64 { return c.DeclinesPerAddress }},
	{reason: "declines_per_email", most: func(r Rules) int { return r.DeclinesPerEmail }, found: func(c db.TryCountRow) int64 { return c.DeclinesPerEmail }},
	{reason: "declines_per_session", most: func(r Rules) int { return r.DeclinesPerSession }, found: func(c db.TryCountRow) int64 { return c.DeclinesPerSession }},
	{reason: "declines_per_card", most: func(r Rules) int { return r.DeclinesPerCard }, found: func(c db.TryCountRow) int64 { return c.DeclinesPerCard }},
	{reason: "cards" + perAddress, most: func(r Rules) int { return r.CardsPerAddress }, found: func(c db.TryCountRow) int64 { return c.CardsPerAddress }},
	{reason: "cards_per_email", most: func(r Rules) int { return r.CardsPerEmail }, found: func(c db.TryCountRow) int64 { return c.CardsPerEmail }},
	{reason: "cards_per_session", most: func(r Rules) int { return r.CardsPerSession }, found: func(c db.TryCountRow) int64 { return c.CardsPerSession }},
	{reason: "emails_per_card", most: func(r Rules) int { return r.EmailsPerCard }, found: func(c db.TryCountRow) int64 { return c.EmailsPerCard }},
	{reason: "intents" + perAddress, most: func(r Rules) int { return r.IntentsPerAddress }, found: func(c db.TryCountRow) int64 { return c.IntentsPerAddress }, asking: true},
}

// exceeded names the rules that others' tries have used up.
func (r Rules) exceeded(count db.TryCountRow, asking, surges bool) (reasons []string) {
	for _, rule := range velocity {
		most := rule.most(r)
		if surges {
			most = (most + 1) / 2
		}
		if most > 0 && rule.found(count) >= int64(most) && (asking || !rule.asking) {
			reasons = append(reasons, rule.reason)
		}
	}
	if surges && len(reasons) > 0 {
		reasons = append(reasons, surge)
	}
	return reasons
}

// Signals are what the provider found of a payment, in Stripe's words; "" is what it did not say.
type Signals struct {
	Risk            Risk
	Outcome         string // "manual_review" when Stripe's own rules want a person to look
	CVCCheck        string
	PostalCodeCheck string
	Line1Check      string
}

const (
	failed       = "fail"
	manualReview = "manual_review"
)

// read is what the provider's findings make of a payment that succeeded.
func (r Rules) read(signals Signals) Verdict {
	verdict := Verdict{Decision: Allow}
	if signals.Risk.reaches(r.HoldRisk) {
		verdict = verdict.and(Hold, "risk_"+string(signals.Risk))
	}
	if signals.Risk.reaches(r.BlockRisk) {
		verdict = verdict.and(Block, "risk_"+string(signals.Risk))
	}
	if signals.Outcome == manualReview {
		verdict = verdict.and(Hold, "stripe_review")
	}
	for check, result := range map[Check]string{CVC: signals.CVCCheck, PostalCode: signals.PostalCodeCheck, Line1: signals.Line1Check} {
		if result == failed && slices.Contains(r.HoldChecks, check) {
			verdict = verdict.and(Hold, string(check)+"_failed")
		}
	}
	slices.Sort(verdict.Reasons)
	return verdict
}
