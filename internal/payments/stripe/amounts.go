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

// What one payment may ask for, in Stripe's units (https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts).
// The least is that of accounts that are paid out in the same currency.
const (
	maxUnits    = 99_999_999
	maxUnitsIDR = 999_999_999_999
)

var minUnits = map[money.Currency]int64{
	"AED": 200, "AUD": 50, "BGN": 100, "BRL": 50, "CAD": 50, "CHF": 50, "CZK": 1500, "DKK": 250, "EUR": 50, "GBP": 30,
	"HKD": 400, "HUF": 17500, "INR": 50, "JPY": 50, "MXN": 1000, "MYR": 200, "NOK": 300, "NZD": 50, "PLN": 200, "RON": 200,
	"SEK": 300, "SGD": 50, "THB": 1000, "USD": 50,
}

// Chargeable is nil when one payment can ask for the amount, or when there is nothing to ask for. Of an account that is
// paid out in another currency, Stripe may still ask for more.
func (p *Provider) Chargeable(amount money.Amount) error {
	units, err := toStripe(amount)
	if err != nil {
		return payments.ErrNotChargeable.Wrap(err)
	}
	least, most := minUnits[amount.Currency], int64(maxUnits)
	if amount.Currency == "IDR" {
		most = maxUnitsIDR
	}
	switch {
	case units > 0 && units < least:
		return outOfRange("less", least, amount.Currency)
	case units > most:
		return outOfRange("more", most, amount.Currency)
	}
	return nil
}

// outOfRange is ErrNotChargeable that tells the limit.
func outOfRange(side string, limit int64, currency money.Currency) error {
	amount, err := fromStripe(limit, string(currency))
	if err != nil { // the limit is no whole amount of the currency
		return payments.ErrNotChargeable.Wrap(err)
	}
	return payments.ErrNotChargeable.Saying(fmt.Sprintf("The payment provider accepts no payment of %s than %s.", side, amount))
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
