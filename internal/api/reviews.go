package api

import (
	"context"

	"cartwright/gen/oapi"
	"cartwright/internal/orders"
)

// ReleaseOrder lets an order on hold go on.
func (o ordering) ReleaseOrder(
	ctx context.Context, request oapi.ReleaseOrderRequestObject,
) (oapi.ReleaseOrderResponseObject, error) {
	cause := orders.Cause{Type: "released", Actor: principal(ctx).String()}
	if request.Body != nil {
		cause.Reason = or(request.Body.Note, "")
	}
	order, err := o.orders.Release(ctx, request.OrderID, cause)
	if err != nil {
		return nil, err
	}
	released, err := withPayment(ctx, o.payments, order)
	if err != nil {
		return nil, err
	}
	return oapi.ReleaseOrder200JSONResponse(released), nil
}

// toReview is what was found of an order's payment. Shoppers are never shown it: it would teach those who try out cards.
func toReview(order orders.Order) *oapi.OrderReview {
	review := &oapi.OrderReview{
		Status: oapi.OrderReviewStatus(order.Review), Reasons: append([]string{}, order.Judgement.Reasons...),
	}
	if order.Judgement.Verdict != "" {
		verdict := oapi.OrderVerdict(order.Judgement.Verdict)
		review.Verdict = &verdict
	}
	return review
}
