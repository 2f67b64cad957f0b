package stripe

import (
	"fmt"
	"strings"

	"cartwright/internal/money"
	"cartwright/internal/payments"
)

// Currencies that have no decimals by ISO 4217 but that Stripe counts in hundredths, for backwards
// compatibility (https://docs.stripe.com/currencies#special-cases).
var hundredfold = map[money.Currency]bool{"ISK": true, "UGX": true}

// And those that ISO 4217 gives decimals but Stripe counts in whole units
// (https://docs.stripe.com/currencies#zero-decimal).
var whole = map[money.Currency]bool{"MGA": true}

// toStripe is the amount in the unit that Stripe counts the currency in.
func toStripe(amount money.Amount) (int64, error) {
	if amount.Minor%amount.Currency.Increment() != 0 {
		return 0, fmt.Errorf("%s cannot be charged", amount)
	}
	if whole[amount.Currency] {
		return amount.Minor / amount.Currency.Increment(), nil
	}
	if hundredfold[amount.Currency] {
		scaled, err := amount.Times(100)
		return scaled.Minor, err
	}
	return amount.Minor, nil
}

// The most that one payment may ask for, in Stripe's units
// (https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts).
const (
	maxUnits    = 99_999_999
	maxUnitsIDR = 999_999_999_999
)

// Chargeable is nil when one payment can ask for the amount. Stripe's minimum depends on the
// account's currency and is left for Stripe to say.
func (p *Provider) Chargeable(amount money.Amount) error {
	units, err := toStripe(amount)
	if err != nil {
		return payments.ErrNotChargeable.Wrap(err)
	}
	most := int64(maxUnits)
	if amount.Currency == "IDR" {
		most = maxUnitsIDR
	}
	if units > most {
		return payments.ErrNotChargeable
	}
	return nil
}

func currencyToStripe(currency money.Currency) string { return strings.ToLower(string(currency)) }

// fromStripe is the amount that Stripe means. A currency that this shop does not know passes: it
// equals no amount of ours, and that is for the reader to find.
func fromStripe(units int64, code string) (money.Amount, error) {
	currency := money.Currency(strings.ToUpper(code))
	if hundredfold[currency] {
		if units%100 != 0 {
			return money.Amount{}, fmt.Errorf("%d hundredths of %s are no amount", units, currency)
		}
		units /= 100
	}
	amount := money.New(units, currency)
	if whole[currency] {
		return amount.Times(currency.Increment())
	}
	return amount, nil
}
