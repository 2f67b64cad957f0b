package payments

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"cartwright/gen/db"
)

// RefundChange is what news have made of a refund, with the payment as it stands since.
type RefundChange struct {
	Refund  Refund
	Payment Payment
	Found   bool // nobody here knew of it before
}

// HearRefundsTx takes what the provider says of a locked payment's refunds, in whatever order and however often, and
// answers what is new in it. Refunds that were not asked for here are written down as well. What it does not name stays.
func (s *Service) HearRefundsTx(ctx context.Context, tx pgx.Tx, payment Payment, told []RefundNews) ([]RefundChange, error) {
	if len(told) == 0 {
		return nil, nil
	}
	if _, err := s.q.RefundForgetSum(ctx, tx, payment.ID); err != nil {
		return nil, fmt.Errorf("forget a sum of refunds: %w", err)
	}
	known, err := s.q.RefundListByPayment(ctx, tx, payment.ID)
	if err != nil {
		return nil, fmt.Errorf("read the payment's refunds: %w", err)
	}
	// What came to nothing comes first: it makes room for others.
	told = slices.SortedStableFunc(slices.Values(told), func(a, b RefundNews) int { return cmp.Compare(b.Status.rank(), a.Status.rank()) })
	var changes []RefundChange
	for _, news := range told {
		change, changed, err := s.hearTx(ctx, tx, payment, news, known)
		if err != nil {
			return nil, err
		}
		if changed {
			changes = append(changes, change)
		}
	}
	return changes, nil
}

// hearTx takes what the provider says of one refund.
func (s *Service) hearTx(
	ctx context.Context, tx pgx.Tx, payment Payment, news RefundNews, known []db.Refund,
) (change RefundChange, changed bool, err error) {
	var row db.Refund
	switch at := slices.IndexFunc(known, news.isOf); {
	case at < 0:
		change.Found, changed = true, true
		row, err = s.recordTx(ctx, tx, payment, news)
	case known[at].RefundID != nil && !news.Status.follows(RefundStatus(known[at].Status)):
		return RefundChange{}, false, nil
	default:
		changed = known[at].Status != string(news.Status)
		row, err = s.q.RefundSetResult(ctx, tx, db.RefundSetResultParams{
			ID: known[at].ID, RefundID: news.ID, Status: string(news.Status), Failure: optional(news.Failure), Now: s.now(),
		})
		known[at] = row // what has a name now is no other's
	}
	if err != nil {
		return RefundChange{}, false, fmt.Errorf("store news of a refund: %w", err)
	}
	if change.Payment, err = s.countTx(ctx, tx, payment.ID); err != nil {
		return RefundChange{}, false, err
	}
	change.Refund = toRefund(row, change.Payment)
	return change, changed, nil
}

// isOf tells whether the news are of this refund: by the provider's name for it, else, when the answer that carried the
// name was lost, by ours, which the provider remembers.
func (n RefundNews) isOf(row db.Refund) bool {
	if row.RefundID != nil {
		return *row.RefundID == n.ID
	}
	return row.ID == n.RefundID && row.AmountMinor == n.Amount.Minor
}

// recordTx writes down a refund that nobody here asked for.
func (s *Service) recordTx(ctx context.Context, tx pgx.Tx, payment Payment, news RefundNews) (db.Refund, error) {
	return s.q.RefundRecord(ctx, tx, db.RefundRecordParams{
		ID: uuid.Must(uuid.NewV7()), PaymentID: payment.ID, RefundID: news.ID, Actor: "stripe", AmountMinor: news.Amount.Minor,
		Reason: optional(news.Reason), Failure: optional(news.Failure), Status: string(news.Status), CreatedAt: news.CreatedAt, Now: s.now(),
	})
}
