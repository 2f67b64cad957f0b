package payments

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"cartwright/gen/db"
)

// DisputeChange is what news have made of a dispute, with the payment as it stands since.
type DisputeChange struct {
	Dispute Dispute
	Payment Payment
	// Opened, Withdrawn, Reinstated and Closed tell what nobody here knew before.
	Opened, Withdrawn, Reinstated, Closed bool
	// Escalated tells that an inquiry, until then a question alone, became a dispute.
	Escalated bool
}

// Raised reports whether the bank claims more of the shop than before.
func (c DisputeChange) Raised() bool { return c.Opened || c.Escalated }

// HearDisputesTx takes what the provider says of a locked payment's disputes, in whatever order and however often, and
// answers what is new in it. News that are older than what is known change nothing.
func (s *Service) HearDisputesTx(ctx context.Context, tx pgx.Tx, payment Payment, told []DisputeNews) ([]DisputeChange, error) {
	if len(told) == 0 {
		return nil, nil
	}
	known, err := s.q.DisputeListByPayment(ctx, tx, payment.ID)
	if err != nil {
		return nil, fmt.Errorf("read the payment's disputes: %w", err)
	}
	var changes []DisputeChange
	for _, news := range told {
		var before *db.Dispute
		if at := slices.IndexFunc(known, func(row db.Dispute) bool { return row.DisputeID == news.ID }); at >= 0 {
			before = &known[at]
		}
		if before != nil && !news.tellsMoreThan(*before) {
			continue
		}
		row, err := s.storeDisputeTx(ctx, tx, payment, news, before)
		if err != nil {
			return nil, fmt.Errorf("store news of a dispute: %w", err)
		}
		change := changeOf(row, before)
		if change.Payment, err = s.countTx(ctx, tx, payment.ID); err != nil {
			return nil, err
		}
		change.Dispute = toDispute(row, change.Payment)
		changes = append(changes, change)
	}
	return changes, nil
}

// tellsMoreThan tells whether there is something in the news that is not older than what is known, and is not known.
func (n DisputeNews) tellsMoreThan(row db.Dispute) bool {
	return n.Status.follows(DisputeStatus(row.Status)) && (string(n.Status) != row.Status || n.Amount.Minor != row.AmountMinor ||
		n.Reason != row.Reason || !same(n.DueBy, row.EvidenceDueBy) ||
		n.Withdrawn != nil && row.FundsWithdrawnAt == nil || n.Reinstated != nil && row.FundsReinstatedAt == nil)
}

func same(a, b *time.Time) bool {
	return a == nil && b == nil || a != nil && b != nil && a.Equal(*b)
}

func (s *Service) storeDisputeTx(
	ctx context.Context, tx pgx.Tx, payment Payment, news DisputeNews, before *db.Dispute,
) (db.Dispute, error) {
	now := s.now()
	var closed *time.Time
	switch {
	case !news.Status.Decided():
	case before != nil && before.ClosedAt != nil:
		closed = before.ClosedAt
	default:
		closed = &now
	}
	if before != nil {
		return s.q.DisputeUpdate(ctx, tx, db.DisputeUpdateParams{
			ID: before.ID, AmountMinor: news.Amount.Minor, Reason: news.Reason, Status: string(news.Status), EvidenceDueBy: news.DueBy,
			FundsWithdrawnAt: news.Withdrawn, FundsReinstatedAt: news.Reinstated, ClosedAt: closed, Now: now,
		})
	}
	return s.q.DisputeCreate(ctx, tx, db.DisputeCreateParams{
		ID: uuid.Must(uuid.NewV7()), PaymentID: payment.ID, DisputeID: news.ID, AmountMinor: news.Amount.Minor,
		Currency: string(news.Amount.Currency), Reason: news.Reason, Status: string(news.Status), EvidenceDueBy: news.DueBy,
		FundsWithdrawnAt: news.Withdrawn, FundsReinstatedAt: news.Reinstated, OpenedAt: news.CreatedAt, ClosedAt: closed, Now: now,
	})
}

// changeOf is what a dispute's row tells that it did not before.
func changeOf(row db.Dispute, before *db.Dispute) DisputeChange {
	was := db.Dispute{}
	if before != nil {
		was = *before
	}
	return DisputeChange{
		Opened:     before == nil || was.ClosedAt != nil && row.ClosedAt == nil,
		Withdrawn:  was.FundsWithdrawnAt == nil && row.FundsWithdrawnAt != nil,
		Reinstated: was.FundsReinstatedAt == nil && row.FundsReinstatedAt != nil,
		Closed:     row.ClosedAt != nil && row.Status != was.Status,
		Escalated:  before != nil && DisputeStatus(was.Status).inquiry() && !DisputeStatus(row.Status).inquiry(),
	}
}

// undisputedTx makes sure that no bank decides about a locked payment; ErrDisputed, with the day that evidence is due.
func (s *Service) undisputedTx(ctx context.Context, tx pgx.Tx, payment Payment) error {
	disputes, err := s.q.DisputeListByPayment(ctx, tx, payment.ID)
	if err != nil {
		return fmt.Errorf("look for disputes of the payment: %w", err)
	}
	for _, row := range disputes {
		if dispute := toDispute(row, payment); !dispute.Status.Decided() {
			return dispute.refusal()
		}
	}
	return nil
}

// UnwonDisputeTx is the newest dispute of a locked payment that is undecided or lost; nil where there is none.
func (s *Service) UnwonDisputeTx(ctx context.Context, tx pgx.Tx, payment Payment) (unwon *Dispute, err error) {
	disputes, err := s.q.DisputeListByPayment(ctx, tx, payment.ID)
	if err != nil {
		return nil, fmt.Errorf("look for disputes of the payment: %w", err)
	}
	for _, row := range disputes {
		if dispute := toDispute(row, payment); !dispute.Status.Decided() || dispute.Status == DisputeLost {
			unwon = &dispute
		}
	}
	return unwon, nil
}
