package api

import (
	"context"

	"cartwright/gen/oapi"
	"cartwright/internal/orders"
)

// ListOrderNotes pages through what staff noted on an order, newest first.
func (o ordering) ListOrderNotes(
	ctx context.Context, request oapi.ListOrderNotesRequestObject,
) (oapi.ListOrderNotesResponseObject, error) {
	found, err := o.orders.Notes(ctx, request.OrderID, fromPage(request.Params.Limit, request.Params.Cursor))
	if err != nil {
		return nil, err
	}
	return oapi.ListOrderNotes200JSONResponse{Data: toSlice(found.Items, toOrderNote), NextCursor: optionalText(found.Next)}, nil
}

// AddOrderNote notes something on an order.
func (o ordering) AddOrderNote(
	ctx context.Context, request oapi.AddOrderNoteRequestObject,
) (oapi.AddOrderNoteResponseObject, error) {
	note, err := o.orders.AddNote(ctx, request.OrderID, principal(ctx).String(), request.Body.Text)
	if err != nil {
		return nil, err
	}
	return oapi.AddOrderNote201JSONResponse(toOrderNote(note)), nil
}

func toOrderNote(n orders.Note) oapi.OrderNote {
	return oapi.OrderNote{
		ID: n.ID, Author: toActor(n.Author, true), Text: optionalText(n.Text), CreatedAt: n.CreatedAt.UTC(),
	}
}
