package money

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Errors of reading a Number as an amount.
var (
	ErrNumber   = errors.New("not a decimal number")
	ErrDecimals = errors.New("more decimals than the currency has")
)

// Number is a JSON number as its exact text. It is how amounts travel: the text never passes
// through a binary float, so 199.99 stays 199.99.
type Number string

// MarshalJSON writes the text as a number literal.
func (n Number) MarshalJSON() ([]byte, error) {
	if _, err := parse(string(n)); err != nil {
		return nil, err
	}
	return []byte(n), nil
}

// UnmarshalJSON keeps the literal's text; anything but a number is ErrNumber.
func (n *Number) UnmarshalJSON(text []byte) error {
	if _, err := parse(string(text)); err != nil {
		return err
	}
	*n = Number(text)
	return nil
}

// In reads the number as an amount: ErrDecimals when it is finer than the currency's increment,
// ErrOverflow when it is beyond what an amount holds.
func (n Number) In(currency Currency) (Amount, error) {
	d, err := parse(string(n))
	if err != nil {
		return Amount{}, err
	}
	shift := d.exponent + currency.Exponent()
	digits := strings.TrimLeft(d.digits, "0")
	for shift < 0 && strings.HasSuffix(digits, "0") {
		digits, shift = digits[:len(digits)-1], shift+1
	}
	switch {
	case digits == "":
		return New(0, currency), nil
	case shift < 0:
		return Amount{}, ErrDecimals
	case len(digits)+shift > 18:
		return Amount{}, ErrOverflow
	}
	minor, err := strconv.ParseInt(digits+strings.Repeat("0", shift), 10, 64)
	if err != nil || minor > maxMinor {
		return Amount{}, ErrOverflow
	}
	if minor%currency.Increment() != 0 {
		return Amount{}, ErrDecimals
	}
	if d.negative {
		minor = -minor
	}
	return New(minor, currency), nil
}

// decimal is digits × 10^exponent.
type decimal struct {
	negative bool
	digits   string
	exponent int
}

// parse reads the grammar of RFC 8259, section 6. The exponent is bounded, so that 1e999999999
// costs nothing.
func parse(text string) (decimal, error) {
	bad := fmt.Errorf("%w: %.40q", ErrNumber, text)
	rest, negative := strings.CutPrefix(text, "-")
	mantissa, exponentText, hasExponent := cutExponent(rest)
	whole, fraction, hasPoint := strings.Cut(mantissa, ".")
	if !allDigits(whole) || (len(whole) > 1 && whole[0] == '0') || (hasPoint && !allDigits(fraction)) {
		return decimal{}, bad
	}
	exponent := 0
	if hasExponent {
		unsigned := strings.TrimPrefix(strings.TrimPrefix(exponentText, "+"), "-")
		if !allDigits(unsigned) || len(exponentText)-len(unsigned) > 1 {
			return decimal{}, bad
		}
		var err error
		if exponent, err = strconv.Atoi(exponentText); err != nil || exponent > 10_000 || exponent < -10_000 {
			return decimal{}, bad
		}
	}
	return decimal{negative: negative, digits: whole + fraction, exponent: exponent - len(fraction)}, nil
}

func cutExponent(text string) (mantissa, exponent string, found bool) {
	if i := strings.IndexAny(text, "eE"); i >= 0 {
		return text[:i], text[i+1:], true
	}
	return text, "", false
}

func allDigits(text string) bool {
	return text != "" && strings.Trim(text, "0123456789") == ""
}
