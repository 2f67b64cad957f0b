package money

import (
	"errors"
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"
)

// Errors of arithmetic. They mean a bug or an absurd input, never a rounding matter.
var (
	ErrOverflow = errors.New("amount out of range")
	ErrMixed    = errors.New("amounts of different currencies")
)

// Amount is a sum of money: Minor units of Currency.
type Amount struct {
	Minor    int64
	Currency Currency
}

// New is an amount of minor units.
func New(minor int64, currency Currency) Amount { return Amount{Minor: minor, Currency: currency} }

// Add is a + b; ErrMixed or ErrOverflow otherwise.
func (a Amount) Add(b Amount) (Amount, error) {
	if a.Currency != b.Currency {
		return Amount{}, fmt.Errorf("%w: %s and %s", ErrMixed, a.Currency, b.Currency)
	}
	sum := a.Minor + b.Minor
	if (sum > a.Minor) != (b.Minor > 0) && b.Minor != 0 {
		return Amount{}, ErrOverflow
	}
	return New(sum, a.Currency), nil
}

// Times is the amount of quantity pieces; ErrOverflow when it does not fit.
func (a Amount) Times(quantity int64) (Amount, error) {
	product := new(big.Int).Mul(big.NewInt(a.Minor), big.NewInt(quantity))
	if !product.IsInt64() {
		return Amount{}, ErrOverflow
	}
	return New(product.Int64(), a.Currency), nil
}

// Rate is a share of the amount, such as a tax, rounded half up to the currency's increment.
func (a Amount) Rate(rate *big.Rat) (Amount, error) {
	step := big.NewRat(a.Currency.Increment(), 1)
	exact := new(big.Rat).Mul(new(big.Rat).SetInt64(a.Minor), rate)
	steps := roundHalfUp(exact.Quo(exact, step))
	rounded := steps.Mul(steps, big.NewInt(a.Currency.Increment()))
	if !rounded.IsInt64() {
		return Amount{}, ErrOverflow
	}
	return New(rounded.Int64(), a.Currency), nil
}

// roundHalfUp is floor(x + 1/2).
func roundHalfUp(x *big.Rat) *big.Int {
	shifted := new(big.Rat).Add(x, big.NewRat(1, 2))
	return new(big.Int).Div(shifted.Num(), shifted.Denom())
}

// Allocate splits the amount by weights so that the parts add up to it exactly. What rounding
// leaves over goes, one minor unit each, to the first parts with a weight.
func (a Amount) Allocate(weights []int64) ([]Amount, error) {
	total := new(big.Int)
	for _, weight := range weights {
		if weight < 0 {
			return nil, fmt.Errorf("%w: negative weight", ErrOverflow)
		}
		total.Add(total, big.NewInt(weight))
	}
	if total.Sign() == 0 {
		return nil, fmt.Errorf("%w: no weight", ErrOverflow)
	}
	parts, left := make([]Amount, len(weights)), a.Minor
	for i, weight := range weights {
		share := new(big.Int).Mul(big.NewInt(a.Minor), big.NewInt(weight))
		parts[i] = New(share.Quo(share, total).Int64(), a.Currency)
		left -= parts[i].Minor
	}
	step := int64(1)
	if left < 0 {
		step = -1
	}
	for i := 0; left != 0; i++ {
		if weights[i] > 0 {
			parts[i].Minor += step
			left -= step
		}
	}
	return parts, nil
}

// Number is the amount as exact decimal text with all of the currency's decimals: "32.00".
func (a Amount) Number() Number {
	exponent := a.Currency.Exponent()
	sign, digits := "", strconv.FormatInt(a.Minor, 10)
	if a.Minor < 0 {
		sign, digits = "-", digits[1:]
	}
	if exponent == 0 {
		return Number(sign + digits)
	}
	if missing := exponent + 1 - len(digits); missing > 0 {
		digits = strings.Repeat("0", missing) + digits
	}
	point := len(digits) - exponent
	return Number(sign + digits[:point] + "." + digits[point:])
}

// String is for logs: "32.00 USD".
func (a Amount) String() string { return string(a.Number()) + " " + string(a.Currency) }

// maxMinor bounds what is read from outside, so that no sum of a cart comes near the end of int64:
// 200 lines of 10,000 pieces each, twice for tax, still fit.
const maxMinor = math.MaxInt64 / 100_000_000
