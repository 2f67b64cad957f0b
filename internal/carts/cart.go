package carts

import (
	"time"

	"github.com/google/uuid"

	"cartwright/internal/money"
	"cartwright/internal/pricing"
)

// Bounds of a cart, so that no request means unbounded work.
const (
	MaxQuantity = 10_000
	MaxLines    = 200
)

// Cart is what a shopper gathered, at today's prices.
type Cart struct {
	ID        uuid.UUID
	SessionID *string
	Currency  money.Currency
	OrderID   *uuid.UUID // set once the cart was bought
	Items     []Item
	Totals    pricing.Totals
	CreatedAt time.Time
	UpdatedAt time.Time
}

// Count is the number of units in the cart.
func (c *Cart) Count() int32 {
	var count int32
	for _, item := range c.Items {
		count += item.Quantity
	}
	return count
}

// Item is one line of a cart.
type Item struct {
	ID          uuid.UUID
	ProductID   uuid.UUID
	VariantID   uuid.UUID
	Name        string
	VariantName string
	SKU         string
	Image       string
	Options     map[string]string
	Quantity    int32
	Price       money.Amount
	LineTotal   money.Amount
	ForSale     bool // the product is ACTIVE and the variant active
	Tracked     bool // stock limits what can be sold
	InStock     bool // there are enough units for the line
}
