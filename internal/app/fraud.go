package app

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/caarlos0/env/v11"

	"cartwright/internal/fraud"
)

// FraudConfig says when payments are refused or held. Without numbers no rule counts.
type FraudConfig struct {
	Window             Window   `env:"WINDOW" envDefault:"1h"`
	DeclinesPerIP      Limit    `env:"DECLINES_PER_IP" envDefault:"10"`
	DeclinesPerEmail   Limit    `env:"DECLINES_PER_EMAIL" envDefault:"8"`
	DeclinesPerSession Limit    `env:"DECLINES_PER_SESSION" envDefault:"6"`
	DeclinesPerCard    Limit    `env:"DECLINES_PER_CARD" envDefault:"6"`
	CardsPerIP         Limit    `env:"CARDS_PER_IP" envDefault:"8"`
	CardsPerEmail      Limit    `env:"CARDS_PER_EMAIL" envDefault:"6"`
	CardsPerSession    Limit    `env:"CARDS_PER_SESSION" envDefault:"4"`
	EmailsPerCard      Limit    `env:"EMAILS_PER_CARD" envDefault:"4"`
	IntentsPerIP       Limit    `env:"INTENTS_PER_IP" envDefault:"60"`
	SurgeShare         Limit    `env:"SURGE_SHARE" envDefault:"60"`
	SurgeTries         Limit    `env:"SURGE_TRIES" envDefault:"30"`
	SurgeWindow        Window   `env:"SURGE_WINDOW" envDefault:"10m"`
	OrderShare         Limit    `env:"ORDER_SHARE" envDefault:"50"`
	HeldShare          *Limit   `env:"HELD_SHARE"` // nil leaves it to the command
	HeldAlways         Limit    `env:"HELD_ALWAYS" envDefault:"10"`
	UnitsPerLine       Limit    `env:"UNITS_PER_LINE" envDefault:"500"`
	UnitsPerOrder      Limit    `env:"UNITS_PER_ORDER" envDefault:"1000"`
	HoldRisk           string   `env:"HOLD_RISK" envDefault:"elevated"`
	BlockRisk          string   `env:"BLOCK_RISK" envDefault:"highest"`
	HoldChecks         []string `env:"HOLD_CHECKS" envDefault:"cvc,postal_code"`
}

// Limit is how many of something are allowed, or 0 for no limit. What is none is -1, for problems to tell.
type Limit int

// maxLimit keeps a slip of the finger from being a rule.
const maxLimit = 1_000_000

// UnmarshalText reads a number.
func (l *Limit) UnmarshalText(text []byte) error {
	*l = -1
	if number, err := strconv.Atoi(string(text)); err == nil && number >= 0 && number <= maxLimit {
		*l = Limit(number)
	}
	return nil
}

// FraudDefaults are the rules of a shop that configures none, without what the command adds.
func FraudDefaults() FraudConfig {
	defaults, _ := env.ParseAsWithOptions[FraudConfig](env.Options{Environment: map[string]string{}}) // our own text
	return defaults
}

// limitHolds is for where shoppers come from networks of their own: in dev mode all come from one address.
func (c *FraudConfig) limitHolds() {
	if c.HeldShare == nil {
		share := Limit(DefaultHeldShare)
		c.HeldShare = &share
	}
}

const (
	minFraudWindow = time.Minute
	maxFraudWindow = maxWindow
)

