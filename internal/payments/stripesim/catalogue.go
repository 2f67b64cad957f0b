package stripesim

import "strings"

// behaviour is what a test method does, after docs.stripe.com/testing.
type behaviour struct {
	brand, last4, country string
	// bank makes it a US bank account, whose payments take days.
	bank bool
	// challenge asks for the customer's authentication first.
	challenge bool
	// secure does so where the payment asks for it.
	secure bool
	// excused is when a customer who is absent need not be asked; 0 is never.
	excused excuse
	// fails is the issuer's answer once authenticated; nil approves.
	fails *decline
	// saved says that it can be saved all the same.
	saved bool
	// refund is how refunds go: at once, pending until finished, or seemingly at once
	// and then failing.
	refund refundCourse
	// dispute is what the bank does as soon as the money came; nil is nothing.
	dispute *NewDispute
	// risk is the risk engine's opinion; "" is normal.
	risk string
	// checks are what the bank answers about what the customer typed.
	checks checks
	// number is the card number of the same behaviour, where Stripe publishes one.
	number string
}

// checks say which of them fail; what does not is left unsaid, as Stripe does of its test methods.
type checks struct{ cvc, line1, postalCode bool }

type excuse int

const (
	// excusedOnceSetUp is after a setup, or a payment that saved it.
	excusedOnceSetUp excuse = iota + 1
	alwaysExcused
)

// excused tells whether the method's owner need not be asked in their absence.
func (m *method) excused() bool {
	excused := catalogue[m.Behaviour].excused
	return excused == alwaysExcused || excused == excusedOnceSetUp && m.SetUp
}

// refusesSetup tells whether a card cannot be saved (https://docs.stripe.com/testing#declined-payments). The issuer of one
// that asks for its owner declines only payments.
func (b behaviour) refusesSetup() bool { return b.fails != nil && !b.challenge && !b.saved }

type refundCourse int

const (
	refundSucceeds refundCourse = iota
	refundPending
	refundFails
)

// decline is an issuer's refusal in Stripe's words.
type decline struct {
	code, declineCode, message, param string
	blocked                           bool
}

var (
	genericDecline    = &decline{code: "card_declined", declineCode: "generic_decline", message: "Your card was declined."}
	insufficientFunds = &decline{code: "card_declined", declineCode: "insufficient_funds", message: "Your card has insufficient funds."}
	lostCard          = &decline{code: "card_declined", declineCode: "lost_card", message: "Your card was declined."}
	stolenCard        = &decline{code: "card_declined", declineCode: "stolen_card", message: "Your card was declined."}
	velocityExceeded  = &decline{code: "card_declined", declineCode: "card_velocity_exceeded", message: "Your card was declined for making repeated attempts too frequently or exceeding its amount limit."}
	fraudulent        = &decline{code: "card_declined", declineCode: "fraudulent", message: "Your card was declined.", blocked: true}
	expiredCard       = &decline{code: "expired_card", declineCode: "expired_card", message: "Your card has expired.", param: "exp_month"}
	incorrectCVC      = &decline{code: "incorrect_cvc", declineCode: "incorrect_cvc", message: "Your card's security code is incorrect.", param: "cvc"}
	processingError   = &decline{code: "processing_error", declineCode: "processing_error", message: "An error occurred while processing your card. Try again in a little bit."}
)

// What the risk engine makes of a charge.
const (
	riskNormal   = "normal"
	riskElevated = "elevated"
	riskHighest  = "highest"
)

