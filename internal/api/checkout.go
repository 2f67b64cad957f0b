package api

import (
	"context"

	"cartwright/gen/oapi"
	"cartwright/internal/checkout"
	"cartwright/internal/money"
	"cartwright/internal/orders"
	"cartwright/internal/payments"
)

type placing struct {
	checkout *checkout.Service
	payments *payments.Service
	currency money.Currency
}

// PlaceOrder makes an order of a cart; a cart that was placed before answers its order.
func (p placing) PlaceOrder(
	ctx context.Context, request oapi.PlaceOrderRequestObject,
) (oapi.PlaceOrderResponseObject, error) {
	body := request.Body
	amounts := amountReader{currency: p.currency}
	expected := amounts.optional("expectedTotal", body.ExpectedTotal)
	if err := amounts.err(); err != nil {
		return nil, err
	}
	order, created, err := p.checkout.Place(ctx, checkout.Place{
		Cart:            cartKey(ctx, body.CartID),
		Email:           body.Email,
		ShippingAddress: fromAddress(body.ShippingAddress),
		BillingAddress:  fromAddress(or(body.BillingAddress, body.ShippingAddress)),
		Notes:           body.Notes,
		ExpectedTotal:   expected,
		Network:         buyersNetwork(ctx),
	})
	if err != nil {
		return nil, err
	}
	placed, err := withPayment(ctx, p.payments, order)
	switch {
	case err != nil:
		return nil, err
	case created:
		return oapi.PlaceOrder201JSONResponse{
			Body:    placed,
			Headers: oapi.PlaceOrder201ResponseHeaders{Location: basePath + "/orders/" + order.ID.String()},
		}, nil
	}
	return oapi.PlaceOrder200JSONResponse(placed), nil
}

// buyersNetwork is the network of the shopper who places an order; "" where staff or a program does, for whose sake it
// says nothing.
func buyersNetwork(ctx context.Context) string {
	if principal(ctx).IsStaff() {
		return ""
	}
	return networkOf(ctx)
}

func fromAddress(a oapi.AddressInput) orders.Address {
	return orders.Address{
		FirstName:  a.FirstName,
		LastName:   a.LastName,
		Company:    or(a.Company, ""),
		Street1:    a.Street1,
		Street2:    or(a.Street2, ""),
		City:       a.City,
		State:      a.State,
		PostalCode: a.PostalCode,
		Country:    a.Country,
	}
}

func toAddress(a orders.Address) oapi.Address {
	return oapi.Address{
		FirstName:  a.FirstName,
		LastName:   a.LastName,
		Company:    optionalText(a.Company),
		Street1:    a.Street1,
		Street2:    optionalText(a.Street2),
		City:       a.City,
		State:      a.State,
		PostalCode: a.PostalCode,
		Country:    a.Country,
	}
}
