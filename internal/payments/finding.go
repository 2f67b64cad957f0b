package payments

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"cartwright/internal/money"
)

// FindingKind says in what a payment and the provider disagree.
type FindingKind string

// The kinds of findings.
const (
	UnknownPayment  FindingKind = "UNKNOWN_PAYMENT"  // money is there under the name of a payment that is not here
	UnknownIntent   FindingKind = "UNKNOWN_INTENT"   // the provider does not know a payment's intent, or shows one that cannot be read
	DuplicateIntent FindingKind = "DUPLICATE_INTENT" // money is there in a second intent of one payment
	AmountDiffers   FindingKind = "AMOUNT"           // or the currency, or the mode
	StatusDiffers   FindingKind = "STATUS"
	RefundedDiffers FindingKind = "REFUNDED"
)

// FindingStatus is whether a finding waits for a person.
type FindingStatus string

// The statuses of a finding.
const (
	FindingOpen      FindingStatus = "OPEN"
	FindingResolved  FindingStatus = "RESOLVED" // both agree
	FindingDismissed FindingStatus = "DISMISSED"
)

// Finding is one disagreement.
type Finding struct {
	ID         uuid.UUID
	Kind       FindingKind
	Status     FindingStatus
	IntentID   string
	PaymentID  uuid.UUID // none where no payment is known
	OrderID    uuid.UUID // its order
	Here       *Side     // nil where no payment is known
	There      *Side     // nil where the provider knows no such intent
	Note       string
	FoundAt    time.Time
	SeenAt     time.Time
	ResolvedAt *time.Time
}

// Side is how a payment stands at one of both.
type Side struct {
	Status   string
	Amount   money.Amount
	Refunded money.Amount
}

// sideRow is a side as it is stored.
type sideRow struct {
	Status   string `json:"status"`
	Currency string `json:"currency"`
	Amount   int64  `json:"amount"`
	Refunded int64  `json:"refunded"`
}

func (s *Side) row() ([]byte, error) {
	if s == nil {
		return nil, nil
	}
	row, err := json.Marshal(sideRow{s.Status, string(s.Amount.Currency), s.Amount.Minor, s.Refunded.Minor})
	if err != nil {
		return nil, fmt.Errorf("store a side of a finding: %w", err)
	}
	return row, nil
}

func toSide(stored []byte) (*Side, error) {
	if stored == nil {
		return nil, nil
	}
	var row sideRow
	if err := json.Unmarshal(stored, &row); err != nil {
		return nil, fmt.Errorf("read a side of a finding: %w", err)
	}
	currency := money.Currency(row.Currency)
	return &Side{row.Status, money.New(row.Amount, currency), money.New(row.Refunded, currency)}, nil
}

// Side is how the payment stands here.
func (p *Payment) Side() *Side { return &Side{string(p.Status), p.Amount, p.Refunded} }

// Side is how the intent stands.
func (i *Intent) Side() *Side { return &Side{string(i.Status), i.Amount, i.refunded()} }

// refunded is what was given back, and where the provider tells of each refund, what of it is there and on no way any
// more.
func (i *Intent) refunded() money.Amount {
	if i.Refunds == nil && i.Refunded != nil {
		return *i.Refunded
	}
	return i.refundedAs(RefundSucceeded)
}

func (i *Intent) refundedAs(statuses ...RefundStatus) money.Amount {
	sum := money.New(0, i.Amount.Currency)
	for _, refund := range i.Refunds {
		if slices.Contains(statuses, refund.Status) {
			sum.Minor += refund.Amount.Minor
		}
	}
	return sum
}

// Undone tells whether only a part was taken of what was held, and all of that was given back: with the rest, that makes
// the whole.
func (i *Intent) Undone() bool {
	return i.Status == IntentSucceeded && i.Captured != nil && *i.Captured != i.Amount && i.Refunded != nil && *i.Refunded == i.Amount
}

// holdsMoney tells whether the provider holds money in the intent, or will.
func (i *Intent) holdsMoney() bool {
	switch i.Status {
	case IntentSucceeded:
		return i.refunded().Minor < i.Amount.Minor
	case IntentProcessing, IntentRequiresCapture:
		return true
	case IntentRequiresMethod, IntentRequiresConfirmation, IntentRequiresAction, IntentCanceled:
	}
	return false
}

// Orphan is in what an intent that names a payment of ours disagrees when that payment is not here.
func (i *Intent) Orphan() FindingKind {
	if i.PaymentID != uuid.Nil && i.holdsMoney() {
		return UnknownPayment
	}
	return ""
}

// Disagrees is in what this payment and an intent of it disagree; "" when in nothing.
func (p *Payment) Disagrees(intent Intent, live bool) FindingKind {
	switch {
	case p.IntentID != "" && p.IntentID != intent.ID:
		if intent.holdsMoney() {
			return DuplicateIntent
		}
		return ""
	case p.Status == Cancelled && intent.Undone():
		return ""
	case p.Mismatch(intent, live) != "":
		return AmountDiffers
	case p.IntentID == "" && intent.Status != IntentCanceled, // whose name was lost
		p.after(intent) != p.Status, (p.Status == Succeeded) != (intent.Status == IntentSucceeded), p.Revivable(intent),
		p.Status == Authorized && intent.Status != IntentRequiresCapture:
		return StatusDiffers
	case p.refundsDiffer(intent):
		return RefundedDiffers
	}
	return ""
}

// refundsDiffer compares what was given back, and what is on its way: of that, more may have been decided here than was
// asked for yet. A sum alone counts both.
func (p *Payment) refundsDiffer(intent Intent) bool {
	if intent.Refunds == nil {
		sum := intent.refunded().Minor
		return sum < p.Refunded.Minor || sum > p.Refunded.Minor+p.Refunding.Minor
	}
	return intent.refunded() != p.Refunded || intent.refundedAs(RefundPending, RefundRequiresAction).Minor > p.Refunding.Minor
}

// Revivable tells whether an intent could still be paid although this payment has ended.
func (p *Payment) Revivable(intent Intent) bool {
	return p.Status == Cancelled && intent.Status != IntentCanceled && intent.Status != IntentSucceeded
}
