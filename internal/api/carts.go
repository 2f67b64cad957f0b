package api

import (
	"context"

	"github.com/google/uuid"

	"cartwright/gen/oapi"
	"cartwright/internal/auth"
	"cartwright/internal/carts"
)

type shoppingCarts struct{ service *carts.Service }

// cartKey is what the request shows for a cart that it changes.
func cartKey(ctx context.Context, cart uuid.UUID) carts.Key {
	return carts.Key{Cart: cart, Customer: principal(ctx).Customer()}
}

// cartReadKey is what the request shows for a cart that it reads: staff may read what they may not change.
func cartReadKey(ctx context.Context, cart uuid.UUID) carts.Key {
	key := cartKey(ctx, cart)
	key.Staff = principal(ctx).Allow(auth.OrdersRead) == nil
	return key
}

// CreateCart opens a cart, or answers the one that the customer has open.
func (s shoppingCarts) CreateCart(
	ctx context.Context, request oapi.CreateCartRequestObject,
) (oapi.CreateCartResponseObject, error) {
	var sessionID *string
	if request.Body != nil {
		sessionID = request.Body.SessionID
	}
	cart, opened, err := s.service.Open(ctx, carts.Open{Customer: principal(ctx).UserID, SessionID: sessionID})
	switch {
	case err != nil:
		return nil, err
	case !opened:
		return oapi.CreateCart200JSONResponse(toCart(cart)), nil
	}
	return oapi.CreateCart201JSONResponse{
		Body: toCart(cart), Headers: oapi.CreateCart201ResponseHeaders{Location: cartAddress(cart)},
	}, nil
}

// GetCart reads a cart.
func (s shoppingCarts) GetCart(
	ctx context.Context, request oapi.GetCartRequestObject,
) (oapi.GetCartResponseObject, error) {
	cart, err := s.service.Get(ctx, cartReadKey(ctx, request.CartID))
	if err != nil {
		return nil, err
	}
	return oapi.GetCart200JSONResponse(toCart(cart)), nil
}

// GetMyCart reads the customer's open cart.
func (s shoppingCarts) GetMyCart(
	ctx context.Context, _ oapi.GetMyCartRequestObject,
) (oapi.GetMyCartResponseObject, error) {
	cart, err := s.service.Mine(ctx, principal(ctx).UserID)
	if err != nil {
		return nil, err
	}
	return oapi.GetMyCart200JSONResponse(toCart(cart)), nil
}

// ClaimCart makes a guest's cart the customer's own.
func (s shoppingCarts) ClaimCart(
	ctx context.Context, request oapi.ClaimCartRequestObject,
) (oapi.ClaimCartResponseObject, error) {
	cart, err := s.service.Claim(ctx, cartKey(ctx, request.CartID))
	if err != nil {
		return nil, err
	}
	return oapi.ClaimCart200JSONResponse(toCart(cart)), nil
}

// GetCartTotal adds a cart up.
func (s shoppingCarts) GetCartTotal(
	ctx context.Context, request oapi.GetCartTotalRequestObject,
) (oapi.GetCartTotalResponseObject, error) {
	cart, err := s.service.Get(ctx, cartReadKey(ctx, request.CartID))
	if err != nil {
		return nil, err
	}
	return oapi.GetCartTotal200JSONResponse{
		Items:     toSlice(cart.Items, toCartItem),
		ItemCount: cart.Count(),
		Subtotal:  cart.Totals.Subtotal.Number(),
		Tax:       cart.Totals.Tax.Number(),
		Total:     cart.Totals.Total.Number(),
		Currency:  string(cart.Currency),
	}, nil
}

// AddCartItem puts units of a variant into a cart.
func (s shoppingCarts) AddCartItem(
	ctx context.Context, request oapi.AddCartItemRequestObject,
) (oapi.AddCartItemResponseObject, error) {
	cart, err := s.service.AddItem(ctx, cartKey(ctx, request.CartID), carts.AddItem{
		ProductID: request.Body.ProductID, VariantID: request.Body.VariantID, Quantity: or(request.Body.Quantity, 1),
	})
	if err != nil {
		return nil, err
	}
	return oapi.AddCartItem201JSONResponse{
		Body: toCart(cart), Headers: oapi.AddCartItem201ResponseHeaders{Location: cartAddress(cart)},
	}, nil
}

// UpdateCartItem changes a line's quantity.
func (s shoppingCarts) UpdateCartItem(
	ctx context.Context, request oapi.UpdateCartItemRequestObject,
) (oapi.UpdateCartItemResponseObject, error) {
	cart, err := s.service.SetQuantity(ctx, cartKey(ctx, request.CartID), request.ItemID, request.Body.Quantity)
	if err != nil {
		return nil, err
	}
	return oapi.UpdateCartItem200JSONResponse(toCart(cart)), nil
}

// RemoveCartItem takes a line out.
func (s shoppingCarts) RemoveCartItem(
	ctx context.Context, request oapi.RemoveCartItemRequestObject,
) (oapi.RemoveCartItemResponseObject, error) {
	cart, err := s.service.RemoveItem(ctx, cartKey(ctx, request.CartID), request.ItemID)
	if err != nil {
		return nil, err
	}
	return oapi.RemoveCartItem200JSONResponse(toCart(cart)), nil
}

func cartAddress(cart carts.Cart) string { return basePath + "/carts/" + cart.ID.String() }

func toCart(c carts.Cart) oapi.Cart {
	status := oapi.CartStatusOPEN
	if c.OrderID != nil {
		status = oapi.CartStatusCONVERTED
	}
	return oapi.Cart{
		ID:         c.ID,
		CustomerID: optionalID(c.Customer),
		SessionID:  c.SessionID,
		Currency:   string(c.Currency),
		Status:     status,
		OrderID:    c.OrderID,
		Items:      toSlice(c.Items, toCartItem),
		ItemCount:  c.Count(),
		Subtotal:   c.Totals.Subtotal.Number(),
		CreatedAt:  c.CreatedAt.UTC(),
		UpdatedAt:  c.UpdatedAt.UTC(),
	}
}

func toCartItem(i carts.Item) oapi.CartItem {
	return oapi.CartItem{
		ID:          i.ID,
		ProductID:   i.ProductID,
		VariantID:   i.VariantID,
		Name:        i.Name,
		VariantName: i.VariantName,
		SKU:         i.SKU,
		Image:       optionalText(i.Image),
		Options:     toOptions(i.Options),
		Quantity:    i.Quantity,
		Price:       i.Price.Number(),
		LineTotal:   i.LineTotal.Number(),
		Available:   i.ForSale && i.InStock,

		UnavailableReason: toUnavailableReason(i),
	}
}

func toUnavailableReason(i carts.Item) *oapi.CartItemUnavailableReason {
	var reason oapi.CartItemUnavailableReason
	switch {
	case !i.ForSale:
		reason = oapi.CartItemUnavailableReasonNOTFORSALE
	case !i.InStock:
		reason = oapi.CartItemUnavailableReasonINSUFFICIENTSTOCK
	default:
		return nil
	}
	return &reason
}

// toOptions is never null: a variant without options has none, {}.
func toOptions(options map[string]string) oapi.VariantOptions {
	if options == nil {
		return oapi.VariantOptions{}
	}
	return options
}
