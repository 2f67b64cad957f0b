package stripesim

import (
	"fmt"
	"strings"
)

// supported lists the presentment currencies of docs.stripe.com/currencies.
var supported = wordSet(`usd aed afn all amd ang aoa ars aud awg azn bam bbd bdt bgn bhd bif bmd bnd
bob brl bsd bwp byn bzd cad cdf chf clp cny cop crc cve czk djf dkk dop dzd egp etb eur fjd fkp gbp
gel gip gmd gnf gtq gyd hkd hnl htg huf idr ils inr isk jmd jod jpy kes kgs khr kmf krw kwd kyd kzt
lak lbp lkr lrd lsl mad mdl mga mkd mmk mnt mop mur mvr mwk mxn myr mzn nad ngn nio nok npr nzd omr
pab pen pgk php pkr pln pyg qar ron rsd rub rwf sar sbd scr sek sgd shp sle sos srd std szl thb tjs
tnd top try ttd twd tzs uah ugx uyu uzs vnd vuv wst xaf xcd xof xpf yer zar zmw`)

// decimals differ from two; ISK and UGX are charged in hundredths all the same.
var decimals = map[string]int{
	"bif": 0, "clp": 0, "djf": 0, "gnf": 0, "jpy": 0, "kmf": 0, "krw": 0, "mga": 0, "pyg": 0,
	"rwf": 0, "vnd": 0, "vuv": 0, "xaf": 0, "xof": 0, "xpf": 0,
	"bhd": 3, "jod": 3, "kwd": 3, "omr": 3, "tnd": 3,
}

// step is the smallest change of an amount where it is not one minor unit.
var step = map[string]int64{
	"bhd": 10, "jod": 10, "kwd": 10, "omr": 10, "tnd": 10, "isk": 100, "ugx": 100,
}

// minimum is Stripe's smallest charge, in minor units, where it publishes one.
var minimum = map[string]int64{
	"usd": 50, "aed": 200, "aud": 50, "bgn": 100, "brl": 50, "cad": 50, "chf": 50, "czk": 1500,
	"dkk": 250, "eur": 50, "gbp": 30, "hkd": 400, "huf": 17500, "inr": 50, "jpy": 50, "mxn": 1000,
	"myr": 200, "nok": 300, "nzd": 50, "pln": 200, "ron": 200, "sek": 300, "sgd": 50, "thb": 1000,
}

// maximum is eight digits, but twelve of rupiah.
func maximum(currency string) int64 {
	if currency == "idr" {
		return 999_999_999_999
	}
	return 99_999_999
}

func checkCurrency(currency string) *apiError {
	if !supported[currency] {
		return refuse("", "currency", "Invalid currency: %s. Stripe currently does not support it.", currency)
	}
	return nil
}

// checkAmount applies Stripe's limits to an amount to charge.
func checkAmount(amount int64, currency string) *apiError {
	low, unit := minimum[currency], max(step[currency], 1)
	switch {
	case amount < 1:
		return refuse("parameter_invalid_integer", "amount", "This value must be greater than or equal to 1.")
	case amount < low:
		return refuse("amount_too_small", "amount", "Amount must be at least %s", display(low, currency))
	case amount > maximum(currency):
		return refuse("amount_too_large", "amount", "Amount must be no more than %s", display(maximum(currency), currency))
	case amount%unit != 0:
		return refuse("parameter_invalid_integer", "amount", "Amounts in %s must be divisible by %d.", currency, unit)
	}
	return nil
}

// display writes an amount for a person, as in "0.50 usd".
func display(amount int64, currency string) string {
	places, ok := decimals[currency]
	if !ok {
		places = 2
	}
	digits := fmt.Sprintf("%0*d", places+1, amount)
	if places == 0 {
		return digits + " " + currency
	}
	point := len(digits) - places
	return digits[:point] + "." + digits[point:] + " " + currency
}

func wordSet(words string) map[string]bool {
	set := map[string]bool{}
	for word := range strings.FieldsSeq(words) {
		set[word] = true
	}
	return set
}
