package payments

import (
	"time"

	"github.com/google/uuid"

	"cartwright/gen/db"
	"cartwright/internal/money"
)

// RefundStatus is where a refund stands, in Stripe's five states.
type RefundStatus string

// The statuses of a refund. One that succeeded may fail yet, when a bank sends the money back.
const (
	RefundPending        RefundStatus = "PENDING"
	RefundRequiresAction RefundStatus = "REQUIRES_ACTION"
	RefundSucceeded      RefundStatus = "SUCCEEDED"
	RefundFailed         RefundStatus = "FAILED"
	RefundCancelled      RefundStatus = "CANCELLED"
)

// rank orders the statuses: news may come late, and no refund goes back.
func (s RefundStatus) rank() int {
	switch s {
	case RefundPending, RefundRequiresAction:
		return 1
	case RefundSucceeded:
		return 2
	case RefundFailed, RefundCancelled:
		return 3
	}
	return 0
}

// follows tells whether a refund of the other status may come to have this one.
func (s RefundStatus) follows(other RefundStatus) bool {
	return s != other && s.rank() >= other.rank() && other.rank() < 3
}

// RefundSource is who gave money back.
type RefundSource string

// Where refunds come from: from here, or from the provider's own pages.
const (
	FromShop      RefundSource = "SHOP"
	FromDashboard RefundSource = "DASHBOARD"
)

// Refund is money that goes back. One of ours is written down before the provider is asked.
type Refund struct {
	ID         uuid.UUID
	ProviderID string // "" until the provider answered
	Payment    Payment
	Source     RefundSource
	Actor      string
	RequestKey string // the Idempotency-Key it was asked for with, or ""
	Amount     money.Amount
	Fee        money.Amount // what was kept of the value of its items
	Reason     string       // one of the provider's, or ""
	Note       string
	Failure    string // why it came to nothing, in the provider's words
	Restocked  bool
	Items      []RefundItem
	Status     RefundStatus
	CreatedAt  time.Time
	UpdatedAt  time.Time
}

// RefundItem is how many of an order's line a refund is for, and what it gives back for them, before a fee.
type RefundItem struct {
	ItemID   uuid.UUID
	Quantity int32
	Amount   money.Amount
	Direct   int32 // of a sum: how many of the units belong to no return
}

// Undecided tells whether the money is not back yet and may still come.
func (r *Refund) Undecided() bool { return r.Status.rank() == 1 }

// Over tells whether it came to nothing.
func (r *Refund) Over() bool { return r.Status.rank() == 3 }

func toRefund(row db.Refund, payment Payment) Refund {
	return Refund{
		ID: row.ID, ProviderID: text(row.RefundID), Payment: payment, Source: RefundSource(row.Source), Actor: row.Actor, RequestKey: text(row.RequestKey),
		Amount: money.New(row.AmountMinor, payment.Amount.Currency), Fee: money.New(row.FeeMinor, payment.Amount.Currency), Reason: text(row.Reason), Note: text(row.Note),
		Failure: text(row.Failure), Restocked: row.Restocked, Status: RefundStatus(row.Status),
		CreatedAt: row.CreatedAt, UpdatedAt: row.UpdatedAt,
	}
}
