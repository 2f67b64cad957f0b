// Package pricing says what a set of lines costs.
//
// Owns: subtotal, tax and total of lines, and the tax rate's text.
// Does not own: the price of a variant (package catalog) and who asks.
//
// Invariants: subtotal − discount + shipping + tax = total, never below zero, in one currency;
// the only inputs are prices from the database and quantities. Discounts and shipping are zero
// until the shop has promotions and carriers.
package pricing

import (
	"errors"
	"fmt"
	"math/big"

	"cartwright/internal/money"
)

// ErrRate reports a tax rate that is not a decimal share between 0 and 1.
var ErrRate = errors.New("a tax rate is a decimal between 0 and 1, such as 0.08")

// Line is so many of something at a price.
type Line struct {
	Price    money.Amount
	Quantity int32
}

// Totals is what the lines cost.
type Totals struct {
	Lines    []money.Amount // price × quantity of each line
	Subtotal money.Amount
	Discount money.Amount
	Shipping money.Amount
	Tax      money.Amount
	Total    money.Amount
}

// Service prices with one tax rate, applied to the subtotal and rounded half up once.
type Service struct {
	currency money.Currency
	taxRate  *big.Rat
}

// New makes a service for a shop's currency; ErrRate for a bad tax rate.
func New(currency money.Currency, taxRate string) (*Service, error) {
	rate, ok := new(big.Rat).SetString(taxRate)
	if !ok || rate.Sign() < 0 || rate.Cmp(big.NewRat(1, 1)) > 0 {
		return nil, fmt.Errorf("%w: %.40q", ErrRate, taxRate)
	}
	return &Service{currency: currency, taxRate: rate}, nil
}

// Currency is what the shop sells in.
func (s *Service) Currency() money.Currency { return s.currency }

// Price adds the lines up. money.ErrOverflow and money.ErrMixed are its only errors.
func (s *Service) Price(lines []Line) (Totals, error) {
	zero := money.New(0, s.currency)
	totals := Totals{Lines: make([]money.Amount, len(lines)), Subtotal: zero, Discount: zero, Shipping: zero}
	for i, line := range lines {
		amount, err := line.Price.Times(int64(line.Quantity))
		if err != nil {
			return Totals{}, err
		}
		if totals.Subtotal, err = totals.Subtotal.Add(amount); err != nil {
			return Totals{}, err
		}
		totals.Lines[i] = amount
	}
	var err error
	if totals.Tax, err = totals.Subtotal.Rate(s.taxRate); err != nil {
		return Totals{}, err
	}
	totals.Total, err = totals.Subtotal.Add(totals.Tax)
	return totals, err
}
