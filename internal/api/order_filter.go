package api

import (
	"time"

	"github.com/google/uuid"

	"cartwright/gen/oapi"
	"cartwright/internal/errs"
	"cartwright/internal/money"
	"cartwright/internal/orders"
)

// fromOrderFilter reads what orders are asked for, and names every parameter that cannot be read.
func fromOrderFilter(params oapi.ListOrdersParams, currency money.Currency) (orders.Filter, error) {
	amounts := &amountReader{currency: currency, in: "QUERY"}
	filter := orders.Filter{
		Status:        orders.Status(or(params.Status, "")),
		Payment:       orders.PaymentStatus(or(params.PaymentStatus, "")),
		Fulfillment:   orders.FulfillmentStatus(or(params.FulfillmentStatus, "")),
		Review:        orders.ReviewStatus(or(params.Review, "")),
		CreatedFrom:   fromMoment(amounts, "createdFrom", params.CreatedFrom),
		CreatedBefore: fromMoment(amounts, "createdBefore", params.CreatedBefore),
		Customer:      or(params.CustomerID, uuid.Nil),
		Email:         or(params.Email, ""),
		Words:         or(params.Q, ""),
		MinTotal:      amounts.optional("minTotal", params.MinTotal),
		MaxTotal:      amounts.optional("maxTotal", params.MaxTotal),
		OldestFirst:   or(params.Sort, oapi.OrderSortNewest) == oapi.OrderSortOldest,
	}
	return filter, amounts.err()
}

// fromMoment reads a time as precisely as it is kept. One that there is not, such as a 30th of February, or that no
// order can be of, is a problem of its parameter.
func fromMoment(problems *amountReader, name string, text *string) *time.Time {
	if text == nil {
		return nil
	}
	at, err := time.Parse(time.RFC3339, *text)
	if err != nil || at.Year() < 1 || at.Year() > 9998 {
		problems.fields = append(problems.fields, errs.Field{
			In: problems.in, Name: name, Code: "out_of_range", Message: "There is no such time.",
		})
		return nil
	}
	at = at.UTC().Truncate(time.Microsecond)
	return &at
}
