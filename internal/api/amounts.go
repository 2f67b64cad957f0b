package api

import (
	"errors"
	"fmt"

	"cartwright/internal/errs"
	"cartwright/internal/money"
)

// amountReader reads amounts of one currency out of a request and collects every problem.
type amountReader struct {
	currency money.Currency
	in       string // where the fields stand, as errs.Field.In
	fields   []errs.Field
}

func (r *amountReader) read(field string, number money.Number) money.Amount {
	amount, err := number.In(r.currency)
	switch {
	case errors.Is(err, money.ErrDecimals):
		r.problem(field, "too_many_decimals", r.decimalsMessage())
	case err != nil:
		r.problem(field, "out_of_range", "This amount is out of range.")
	case amount.Minor < 0:
		r.problem(field, "too_small", "An amount is not below zero.")
	}
	return amount
}

func (r *amountReader) optional(field string, number *money.Number) *money.Amount {
	if number == nil {
		return nil
	}
	amount := r.read(field, *number)
	return &amount
}

// decimalsMessage states which amounts of the currency can be charged.
func (r *amountReader) decimalsMessage() string {
	if step := r.currency.Increment(); step > 1 {
		return fmt.Sprintf("Amounts in %s are multiples of %s.", r.currency, money.New(step, r.currency).Number())
	}
	return fmt.Sprintf("%s has at most %d decimals.", r.currency, r.currency.Exponent())
}

func (r *amountReader) problem(field, code, message string) {
	r.fields = append(r.fields, errs.Field{In: r.in, Name: field, Code: code, Message: message})
}

// err is everything that was wrong, or nil.
func (r *amountReader) err() error {
	if len(r.fields) == 0 {
		return nil
	}
	return errs.InvalidFields(r.fields...)
}

func toOptionalNumber(amount *money.Amount) *money.Number {
	if amount == nil {
		return nil
	}
	number := amount.Number()
	return &number
}
