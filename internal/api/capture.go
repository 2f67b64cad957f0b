package api

import (
	"context"
	"encoding/json"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"cartwright/gen/oapi"
	"cartwright/internal/checkout"
	"cartwright/internal/idempotency"
	"cartwright/internal/orders"
)

// CaptureOrder takes the money that is authorized for an order.
func (o ordering) CaptureOrder(
	ctx context.Context, request oapi.CaptureOrderRequestObject,
) (oapi.CaptureOrderResponseObject, error) {
	order, err := o.checkout.Capture(ctx, request.OrderID, principal(ctx).String())
	if err != nil {
		return nil, err
	}
	taken, err := withPayment(ctx, o.payments, order)
	if err != nil {
		return nil, err
	}
	return oapi.CaptureOrder200JSONResponse(taken), nil
}

// Operations that send goods, for which money that is only authorized is taken before.
var sending = map[string]bool{"fulfillOrder": true, "updateOrderStatus": true}

type captureKey struct{}

// captured is why the money of an order that is to be sent could not be taken, if so.
func captured(ctx context.Context) error {
	err, _ := ctx.Value(captureKey{}).(error)
	return err
}

// captureToSend takes an order's money before it is sent, in whose transaction nothing may be waited for but the database.
// An error is left to the operation: a repeated key has its answer already, whatever would be said today.
func captureToSend(service *checkout.Service, store *idempotency.Store) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			fulfill, sends := toSend(c)
			if !sends {
				return next(c)
			}
			ctx := c.Request().Context()
			command, err := commandOf(c)
			if err != nil {
				return err
			}
			if command != nil {
				known, err := store.Known(ctx, *command)
				if err != nil {
					return err
				}
				if known {
					return next(c)
				}
			}
			if err := service.CaptureToSend(ctx, fulfill, principal(ctx).String()); err != nil {
				c.SetRequest(c.Request().WithContext(context.WithValue(ctx, captureKey{}, err)))
			}
			return next(c)
		}
	}
}

// toSend is what the request sends of an order. What cannot be read is left to the operation to refuse.
func toSend(c echo.Context) (fulfill orders.Fulfill, sends bool) {
	if !sending[operation(c).id] {
		return fulfill, false
	}
	var asked struct {
		Items  []oapi.FulfillmentItemInput `json:"items"`
		Status oapi.OrderStatus            `json:"status"`
	}
	order, err := uuid.Parse(c.Param("orderId"))
	if err != nil || json.Unmarshal(body(c), &asked) != nil {
		return fulfill, false
	}
	if operation(c).id == "updateOrderStatus" && asked.Status != oapi.OrderStatusSHIPPED {
		return fulfill, false
	}
	return orders.Fulfill{Order: order, Items: toSlice(asked.Items, fromFulfillmentItem)}, true
}
