package money

import (
	"errors"
	"fmt"
)

// Currency is an ISO 4217 code in upper case.
type Currency string

// ErrCurrency reports a code that is not in the table.
var ErrCurrency = errors.New("unknown currency")

// Decimals that differ from two; source: ISO 4217, table A.1, minor unit.
var exponents = map[Currency]int{
	"BIF": 0, "CLP": 0, "DJF": 0, "GNF": 0, "ISK": 0, "JPY": 0, "KMF": 0, "KRW": 0, "PYG": 0,
	"RWF": 0, "UGX": 0, "VND": 0, "VUV": 0, "XAF": 0, "XOF": 0, "XPF": 0,
	"BHD": 3, "IQD": 3, "JOD": 3, "KWD": 3, "LYD": 3, "OMR": 3, "TND": 3,
}

var twoDecimals = [...]Currency{
	"AED", "AFN", "ALL", "AMD", "ANG", "AOA", "ARS", "AUD", "AWG", "AZN", "BAM", "BBD", "BDT",
	"BGN", "BMD", "BND", "BOB", "BRL", "BSD", "BTN", "BWP", "BYN", "BZD", "CAD", "CDF", "CHF",
	"CNY", "COP", "CRC", "CUP", "CVE", "CZK", "DKK", "DOP", "DZD", "EGP", "ERN", "ETB", "EUR",
	"FJD", "FKP", "GBP", "GEL", "GHS", "GIP", "GMD", "GTQ", "GYD", "HKD", "HNL", "HTG", "HUF",
	"IDR", "ILS", "INR", "IRR", "JMD", "KES", "KGS", "KHR", "KPW", "KYD", "KZT", "LAK", "LBP",
	"LKR", "LRD", "LSL", "MAD", "MDL", "MGA", "MKD", "MMK", "MNT", "MOP", "MRU", "MUR", "MVR",
	"MWK", "MXN", "MYR", "MZN", "NAD", "NGN", "NIO", "NOK", "NPR", "NZD", "PAB", "PEN", "PGK",
	"PHP", "PKR", "PLN", "QAR", "RON", "RSD", "RUB", "SAR", "SBD", "SCR", "SDG", "SEK", "SGD",
	"SHP", "SLE", "SOS", "SRD", "SSP", "STN", "SVC", "SYP", "SZL", "THB", "TJS", "TMT", "TOP",
	"TRY", "TTD", "TWD", "TZS", "UAH", "USD", "UYU", "UZS", "VES", "WST", "XCD", "YER", "ZAR",
	"ZMW", "ZWG",
}

func init() {
	for _, currency := range twoDecimals {
		exponents[currency] = 2
	}
}

// ParseCurrency reads an upper-case ISO 4217 code.
func ParseCurrency(code string) (Currency, error) {
	currency := Currency(code)
	if _, known := exponents[currency]; !known {
		return "", fmt.Errorf("%w %q", ErrCurrency, code)
	}
	return currency, nil
}

// Exponent is the number of decimals: 2 for USD, 0 for JPY, 3 for KWD.
func (c Currency) Exponent() int { return exponents[c] }

// Increment is the smallest chargeable step in minor units. Card networks settle three-decimal
// currencies in steps of ten (https://docs.stripe.com/currencies#three-decimal), so an amount
// between two steps could be shown but never charged. The ariary's fifths are not charged at all.
func (c Currency) Increment() int64 {
	switch {
	case c == "MGA":
		return 100
	case c.Exponent() == 3:
		return 10
	}
	return 1
}
