package orders

import (
	"time"

	"github.com/google/uuid"

	"cartwright/internal/money"
)

// Status is where the order as a whole stands.
type Status string

// The statuses of an order.
const (
	Pending    Status = "PENDING"
	Confirmed  Status = "CONFIRMED"
	Processing Status = "PROCESSING"
	Shipped    Status = "SHIPPED"
	Delivered  Status = "DELIVERED"
	Cancelled  Status = "CANCELLED"
	Refunded   Status = "REFUNDED"
)

// PaymentStatus is where its money stands.
type PaymentStatus string

// The payment statuses of an order.
const (
	PaymentPending           PaymentStatus = "PENDING"
	PaymentAuthorized        PaymentStatus = "AUTHORIZED" // held for the shop, and not taken yet
	PaymentPaid              PaymentStatus = "PAID"
	PaymentFailed            PaymentStatus = "FAILED"
	PaymentRefunded          PaymentStatus = "REFUNDED"
	PaymentPartiallyRefunded PaymentStatus = "PARTIALLY_REFUNDED"
)

// FulfillmentStatus is where its goods stand.
type FulfillmentStatus string

// The fulfilment statuses of an order.
const (
	Unfulfilled FulfillmentStatus = "UNFULFILLED"
	Partial     FulfillmentStatus = "PARTIAL"
	Fulfilled   FulfillmentStatus = "FULFILLED"
)

// State is the axes together.
type State struct {
	Status      Status
	Payment     PaymentStatus
	Fulfillment FulfillmentStatus
	Review      ReviewStatus
}

// Address is where goods or a bill go.
type Address struct {
	FirstName  string `json:"firstName"`
	LastName   string `json:"lastName"`
	Company    string `json:"company,omitempty"`
	Street1    string `json:"street1"`
	Street2    string `json:"street2,omitempty"`
	City       string `json:"city"`
	State      string `json:"state"`
	PostalCode string `json:"postalCode"`
	Country    string `json:"country"`
}

// Snapshot is what an item was when it was sold.
type Snapshot struct {
	Name        string            `json:"name"`
	VariantName string            `json:"variantName"`
	SKU         string            `json:"sku"`
	Image       string            `json:"image,omitempty"`
	Options     map[string]string `json:"options"`
}

// Item is one line of an order.
type Item struct {
	ID        uuid.UUID
	ProductID uuid.UUID
	VariantID uuid.UUID
	Quantity  int32
	Cancelled int32 // how many of them were cancelled before they were sent
	Refunded  int32 // how many of them were refunded before they were sent
	Fulfilled int32 // how many of them were sent
	Returned  int32 // how many of those came back
	Price     money.Amount
	LineTotal money.Amount
	Snapshot  Snapshot
}

// Order is what was bought.
type Order struct {
	State
	ID              uuid.UUID
	Number          string
	CartID          uuid.UUID
	Customer        uuid.UUID // whose it is; Nil means a guest's
	Token           string    // opens a guest's order; known only when it is handed out
	Email           string
	Subtotal        money.Amount
	Discount        money.Amount
	Shipping        money.Amount
	Tax             money.Amount
	Total           money.Amount
	ShippingAddress Address
	BillingAddress  Address
	Notes           *string
	Items           []Item
	ExpiresAt       time.Time // when an unpaid order gives its stock back
	CreatedAt       time.Time
	UpdatedAt       time.Time
	Judgement       Judgement
}

// Payable tells whether the order still waits for its money.
func (o *Order) Payable() bool {
	return o.Status == Pending && (o.Payment == PaymentPending || o.Payment == PaymentFailed)
}

// Paid tells whether the order's money came, whatever happened to it later.
func (o *Order) Paid() bool {
	return o.Payment != PaymentPending && o.Payment != PaymentFailed && !o.Authorized()
}

// Authorized tells whether the order's money is held for the shop and was not taken yet.
func (o *Order) Authorized() bool { return o.Payment == PaymentAuthorized }

// Bought tells whether nothing more is asked of the shopper: the order is paid, or authorized.
func (o *Order) Bought() bool { return o.Paid() || o.Authorized() }

// Erased tells whether the order's customer is gone, and with them where it would be sent.
func (o *Order) Erased() bool { return o.Email == ErasedEmail }
