package bulk

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"cartwright/internal/money"
)

// amount reads a price.
func (c *check) amount(v value) field[int64] {
	if v.absent() {
		return cleared[int64]() // a product's own price cannot be: that is seen when the row's kind is known
	}
	if v.kind != cell && v.kind != number {
		c.problem("type", "This must be a number.")
		return field[int64]{}
	}
	amount, err := money.Number(v.text).In(c.currency)
	switch {
	case errors.Is(err, money.ErrNumber):
		c.problem("type", notANumber(v, c.currency.Exponent()))
	case (err == nil || errors.Is(err, money.ErrDecimals)) && v.kind == cell && c.currency.Exponent() < 3 && isDoubtful(v.text):
		c.problem("too_many_decimals", fmt.Sprintf("%s has more decimals than %s has: %s.",
			v.text, c.currency, readings(v.text, c.currency.Exponent())))
	case errors.Is(err, money.ErrDecimals):
		c.problem("too_many_decimals", fmt.Sprintf("This has more decimals than %s has.", c.currency))
	case err != nil:
		c.problem("out_of_range", "This amount is out of range.")
	case amount.Minor < 0:
		c.problem("too_small", "An amount is not below zero.")
	}
	return given(amount.Minor)
}

// maxUnits bounds quantities.
const maxUnits = 1_000_000_000

// units reads how many there are of something.
func (c *check) units(v value) field[int32] { return c.whole(v, 0) }

// onHand reads units on hand: below zero they are owed, and whether the variant may owe any is seen when
// its level is known.
func (c *check) onHand(v value) field[int32] { return c.whole(v, -maxUnits) }

func (c *check) whole(v value, least int64) field[int32] {
	if v.absent() {
		return missing[int32](c, v, false)
	}
	n, err := strconv.ParseInt(v.text, 10, 64)
	switch {
	case v.kind != cell && v.kind != number, errors.Is(err, strconv.ErrSyntax), strings.HasPrefix(v.text, "+"):
		c.problem("type", notWhole(v))
	case n < least:
		c.problem("too_small", fmt.Sprintf("This is not below %d.", least))
	case err != nil || n > maxUnits:
		c.problem("too_large", fmt.Sprintf("This is not above %d.", maxUnits))
	}
	return given(int32(min(max(n, least), maxUnits)))
}

// maxWeight is a thousand tons, in kilograms.
const maxWeight = 1_000_000

func (c *check) weight(v value) field[float64] {
	if v.absent() {
		return missing[float64](c, v, true)
	}
	n, err := strconv.ParseFloat(v.text, 64)
	switch {
	case v.kind != cell && v.kind != number, !jsonNumber.MatchString(v.text):
		c.problem("type", notANumber(v, 4))
	case v.kind == cell && isDoubtful(v.text):
		c.problem("ambiguous_number", fmt.Sprintf("%s is a thousand times as much in some countries as in others: %s.", v.text, readings(v.text, 4)))
	case n < 0:
		c.problem("too_small", "This is not below zero.")
	case err != nil || n > maxWeight:
		c.problem("too_large", fmt.Sprintf("This is not above %d.", maxWeight))
	}
	return given(n)
}

// jsonNumber is the grammar of RFC 8259, section 6; ParseFloat reads more than that.
var jsonNumber = regexp.MustCompile(`^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?$`)

// grouped matches digits in groups of three, as thousands are written: with points, commas, apostrophes or spaces
// between them, and perhaps decimals behind another mark.
var grouped = regexp.MustCompile(`^-?[1-9][0-9]{0,2}(?:[.,'’\x{a0}\x{202f} ][0-9]{3})+(?:[.,][0-9]+)?$`)

// isDoubtful holds for a number of a cell whose point some countries read as one before decimals, others as one between
// thousands: 1.200, but not 0.200, 1.20 or 1234.500.
func isDoubtful(text string) bool {
	_, decimals, _ := strings.Cut(text, ".")
	return len(decimals) == 3 && grouped.MatchString(text)
}

// readings says how the two things that a doubtful number can mean are written without doubt.
func readings(text string, decimals int) string {
	whole, fraction, _ := strings.Cut(text, ".")
	short := strings.TrimRight(fraction, "0")
	switch {
	case short == "" && decimals == 0:
		short = whole
	case len(short) > decimals:
		return fmt.Sprintf("write %s%s if that is meant", whole, fraction)
	case decimals == 0:
		short = whole
	default:
		short = whole + "." + short + strings.Repeat("0", decimals-len(short))
	}
	return fmt.Sprintf("write %s or %s", short, whole+fraction)
}

// notANumber says why a text is no number, and how it is written if it is one somewhere.
func notANumber(v value, decimals int) string {
	const rule = "This must be a number, with a point before its decimals"
	if v.kind != cell && v.kind != text {
		return rule + "."
	}
	if marks := strings.Trim(v.text, "-0123456789"); marks == "," && strings.Count(v.text, ",") == 1 && !grouped.MatchString(v.text) {
		if plain := strings.Replace(v.text, ",", ".", 1); jsonNumber.MatchString(plain) {
			return fmt.Sprintf("%s: %s is written %s.", rule, v.text, plain)
		}
	}
	if !grouped.MatchString(v.text) {
		return rule + "."
	}
	if plain := separated(v.text); plain != "" {
		return fmt.Sprintf("%s and nothing between thousands: %s is written %s.", rule, v.text, plain)
	}
	return fmt.Sprintf("%s and nothing between thousands: %s.", rule, readings(strings.Replace(v.text, ",", ".", 1), decimals))
}

// separated writes a number plainly whose last mark is another one than that between its thousands; "" where both
// readings are possible.
func separated(text string) string {
	digits := func(s string) string {
		return strings.Map(func(r rune) rune {
			if r == '-' || '0' <= r && r <= '9' {
				return r
			}
			return -1
		}, s)
	}
	first := strings.IndexAny(text, ".,'’\u00a0\u202f ")
	last := strings.LastIndexAny(text, ".,'’\u00a0\u202f ")
	switch {
	case text[first] != text[last] && (text[last] == '.' || text[last] == ','):
		return digits(text[:last]) + "." + text[last+1:]
	case first != last || text[first] != '.' && text[first] != ',':
		return digits(text)
	}
	return ""
}

// notWhole says why a text is no whole number.
func notWhole(v value) string {
	const rule = "This must be a whole number"
	if v.kind == cell && grouped.MatchString(v.text) {
		return rule + " with nothing between its digits; what stands here can be read in two ways."
	}
	return rule + "."
}
