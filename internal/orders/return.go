package orders

import (
	"time"

	"github.com/google/uuid"

	"cartwright/gen/db"
)

// ReturnStatus is where a return stands.
type ReturnStatus string

// The statuses of a return. One that was refunded is received again when a bank sends the money back.
const (
	ReturnRequested ReturnStatus = "REQUESTED"
	ReturnApproved  ReturnStatus = "APPROVED"
	ReturnRejected  ReturnStatus = "REJECTED"
	ReturnCancelled ReturnStatus = "CANCELLED"
	ReturnReceived  ReturnStatus = "RECEIVED"
	ReturnRefunded  ReturnStatus = "REFUNDED"
	ReturnClosed    ReturnStatus = "CLOSED" // nothing is given back for what came
)

// ReturnReason is why a line is sent back.
type ReturnReason string

// Return is what a customer sends back of an order.
type Return struct {
	ID        uuid.UUID
	OrderID   uuid.UUID
	Number    string
	Status    ReturnStatus
	Actor     string // who asked for it
	Items     []ReturnItem
	Reply     string    // what the customer is told where it was rejected; "" once they are erased
	Refund    uuid.UUID // the one under way, or the one that was made; Nil for none
	CreatedAt time.Time
	UpdatedAt time.Time
}

// ReturnItem is how many of a line are sent back, how many came, and how many of those are on the shelf again: the rest
// of what came is written off.
type ReturnItem struct {
	ItemID    uuid.UUID
	Quantity  int32
	Reason    ReturnReason
	Note      string
	Received  int32
	Restocked int32
}

// Refunding tells whether money for it is on its way back.
func (r *Return) Refunding() bool { return r.Status == ReturnReceived && r.Refund != uuid.Nil }

func toReturn(row db.Return) Return {
	one := Return{
		ID: row.ID, OrderID: row.OrderID, Number: row.ReturnNumber, Status: ReturnStatus(row.Status), Actor: row.Actor,
		Reply: text(row.Reply), CreatedAt: row.CreatedAt, UpdatedAt: row.UpdatedAt,
	}
	if row.RefundID != nil {
		one.Refund = *row.RefundID
	}
	return one
}

func toReturnItem(row db.ReturnItem) ReturnItem {
	return ReturnItem{
		ItemID: row.OrderItemID, Quantity: row.Quantity, Reason: ReturnReason(row.Reason), Note: text(row.Note),
		Received: row.Received, Restocked: row.Restocked,
	}
}
