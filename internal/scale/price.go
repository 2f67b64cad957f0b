package scale

import "cartwright/internal/money"

// logNormal are the quantiles, in thousandths of the median, of a log-normal distribution with sigma 0.75: prices and
// stocks have many small ones and a long tail. exp(0.75 z) at 33 points from 0.2 % to 99.95 %.
var logNormal = []int{
	115, 247, 316, 372, 422, 469, 514, 559, 603, 648, 693, 740, 787, 837, 889, 943, 1000, 1061, 1125, 1195, 1270, 1352,
	1443, 1544, 1658, 1790, 1945, 2133, 2370, 2687, 3160, 4043, 11798,
}

// spread is a number of that distribution.
func spread(d *dice) int {
	const fine = 1024
	at, part := d.below(len(logNormal)-1), d.below(fine)
	return logNormal[at] + (logNormal[at+1]-logNormal[at])*part/fine
}

// newFigure is a price around the usual one, with an ending that shops like. Some things are free.
func newFigure(d *dice, usual int) int {
	raw := usual * spread(d) / 1000
	switch {
	case d.below(2000) == 0:
		return 0
	case raw > 10000:
		raw = (raw + 250) / 500 * 500
	default:
		raw = max(100, (raw+50)/100*100)
	}
	switch roll := d.below(100); {
	case roll < 70:
		return raw - 1
	case roll < 85 && raw < 10000:
		return raw - 50
	}
	return raw
}

// newCompare is a former price for one product in five.
func newCompare(d *dice, figure int) *int {
	if figure == 0 || !d.permille(200) {
		return nil
	}
	former := figure + figure*d.between(10, 50)/100
	former = former/100*100 + 99
	return &former
}

func newCost(d *dice, figure int) *int {
	cost := figure * d.between(35, 65) / 100
	return &cost
}

// toMinor makes a figure look natural in the currency, as the demo shop does: 18.50 becomes 18.50 USD or EUR, 1850 JPY
// (a currency without decimals counts in what would be cents) and 18.500 KWD.
func toMinor(figure int, currency money.Currency) int64 {
	minor := int64(figure)
	switch currency.Exponent() {
	case 0:
		return (minor + 9) / 10 * 10 // nothing costs 1,899 yen
	case 3:
		return minor * 10
	}
	return minor
}

func toOptionalMinor(figure *int, currency money.Currency) *int64 {
	if figure == nil {
		return nil
	}
	minor := toMinor(*figure, currency)
	return &minor
}
