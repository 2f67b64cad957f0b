package api

import (
	"context"

	"cartwright/gen/oapi"
	"cartwright/internal/attention"
)

// attending is what needs a person.
type attending struct{ attention *attention.Service }

// ListAttention pages through what needs a person, what has waited longest first.
func (a attending) ListAttention(
	ctx context.Context, request oapi.ListAttentionRequestObject,
) (oapi.ListAttentionResponseObject, error) {
	kind := attention.Kind(or(request.Params.Kind, ""))
	found, err := a.attention.List(ctx, kind, fromPage(request.Params.Limit, request.Params.Cursor))
	if err != nil {
		return nil, err
	}
	counts, err := a.attention.Counts(ctx)
	if err != nil {
		return nil, err
	}
	return oapi.ListAttention200JSONResponse{
		Data:       toSlice(found.Items, toAttentionItem),
		NextCursor: optionalText(found.Next),
		Counts: toSlice(attention.Kinds, func(kind attention.Kind) oapi.AttentionCount {
			return oapi.AttentionCount{Kind: oapi.AttentionKind(kind), Count: counts[kind]}
		}),
	}, nil
}

func toAttentionItem(item attention.Item) oapi.AttentionItem {
	shown := oapi.AttentionItem{
		Kind: oapi.AttentionKind(item.Kind), ID: item.ID, OrderID: optionalID(item.Order),
		OrderNumber: optionalText(item.OrderNumber), Since: item.Since.UTC(), DueBy: optionalTime(item.DueBy),
		Reason: optionalText(item.Reason),
	}
	if item.Amount.Currency != "" {
		amount, currency := item.Amount.Number(), string(item.Amount.Currency)
		shown.Amount, shown.Currency = &amount, &currency
	}
	return shown
}