// catalogue is keyed by the name after "pm_card_" or "tok_"; bank accounts by the name
// after "pm_".
var catalogue = map[string]behaviour{
	"visa":               {brand: "visa", last4: "4242", number: "4242424242424242"},
	"visa_debit":         {brand: "visa", last4: "5556", number: "4000056655665556"},
	"mastercard":         {brand: "mastercard", last4: "4444", number: "5555555555554444"},
	"mastercard_debit":   {brand: "mastercard", last4: "8210", number: "5200828282828210"},
	"mastercard_prepaid": {brand: "mastercard", last4: "5100", number: "5105105105105100"},
	"amex":               {brand: "amex", last4: "0005", number: "378282246310005"},
	"discover":           {brand: "discover", last4: "1117", number: "6011111111111117"},
	"diners":             {brand: "diners", last4: "0004", number: "3056930009020004"},
	"jcb":                {brand: "jcb", last4: "0505", number: "3566002020360505"},
	"unionpay":           {brand: "unionpay", last4: "0005", number: "6200000000000005"},
	"gb":                 {brand: "visa", last4: "0000", country: "GB", number: "4000008260000000"},
	"de":                 {brand: "visa", last4: "0016", country: "DE", number: "4000002760000016"},
	"jp":                 {brand: "visa", last4: "0003", country: "JP", number: "4000003920000003"},
	"bypassPending":      {brand: "visa", last4: "0077", number: "4000000000000077"},

	"riskLevelElevated":        {brand: "visa", last4: "9235", number: "4000000000009235", risk: riskElevated},
	"cvcCheckFail":             {brand: "visa", last4: "0101", number: "4000000000000101", checks: checks{cvc: true}},
	"cvcCheckFailElevatedRisk": {brand: "visa", last4: "7872", number: "4000058400307872", checks: checks{cvc: true}, risk: riskElevated},
	"avsFail":                  {brand: "visa", last4: "0010", number: "4000000000000010", checks: checks{line1: true, postalCode: true}},
	"avsLine1Fail":             {brand: "visa", last4: "0028", number: "4000000000000028", checks: checks{line1: true}},
	"avsZipFail":               {brand: "visa", last4: "0036", number: "4000000000000036", checks: checks{postalCode: true}},
	"avsZipFailElevatedRisk":   {brand: "visa", last4: "6072", number: "4000058400306072", checks: checks{postalCode: true}, risk: riskElevated},

	"chargeDeclined":                      {brand: "visa", last4: "0002", fails: genericDecline, number: "4000000000000002"},
	"chargeCustomerFail":                  {brand: "visa", last4: "0341", fails: genericDecline, saved: true, number: "4000000000000341"},
	"chargeDeclinedInsufficientFunds":     {brand: "visa", last4: "9995", fails: insufficientFunds, number: "4000000000009995"},
	"chargeDeclinedLostCard":              {brand: "visa", last4: "9987", fails: lostCard, number: "4000000000009987"},
	"chargeDeclinedStolenCard":            {brand: "visa", last4: "9979", fails: stolenCard, number: "4000000000009979"},
	"chargeDeclinedVelocityLimitExceeded": {brand: "visa", last4: "6975", fails: velocityExceeded, number: "4000000000006975"},
	"chargeDeclinedFraudulent":            {brand: "visa", last4: "0019", fails: fraudulent, risk: riskHighest, number: "4100000000000019"},
	"chargeDeclinedExpiredCard":           {brand: "visa", last4: "0069", fails: expiredCard, number: "4000000000000069"},
	"chargeDeclinedIncorrectCvc":          {brand: "visa", last4: "0127", fails: incorrectCVC, number: "4000000000000127"},
	"chargeDeclinedProcessingError":       {brand: "visa", last4: "0119", fails: processingError, number: "4000000000000119"},
	"riskLevelHighest":                    {brand: "visa", last4: "4954", fails: fraudulent, risk: riskHighest, number: "4000000000004954"},
	"radarBlock":                          {brand: "visa", last4: "0019", fails: fraudulent, risk: riskHighest},

	"authenticationRequired":                                {brand: "visa", last4: "3184", challenge: true, number: "4000002760003184"},
	"authenticationRequiredOnSetup":                         {brand: "visa", last4: "3155", challenge: true, excused: excusedOnceSetUp, number: "4000002500003155"},
	"authenticationRequiredSetupForOffSession":              {brand: "visa", last4: "0446", challenge: true, excused: alwaysExcused, number: "4000003800000446"},
	"threeDSecureRequired":                                  {brand: "visa", last4: "3063", challenge: true, number: "4000000000003063"},
	"threeDSecure2Required":                                 {brand: "visa", last4: "3220", challenge: true, number: "4000000000003220"},
	"threeDSecureOptional":                                  {brand: "visa", last4: "3055", secure: true, number: "4000000000003055"},
	"threeDSecureRequiredChargeDeclined":                    {brand: "visa", last4: "1629", challenge: true, fails: genericDecline, number: "4000008400001629"},
	"authenticationRequiredChargeDeclinedInsufficientFunds": {brand: "visa", last4: "3178", challenge: true, fails: insufficientFunds, number: "4000008260003178"},

	"pendingRefund": {brand: "visa", last4: "7726", refund: refundPending, number: "4000000000007726"},
	"refundFail":    {brand: "visa", last4: "5126", refund: refundFails, number: "4000000000005126"},

	"createDispute":                   {brand: "visa", last4: "0259", dispute: &NewDispute{}, number: "4000000000000259"},
	"createDisputeProductNotReceived": {brand: "visa", last4: "2685", dispute: &NewDispute{Reason: "product_not_received"}, number: "4000000000002685"},
	"createDisputeInquiry":            {brand: "visa", last4: "1976", dispute: &NewDispute{Inquiry: true}, number: "4000000000001976"},

	"usBankAccount":            {bank: true, last4: "6789"},
	"usBankAccount_success":    {bank: true, last4: "6789"},
	"usBankAccount_processing": {bank: true, last4: "6789"},
}

// aliases are the other spellings Stripe knows.
var aliases = map[string]string{
	"chargeDeclinedExpired": "chargeDeclinedExpiredCard",
}

// behaviourOf finds a catalogue name behind "pm_card_…", "tok_…" or "pm_usBankAccount…".
func behaviourOf(id string) (string, bool) {
	name, ok := strings.CutPrefix(id, "pm_card_")
	if !ok {
		name, ok = strings.CutPrefix(id, "tok_")
	}
	if !ok {
		name, _ = strings.CutPrefix(id, "pm_")
		b, known := catalogue[name]
		return name, known && b.bank
	}
	if rest, found := strings.CutPrefix(name, "visa_"); found && rest != "debit" {
		name = rest // pm_card_visa_chargeDeclined is pm_card_chargeDeclined
	}
	if other, found := aliases[name]; found {
		name = other
	}
	b, known := catalogue[name]
	return name, known && !b.bank
}

// behaviourOfNumber finds a catalogue name by test card number.
func behaviourOfNumber(number string) (string, bool) {
	for name, b := range catalogue {
		if b.number != "" && b.number == number {
			return name, true
		}
	}
	return "", false
}

// luhn reports whether a card number's check digit is right.
func luhn(number string) bool {
	sum := 0
	for i := range len(number) {
		c := number[len(number)-1-i]
		if c < '0' || c > '9' {
			return false
		}
		digit := int(c - '0')
		if i%2 == 1 {
			if digit *= 2; digit > 9 {
				digit -= 9
			}
		}
		sum += digit
	}
	return len(number) >= 12 && sum%10 == 0
}
