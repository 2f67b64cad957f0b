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

// rule refuses a try once so many others count for it, wherever they come from.
type rule struct {
	reason string
	most   func(Rules) int
	found  func(db.TryCountRow) int64
}

// networkRule refuses a try once so many others from its network count for it. What is under way may be an honest crowd:
// it counts apart where the try may wait for its outcome.
type networkRule struct {
	reason       string
	most         func(Rules) int
	known, found func(db.TryCountByNetworkRow) int64 // what is known to have failed; with what is under way
	asking       bool                                // only of tries that ask for a client secret
}

// In whose reasons others may have a share.
const (
	perAddress = "_per_ip"
	surge      = "surge"
)

var velocity = []rule{
	{"declines_per_email", func(r Rules) int { return r.DeclinesPerEmail }, func(c db.TryCountRow) int64 { return c.DeclinesPerEmail }},
	{"declines_per_session", func(r Rules) int { return r.DeclinesPerSession }, func(c db.TryCountRow) int64 { return c.DeclinesPerSession }},
	{"declines_per_card", func(r Rules) int { return r.DeclinesPerCard }, func(c db.TryCountRow) int64 { return c.DeclinesPerCard }},
	{"cards_per_email", func(r Rules) int { return r.CardsPerEmail }, func(c db.TryCountRow) int64 { return c.CardsPerEmail }},
	{"cards_per_session", func(r Rules) int { return r.CardsPerSession }, func(c db.TryCountRow) int64 { return c.CardsPerSession }},
	{"emails_per_card", func(r Rules) int { return r.EmailsPerCard }, func(c db.TryCountRow) int64 { return c.EmailsPerCard }},
}

var networkVelocity = []networkRule{
	{
		reason: "declines" + perAddress, most: func(r Rules) int { return r.DeclinesPerAddress },
		known: func(c db.TryCountByNetworkRow) int64 { return c.Declined },
		found: func(c db.TryCountByNetworkRow) int64 { return c.Declined + c.UnderWay },
	},
	{
		reason: "cards" + perAddress, most: func(r Rules) int { return r.CardsPerAddress },
		known: func(c db.TryCountByNetworkRow) int64 { return c.CardsDeclined },
		found: func(c db.TryCountByNetworkRow) int64 { return c.Cards },
	},
	{
		reason: "intents" + perAddress, most: func(r Rules) int { return r.IntentsPerAddress }, asking: true,
		known: func(c db.TryCountByNetworkRow) int64 { return c.Asked },
		found: func(c db.TryCountByNetworkRow) int64 { return c.Asked },
	},
}

// counts are what others count for a try.
type counts struct {
	all      db.TryCountRow
	networks []db.TryCountByNetworkRow // by level
	surges   bool
}

// crowd is how many times what a network is still allowed may be under way from it, with 3-D Secure, where waiting did not
// help.
const crowd = 5

// most is a rule's number while many payments of the whole shop are declined, or not.
func (c counts) most(number int) int {
	if c.surges {
		return (number + 1) / 2
	}
	return number
}

// exceeded names the rules that others' tries have used up, without those of networks.
func (r Rules) exceeded(c counts) (reasons []string) {
	for _, rule := range velocity {
		if most := c.most(rule.most(r)); most > 0 && rule.found(c.all) >= int64(most) {
			reasons = append(reasons, rule.reason)
		}
	}
	return reasons
}

// failed names the rules of networks that are used up by what is known to have failed.
func (r Rules) failed(c counts, asking bool) []string {
	return r.ofNetworks(c, asking, func(rule networkRule, row db.TryCountByNetworkRow, most int64) bool {
		return rule.known(row) >= most
	})
}

// crowded names the rules of networks that are used up if all that is under way fails.
func (r Rules) crowded(c counts, asking bool) []string {
	return r.ofNetworks(c, asking, func(rule networkRule, row db.TryCountByNetworkRow, most int64) bool {
		return rule.found(row) >= most
	})
}

// overrun names the rules of networks from which more is under way than a crowd's tries: the fewer, the more failed.
func (r Rules) overrun(c counts, asking bool) []string {
	return r.ofNetworks(c, asking, func(rule networkRule, row db.TryCountByNetworkRow, most int64) bool {
		known := rule.known(row)
		return rule.found(row)-known >= (most-known)*crowd
	})
}

// doubtful reports whether a network has used up a share of what it is allowed: half of its declines, a third of its
// client secrets.
func (r Rules) doubtful(c counts, asking bool) bool {
	return len(r.ofNetworks(c, asking, func(rule networkRule, row db.TryCountByNetworkRow, most int64) bool {
		if rule.asking {
			return 3*rule.known(row) >= most
		}
		return 2*rule.known(row) >= most
	})) > 0
}

func (r Rules) ofNetworks(c counts, asking bool, used func(networkRule, db.TryCountByNetworkRow, int64) bool) (reasons []string) {
	for _, rule := range networkVelocity {
		if rule.most(r) == 0 || rule.asking && !asking {
			continue
		}
		if slices.ContainsFunc(c.networks, func(row db.TryCountByNetworkRow) bool {
			return used(rule, row, int64(c.most(more(rule.most(r), int(row.Level)-1))))
		}) {
			reasons = append(reasons, rule.reason)
		}
	}
	return reasons
}

// named are reasons with that of a surge, where it had a share in them.
func (c counts) named(reasons []string) []string {
	if c.surges && len(reasons) > 0 {
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
