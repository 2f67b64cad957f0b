package payments

import (
	"fmt"
	"time"

	"github.com/google/uuid"

	"cartwright/gen/db"
	"cartwright/internal/money"
)

// DisputeStatus is where a dispute stands, in Stripe's states.
type DisputeStatus string

// The statuses of a dispute. The first three are those of an inquiry: the bank asks, and has taken nothing yet.
const (
	WarningNeedsResponse DisputeStatus = "WARNING_NEEDS_RESPONSE"
	WarningUnderReview   DisputeStatus = "WARNING_UNDER_REVIEW"
	WarningClosed        DisputeStatus = "WARNING_CLOSED"
	DisputeNeedsResponse DisputeStatus = "NEEDS_RESPONSE"
	DisputeUnderReview   DisputeStatus = "UNDER_REVIEW"
	DisputeWon           DisputeStatus = "WON"
	DisputeLost          DisputeStatus = "LOST"
)

// rank orders the statuses: news may come late, and no dispute goes back. An inquiry that was closed may yet become a
// dispute, and a bank may revise how it decided.
func (s DisputeStatus) rank() int {
	switch s {
	case WarningNeedsResponse:
		return 1
	case WarningUnderReview:
		return 2
	case WarningClosed:
		return 3
	case DisputeNeedsResponse:
		return 4
	case DisputeUnderReview:
		return 5
	case DisputeWon, DisputeLost:
		return 6
	}
	return 0
}

// Known tells whether it is a status that this package knows.
func (s DisputeStatus) Known() bool { return s.rank() > 0 }

// Decided tells whether the bank has decided; until then nothing is given back.
func (s DisputeStatus) Decided() bool {
	return s == WarningClosed || s == DisputeWon || s == DisputeLost
}

// inquiry reports whether the bank only asks.
func (s DisputeStatus) inquiry() bool {
	return s == WarningNeedsResponse || s == WarningUnderReview || s == WarningClosed
}

// follows tells whether a dispute of the other status may come to have this one, or have it still.
func (s DisputeStatus) follows(other DisputeStatus) bool { return s.rank() >= other.rank() }

// Dispute is what a bank has against a payment.
type Dispute struct {
	ID         uuid.UUID
	ProviderID string
	Payment    Payment
	Amount     money.Amount
	Reason     string // in the provider's words
	Status     DisputeStatus
	DueBy      *time.Time // until when evidence is taken; nil where the provider does not say
	Withdrawn  *time.Time // when the money was taken; nil where it was not
	Reinstated *time.Time // when it came back; nil where it did not
	OpenedAt   time.Time
	ClosedAt   *time.Time // when the shop heard that it was decided
	UpdatedAt  time.Time
}

// refusal says why nothing is given back while the dispute is open, and until when it can be answered.
func (d *Dispute) refusal() error {
	refused := *ErrDisputed
	if d.DueBy != nil {
		refused.Message = fmt.Sprintf("%s Evidence is due by %s.", refused.Message, d.DueBy.UTC().Format(time.RFC3339))
	}
	return &refused
}

func toDispute(row db.Dispute, payment Payment) Dispute {
	return Dispute{
		ID: row.ID, ProviderID: row.DisputeID, Payment: payment, Amount: money.New(row.AmountMinor, money.Currency(row.Currency)),
		Reason: row.Reason, Status: DisputeStatus(row.Status), DueBy: row.EvidenceDueBy, Withdrawn: row.FundsWithdrawnAt,
		Reinstated: row.FundsReinstatedAt, OpenedAt: row.OpenedAt, ClosedAt: row.ClosedAt, UpdatedAt: row.UpdatedAt,
	}
}
