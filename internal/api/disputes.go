package api

import (
	"context"

	"github.com/google/uuid"

	"cartwright/gen/oapi"
	"cartwright/internal/orders"
	"cartwright/internal/payments"
)

// ListDisputes pages through what banks have against the shop's payments.
func (o ordering) ListDisputes(
	ctx context.Context, request oapi.ListDisputesRequestObject,
) (oapi.ListDisputesResponseObject, error) {
	params := request.Params
	filter := payments.DisputeFilter{
		Status: payments.DisputeStatus(or(params.Status, "")), DueFirst: or(params.Sort, "") == oapi.DisputeSortDue,
	}
	found, err := o.payments.Disputes(ctx, filter, fromPage(params.Limit, params.Cursor))
	if err != nil {
		return nil, err
	}
	return oapi.ListDisputes200JSONResponse{Data: toSlice(found.Items, toDispute), NextCursor: optionalText(found.Next)}, nil
}

// disputesFor reads what is shown of the orders' disputes: to who is not staff nothing, for it is between shop and bank.
func disputesFor(
	ctx context.Context, service *payments.Service, list []orders.Order, staff bool,
) (map[uuid.UUID][]payments.Dispute, error) {
	if !staff {
		return nil, nil
	}
	return service.DisputesOf(ctx, toSlice(list, func(o orders.Order) uuid.UUID { return o.ID }))
}

func toDispute(d payments.Dispute) oapi.Dispute {
	return oapi.Dispute{
		ID:                d.ID,
		OrderID:           d.Payment.OrderID,
		StripeDisputeID:   d.ProviderID,
		Status:            oapi.DisputeStatus(d.Status),
		Amount:            d.Amount.Number(),
		Currency:          string(d.Amount.Currency),
		Reason:            d.Reason,
		EvidenceDueBy:     optionalTime(d.DueBy),
		FundsWithdrawnAt:  optionalTime(d.Withdrawn),
		FundsReinstatedAt: optionalTime(d.Reinstated),
		OpenedAt:          d.OpenedAt.UTC(),
		ClosedAt:          optionalTime(d.ClosedAt),
		UpdatedAt:         d.UpdatedAt.UTC(),
	}
}
