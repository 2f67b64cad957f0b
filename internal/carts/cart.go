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

// Key is what somebody has to show for a cart. A guest's cart opens to whoever knows its id, a customer's to them
// alone.
type Key struct {
	Cart     uuid.UUID
	Customer uuid.UUID // who is signed in; Nil means a guest
	Staff    bool      // may read every cart
}

// customer is who is signed in, or nil.
func (k Key) customer() *uuid.UUID {
	if k.Customer == uuid.Nil {
		return nil
	}
	return &k.Customer
}

// Cart is what a shopper gathered, at today's prices.
type Cart struct {
	ID        uuid.UUID
	Customer  uuid.UUID // whose it is; Nil means a guest's
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
	SeenPrice   money.Amount // of one unit when the line was added or last changed
	LineTotal   money.Amount
	ForSale     bool  // the product is ACTIVE and the variant active; neither was deleted
	Tracked     bool  // stock limits what can be sold
	InStock     bool  // there are enough units for the line
	Left        int32 // units available, where stock limits what can be sold
}
