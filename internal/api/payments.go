package api

import (
	"context"

	"github.com/google/uuid"

	"cartwright/gen/oapi"
	"cartwright/internal/auth"
	"cartwright/internal/checkout"
	"cartwright/internal/errs"
	"cartwright/internal/orders"
	"cartwright/internal/payments"
)

type paying struct {
	checkout *checkout.Service
	payments *payments.Service
}

// PayOrder charges an order, or prepares its payment for the provider's front-end library.
func (p paying) PayOrder(
	ctx context.Context, request oapi.PayOrderRequestObject,
) (oapi.PayOrderResponseObject, error) {
	if err := oneMethod(*request.Body); err != nil {
		return nil, err
	}
	key := orderKey(ctx, request.OrderID, request.Params.XOrderToken, auth.OrdersWrite)
	paid, err := p.checkout.Pay(ctx, checkout.Pay{
		Order: key, MethodID: or(request.Body.PaymentMethodID, ""), CardID: or(request.Body.CardID, uuid.Nil),
		SaveCard: or(request.Body.SaveCard, false), ReturnURL: or(request.Body.ReturnURL, ""),
		Key: requestKey(request.Params.IdempotencyKey), Address: shopperAddress(ctx, key),
	})
	if err != nil {
		return nil, err
	}
	order, err := withPayment(ctx, p.payments, paid.Order)
	if err != nil {
		return nil, err
	}
	return oapi.PayOrder200JSONResponse{
		Success: paid.Order.Bought(), PaymentIntent: toIntent(paid.Intent), Order: order,
	}, nil
}

// oneMethod refuses to choose between two ways to pay, and to save a card that nobody names.
func oneMethod(body oapi.PaymentCreate) error {
	switch {
	case body.CardID != nil && body.PaymentMethodID != nil:
		return errTwoMethods
	case or(body.SaveCard, false) && body.PaymentMethodID == nil:
		return errNothingToSave
	}
	return nil
}

var (
	errTwoMethods = errs.InvalidFields(
		errs.Field{Name: "cardId", Code: "one_of", Message: "Send either cardId or paymentMethodId."},
		errs.Field{Name: "paymentMethodId", Code: "one_of", Message: "Send either cardId or paymentMethodId."})
	errNothingToSave = errs.InvalidFields(errs.Field{
		Name: "saveCard", Code: "needs_method", Message: "Only the card of a paymentMethodId can be saved.",
	})
)

// shopperAddress is the network of whoever pays; "" where staff pay for somebody, whose address says nothing.
func shopperAddress(ctx context.Context, key orders.Key) string {
	if key.Staff {
		return ""
	}
	return networkOf(ctx)
}

func toIntent(intent *payments.Intent) *oapi.PaymentIntent {
	if intent == nil {
		return nil
	}
	shown := &oapi.PaymentIntent{
		ID:         intent.ID,
		Status:     oapi.PaymentIntentStatus(intent.Status),
		Amount:     intent.Amount.Number(),
		Currency:   string(intent.Amount.Currency),
		NextAction: toNextAction(intent.NextAction),
	}
	if !intent.Decided() {
		shown.ClientSecret = optionalText(intent.ClientSecret)
	}
	return shown
}

// toNextAction passes on what the provider's library needs, untouched.
func toNextAction(action map[string]any) *oapi.PaymentNextAction {
	kind, ok := action["type"].(string)
	if !ok {
		return nil
	}
	rest := make(map[string]any, len(action))
	for name, value := range action {
		if name != "type" {
			rest[name] = value
		}
	}
	return &oapi.PaymentNextAction{Type: kind, AdditionalProperties: rest}
}
