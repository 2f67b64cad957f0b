package demo

import (
	"cartwright/internal/money"
)

// toAmount makes a figure look natural in the currency. It is no exchange rate: 18.50 becomes 18.50 USD or EUR,
// 1850 JPY (a currency without decimals counts in what would be cents) and 18.500 KWD (a third decimal is a zero).
func toAmount(figure money.Number, currency money.Currency) (money.Amount, error) {
	cents, err := figure.In("USD") // any currency with two decimals
	if err != nil {
		return money.Amount{}, err
	}
	minor := cents.Minor
	if currency.Exponent() == 3 {
		minor *= 10
	}
	return money.New(minor, currency), nil
}

func toOptionalAmount(figure money.Number, currency money.Currency) (*money.Amount, error) {
	if figure == "" {
		return nil, nil //nolint:nilnil // no figure, no amount
	}
	amount, err := toAmount(figure, currency)
	return &amount, err
}
