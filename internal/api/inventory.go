package api

import (
	"context"

	"github.com/google/uuid"

	"cartwright/gen/oapi"
	"cartwright/internal/assortment"
	"cartwright/internal/inventory"
)

type stocking struct {
	assortment *assortment.Service
	inventory  *inventory.Service
}

// GetProductInventory reads the levels of a product's variants.
func (s stocking) GetProductInventory(
	ctx context.Context, request oapi.GetProductInventoryRequestObject,
) (oapi.GetProductInventoryResponseObject, error) {
	levels, err := s.assortment.Stock(ctx, request.IDOrSlug)
	if err != nil {
		return nil, err
	}
	return oapi.GetProductInventory200JSONResponse{Data: toSlice(levels, toLevel)}, nil
}

// AdjustProductInventory moves the stock of the default variant by hand.
func (s stocking) AdjustProductInventory(
	ctx context.Context, request oapi.AdjustProductInventoryRequestObject,
) (oapi.AdjustProductInventoryResponseObject, error) {
	level, err := s.adjust(ctx, request.IDOrSlug, nil, *request.Body)
	if err != nil {
		return nil, err
	}
	return oapi.AdjustProductInventory200JSONResponse(toLevel(level)), nil
}

// AdjustVariantInventory moves the stock of a variant by hand.
func (s stocking) AdjustVariantInventory(
	ctx context.Context, request oapi.AdjustVariantInventoryRequestObject,
) (oapi.AdjustVariantInventoryResponseObject, error) {
	level, err := s.adjust(ctx, request.IDOrSlug, &request.VariantID, *request.Body)
	if err != nil {
		return nil, err
	}
	return oapi.AdjustVariantInventory200JSONResponse(toLevel(level)), nil
}

func (s stocking) adjust(
	ctx context.Context, idOrSlug string, variant *uuid.UUID, body oapi.InventoryAdjustment,
) (inventory.Level, error) {
	return s.assortment.AdjustStock(ctx, idOrSlug, variant, inventory.Adjustment{
		Delta: body.Delta, Quantity: body.Quantity,
		Reason: string(body.Reason), Note: body.Note, Actor: principal(ctx).String(),
	})
}

// SetVariantInventoryPolicy allows or ends back-orders.
func (s stocking) SetVariantInventoryPolicy(
	ctx context.Context, request oapi.SetVariantInventoryPolicyRequestObject,
) (oapi.SetVariantInventoryPolicyResponseObject, error) {
	level, err := s.assortment.SetBackorder(ctx, request.IDOrSlug, request.VariantID, request.Body.AllowBackorder)
	if err != nil {
		return nil, err
	}
	return oapi.SetVariantInventoryPolicy200JSONResponse(toLevel(level)), nil
}

// ListInventoryMovements pages through the history of a product's stock.
func (s stocking) ListInventoryMovements(
	ctx context.Context, request oapi.ListInventoryMovementsRequestObject,
) (oapi.ListInventoryMovementsResponseObject, error) {
	params := request.Params
	found, err := s.assortment.Movements(ctx, request.IDOrSlug, params.VariantID, fromPage(params.Limit, params.Cursor))
	if err != nil {
		return nil, err
	}
	return oapi.ListInventoryMovements200JSONResponse{
		Data: toSlice(found.Items, toMovement), NextCursor: optionalText(found.Next),
	}, nil
}

// ListLowStock pages through what is low.
func (s stocking) ListLowStock(
	ctx context.Context, request oapi.ListLowStockRequestObject,
) (oapi.ListLowStockResponseObject, error) {
	found, err := s.inventory.Low(ctx, fromPage(request.Params.Limit, request.Params.Cursor))
	if err != nil {
		return nil, err
	}
	return oapi.ListLowStock200JSONResponse{
		Data: toSlice(found.Items, toLowStock), NextCursor: optionalText(found.Next),
	}, nil
}

// ListStockEvents pages through what happened to stock.
func (s stocking) ListStockEvents(
	ctx context.Context, request oapi.ListStockEventsRequestObject,
) (oapi.ListStockEventsResponseObject, error) {
	found, err := s.inventory.Events(ctx, fromPage(request.Params.Limit, request.Params.Cursor))
	if err != nil {
		return nil, err
	}
	return oapi.ListStockEvents200JSONResponse{
		Data: toSlice(found.Items, toStockEvent), NextCursor: optionalText(found.Next),
	}, nil
}

func toLevel(level inventory.Level) oapi.InventoryLevel {
	return oapi.InventoryLevel{
		VariantID:         level.VariantID,
		SKU:               level.SKU,
		Name:              level.VariantName,
		IsDefault:         level.IsDefault,
		OnHand:            level.OnHand,
		Allocated:         level.Allocated,
		Reserved:          level.Reserved,
		Available:         level.Available(),
		AllowBackorder:    level.AllowBackorder,
		LowStockThreshold: level.LowAt,
		IsLow:             level.IsLow(),
	}
}

func toMovement(m inventory.Movement) oapi.InventoryMovement {
	return oapi.InventoryMovement{
		ID:        m.ID,
		VariantID: m.VariantID,
		SKU:       m.SKU,
		Quantity:  m.Quantity,
		Reason:    oapi.InventoryMovementReason(m.Reason),
		Note:      m.Note,
		OrderID:   m.OrderID,
		Actor:     m.Actor,
		CreatedAt: m.CreatedAt.UTC(),
	}
}

func toLowStock(low inventory.Low) oapi.LowStock {
	return oapi.LowStock{
		ProductID:     low.ProductID,
		ProductName:   low.ProductName,
		ProductStatus: oapi.ProductStatus(low.ProductStatus),
		Since:         low.Since.UTC(),
		Level:         toLevel(low.Level),
	}
}

func toStockEvent(event inventory.Event) oapi.StockEvent {
	return oapi.StockEvent{
		ID:                event.ID,
		Type:              oapi.StockEventType(event.Type),
		ProductID:         event.ProductID,
		VariantID:         event.VariantID,
		SKU:               event.SKU,
		Available:         event.Available,
		LowStockThreshold: event.Threshold,
		CreatedAt:         event.CreatedAt.UTC(),
	}
}
