package api

import (
	"context"

	"cartwright/gen/oapi"
	"cartwright/internal/payments"
)

// ListPaymentFindings pages through where payments and Stripe disagree, the newest first.
func (w webhooks) ListPaymentFindings(
	ctx context.Context, request oapi.ListPaymentFindingsRequestObject,
) (oapi.ListPaymentFindingsResponseObject, error) {
	filter := payments.FindingFilter{
		Status: payments.FindingStatus(or(request.Params.Status, "")), Kind: payments.FindingKind(or(request.Params.Kind, "")),
	}
	found, err := w.payments.Findings(ctx, filter, fromPage(request.Params.Limit, request.Params.Cursor))
	if err != nil {
		return nil, err
	}
	return oapi.ListPaymentFindings200JSONResponse{
		Data: toSlice(found.Items, toFinding), NextCursor: optionalText(found.Next),
	}, nil
}

// GetPaymentFinding reads one.
func (w webhooks) GetPaymentFinding(
	ctx context.Context, request oapi.GetPaymentFindingRequestObject,
) (oapi.GetPaymentFindingResponseObject, error) {
	found, err := w.payments.Finding(ctx, request.FindingID)
	if err != nil {
		return nil, err
	}
	return oapi.GetPaymentFinding200JSONResponse(toFinding(found)), nil
}

// DismissPaymentFinding says that nothing is to be done about it.
func (w webhooks) DismissPaymentFinding(
	ctx context.Context, request oapi.DismissPaymentFindingRequestObject,
) (oapi.DismissPaymentFindingResponseObject, error) {
	dismissed, err := w.payments.Dismiss(ctx, request.FindingID, request.Body.Note)
	if err != nil {
		return nil, err
	}
	return oapi.DismissPaymentFinding200JSONResponse(toFinding(dismissed)), nil
}

func toFinding(f payments.Finding) oapi.PaymentFinding {
	return oapi.PaymentFinding{
		ID:              f.ID,
		Kind:            oapi.PaymentFindingKind(f.Kind),
		Status:          oapi.PaymentFindingStatus(f.Status),
		PaymentIntentID: f.IntentID,
		OrderID:         optionalID(f.OrderID),
		Shop:            toSide(f.Here),
		Stripe:          toSide(f.There),
		Note:            optionalText(f.Note),
		FoundAt:         f.FoundAt.UTC(),
		SeenAt:          f.SeenAt.UTC(),
		ResolvedAt:      optionalTime(f.ResolvedAt),
	}
}

func toSide(side *payments.Side) *oapi.PaymentFindingSide {
	if side == nil {
		return nil
	}
	return &oapi.PaymentFindingSide{
		Status: side.Status, Amount: side.Amount.Number(), RefundedAmount: side.Refunded.Number(), Currency: string(side.Amount.Currency),
	}
}
