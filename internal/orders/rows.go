package orders

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"

	"cartwright/gen/db"
	"cartwright/internal/money"
)

func toOrders(rows []db.Order, items []db.OrderItem) ([]Order, error) {
	orders := make([]Order, len(rows))
	at := make(map[uuid.UUID]*Order, len(rows))
	for i, row := range rows {
		order, err := toOrder(row)
		if err != nil {
			return nil, err
		}
		orders[i] = order
		at[row.ID] = &orders[i]
	}
	for _, row := range items {
		order := at[row.OrderID]
		item, err := toItem(row, order.Total.Currency)
		if err != nil {
			return nil, err
		}
		order.Items = append(order.Items, item)
	}
	return orders, nil
}

func toOrder(row db.Order) (Order, error) {
	currency := money.Currency(row.Currency)
	order := Order{
		State: State{Status: Status(row.Status), Payment: PaymentStatus(row.PaymentStatus),
			Fulfillment: FulfillmentStatus(row.FulfillmentStatus), Review: ReviewStatus(row.ReviewStatus)},
		ID:        row.ID,
		Number:    row.OrderNumber,
		CartID:    row.CartID,
		Email:     row.Email,
		Subtotal:  money.New(row.SubtotalMinor, currency),
		Discount:  money.New(row.DiscountMinor, currency),
		Shipping:  money.New(row.ShippingMinor, currency),
		Tax:       money.New(row.TaxMinor, currency),
		Total:     money.New(row.TotalMinor, currency),
		Notes:     row.Notes,
		ExpiresAt: row.ExpiresAt,
		CreatedAt: row.CreatedAt,
		UpdatedAt: row.UpdatedAt,
	}
	if row.UserID != nil {
		order.Customer = *row.UserID
	}
	if row.ReviewVerdict != nil || len(row.ReviewReasons) > 0 {
		order.Judgement = Judgement{Verdict: text(row.ReviewVerdict), Reasons: row.ReviewReasons}
	}
	if err := json.Unmarshal(row.ShippingAddress, &order.ShippingAddress); err != nil {
		return Order{}, fmt.Errorf("read the shipping address of order %s: %w", row.ID, err)
	}
	if err := json.Unmarshal(row.BillingAddress, &order.BillingAddress); err != nil {
		return Order{}, fmt.Errorf("read the billing address of order %s: %w", row.ID, err)
	}
	return order, nil
}

func toItem(row db.OrderItem, currency money.Currency) (Item, error) {
	item := Item{
		ID: row.ID, ProductID: row.ProductID, VariantID: row.VariantID, Quantity: row.Quantity,
		Cancelled: row.CancelledQuantity, Refunded: row.RefundedQuantity, Fulfilled: row.FulfilledQuantity,
		Returned: row.ReturnedQuantity, Price: money.New(row.PriceMinor, currency),
	}
	var err error
	if item.LineTotal, err = item.Price.Times(int64(row.Quantity)); err != nil {
		return Item{}, fmt.Errorf("item %s: %w", row.ID, err)
	}
	if err := json.Unmarshal(row.ProductSnapshot, &item.Snapshot); err != nil {
		return Item{}, fmt.Errorf("read the snapshot of item %s: %w", row.ID, err)
	}
	return item, nil
}

// newItem is an item as OrderCreate takes it.
type newItem struct {
	ID              uuid.UUID `json:"id"`
	Position        int       `json:"position"`
	ProductID       uuid.UUID `json:"product_id"`
	VariantID       uuid.UUID `json:"variant_id"`
	Quantity        int32     `json:"quantity"`
	PriceMinor      int64     `json:"price_minor"`
	ProductSnapshot Snapshot  `json:"product_snapshot"`
}

func fromItems(items []Item) ([]byte, error) {
	rows := make([]newItem, len(items))
	for i, item := range items {
		rows[i] = newItem{
			ID: item.ID, Position: i, ProductID: item.ProductID, VariantID: item.VariantID,
			Quantity: item.Quantity, PriceMinor: item.Price.Minor, ProductSnapshot: item.Snapshot,
		}
	}
	return json.Marshal(rows)
}

func fromOrder(order Order, cause Cause, now time.Time) (db.OrderCreateParams, error) {
	shipping, err := json.Marshal(order.ShippingAddress)
	if err != nil {
		return db.OrderCreateParams{}, fmt.Errorf("write the shipping address: %w", err)
	}
	billing, err := json.Marshal(order.BillingAddress)
	if err != nil {
		return db.OrderCreateParams{}, fmt.Errorf("write the billing address: %w", err)
	}
	items, err := fromItems(order.Items)
	if err != nil {
		return db.OrderCreateParams{}, fmt.Errorf("write the items: %w", err)
	}
	return db.OrderCreateParams{
		ID:                order.ID,
		CartID:            order.CartID,
		UserID:            whoever(order.Customer),
		TokenHashes:       tokenHashes(order.Token),
		Email:             order.Email,
		Status:            string(order.Status),
		PaymentStatus:     string(order.Payment),
		FulfillmentStatus: string(order.Fulfillment),
		ReviewStatus:      string(order.Review),
		Items:             items,
		EventType:         cause.Type,
		Actor:             cause.Actor,
		Reason:            cause.Reason,
		Currency:          string(order.Total.Currency),
		SubtotalMinor:     order.Subtotal.Minor,
		DiscountMinor:     order.Discount.Minor,
		ShippingMinor:     order.Shipping.Minor,
		TaxMinor:          order.Tax.Minor,
		TotalMinor:        order.Total.Minor,
		ShippingAddress:   shipping,
		BillingAddress:    billing,
		Notes:             order.Notes,
		ExpiresAt:         order.ExpiresAt,
		Now:               now,
	}, nil
}

// whoever is a customer, or nil for a guest.
func whoever(customer uuid.UUID) *uuid.UUID {
	if customer == uuid.Nil {
		return nil
	}
	return &customer
}

// tokenHashes is what is stored of an order's first token; none of a customer's.
func tokenHashes(token string) [][]byte {
	if token == "" {
		return [][]byte{}
	}
	return [][]byte{hashToken(token)}
}

// reasons are those of a judgement as they are stored.
func reasons(judgement Judgement) []string {
	if judgement.Reasons == nil {
		return []string{}
	}
	return judgement.Reasons
}