// problems are what no shop can work with.
func (c FraudConfig) problems() (problems []error) {
	unless := func(fine bool, problem string) {
		if !fine {
			problems = append(problems, errors.New(problem))
		}
	}
	for name, limit := range map[string]Limit{
		"DECLINES_PER_IP": c.DeclinesPerIP, "DECLINES_PER_EMAIL": c.DeclinesPerEmail, "DECLINES_PER_SESSION": c.DeclinesPerSession,
		"DECLINES_PER_CARD": c.DeclinesPerCard, "CARDS_PER_IP": c.CardsPerIP, "CARDS_PER_EMAIL": c.CardsPerEmail,
		"CARDS_PER_SESSION": c.CardsPerSession, "EMAILS_PER_CARD": c.EmailsPerCard, "INTENTS_PER_IP": c.IntentsPerIP,
		"HELD_ALWAYS": c.HeldAlways, "UNITS_PER_LINE": c.UnitsPerLine, "UNITS_PER_ORDER": c.UnitsPerOrder,
	} {
		unless(limit >= 0, fmt.Sprintf("FRAUD_%s is not a number from 1 to %d, such as 10, or 0 to leave the rule out", name, maxLimit))
	}
	for name, window := range map[string]Window{"WINDOW": c.Window, "SURGE_WINDOW": c.SurgeWindow} {
		within := time.Duration(window) >= minFraudWindow && time.Duration(window) <= maxFraudWindow
		unless(within, fmt.Sprintf("FRAUD_%s is not a time between 1m and 24h, in milliseconds such as 3600000 or as a duration such as 1h", name))
	}
	for name, share := range map[string]Limit{"ORDER_SHARE": c.OrderShare, "HELD_SHARE": c.heldShare()} {
		unless(share >= 0 && share <= 100, fmt.Sprintf("FRAUD_%s is not a number of per cent from 1 to 100, or 0 to leave the rule out", name))
	}
	unless(c.SurgeShare >= 0 && c.SurgeShare <= 100, "FRAUD_SURGE_SHARE is not a number of per cent from 1 to 100, or 0 to leave the rule out")
	unless(c.SurgeTries >= 1, "FRAUD_SURGE_TRIES is not a number of payments of 1 or more, such as 30")
	for name, risk := range map[string]string{"HOLD_RISK": c.HoldRisk, "BLOCK_RISK": c.BlockRisk} {
		unless(slices.Contains(fraud.Risks, fraud.Risk(risk)), fmt.Sprintf("FRAUD_%s is not one of elevated, highest and none", name))
	}
	for _, check := range c.checks() {
		unless(slices.Contains(fraud.Checks, check),
			fmt.Sprintf("FRAUD_HOLD_CHECKS names %q, which is not one of cvc, postal_code and line1, or none alone", string(check)))
	}
	slices.SortFunc(problems, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) })
	return problems
}

// DefaultHeldShare is what one network may hold of a variant unpaid, in per cent.
const DefaultHeldShare = 50

// heldShare is what was configured; without it no rule counts.
func (c FraudConfig) heldShare() Limit {
	if c.HeldShare == nil {
		return 0
	}
	return *c.HeldShare
}

// checks are those that hold an order when they fail.
func (c FraudConfig) checks() (checks []fraud.Check) {
	for _, name := range trimmed(c.HoldChecks) {
		checks = append(checks, fraud.Check(name))
	}
	if len(checks) == 1 && checks[0] == fraud.Check(fraud.Never) {
		return nil
	}
	return checks
}

// rules are the configured ones.
func (c FraudConfig) rules() fraud.Rules {
	return fraud.Rules{
		Window:             time.Duration(c.Window),
		DeclinesPerAddress: int(c.DeclinesPerIP), DeclinesPerEmail: int(c.DeclinesPerEmail),
		DeclinesPerSession: int(c.DeclinesPerSession), DeclinesPerCard: int(c.DeclinesPerCard),
		CardsPerAddress: int(c.CardsPerIP), CardsPerEmail: int(c.CardsPerEmail), CardsPerSession: int(c.CardsPerSession),
		EmailsPerCard: int(c.EmailsPerCard), IntentsPerAddress: int(c.IntentsPerIP),
		Surge: fraud.Surge{Window: time.Duration(c.SurgeWindow), Share: int(c.SurgeShare), Tries: int(c.SurgeTries)},
		Holds: fraud.Holds{
			OrderShare: int(c.OrderShare), NetworkShare: int(c.heldShare()), Always: int(c.HeldAlways),
			UnitsPerLine: int(c.UnitsPerLine), UnitsPerOrder: int(c.UnitsPerOrder),
		},
		HoldRisk: fraud.Risk(c.HoldRisk), BlockRisk: fraud.Risk(c.BlockRisk), HoldChecks: c.checks(),
	}
}
