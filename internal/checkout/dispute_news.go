package checkout

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"cartwright/internal/orders"
	"cartwright/internal/payments"
)

// movedTx has news of money that went back take effect on a locked payment that succeeded, whoever brings them: what the
// shop gave back, and what banks took. Disputes that cannot be the payment's are left out.
func (s *Service) movedTx(ctx context.Context, tx pgx.Tx, order orders.Order, payment payments.Payment, intent payments.Intent) error {
	order, err := s.refundsTx(ctx, tx, order, payment, intent.Refunds)
	if err != nil || foreignDispute(payment, intent.Disputes) != "" {
		return err
	}
	return s.disputesTx(ctx, tx, order, payment, intent.Disputes)
}

// foreignDispute is why news of disputes cannot be about the payment; "" when they can.
func foreignDispute(payment payments.Payment, told []payments.DisputeNews) string {
	for _, news := range told {
		if news.Amount.Currency != payment.Amount.Currency {
			return fmt.Sprintf("dispute %s of %s instead of %s", news.ID, news.Amount.Currency, payment.Amount.Currency)
		}
	}
	return ""
}

// disputesTx has news of a locked payment's disputes take effect, each once, whoever brings them and however often.
func (s *Service) disputesTx(
	ctx context.Context, tx pgx.Tx, order orders.Order, payment payments.Payment, told []payments.DisputeNews,
) error {
	changes, err := s.Payments.HearDisputesTx(ctx, tx, payment, told)
	if err != nil {
		return err
	}
	for _, change := range changes {
		if order, err = s.disputeTx(ctx, tx, order, change); err != nil {
			return err
		}
	}
	if len(changes) == 0 {
		return nil
	}
	if order, err = s.holdDisputedTx(ctx, tx, order, changes); err != nil {
		return err
	}
	return s.settleUpTx(ctx, tx, order, changes[len(changes)-1].Payment)
}

// holdDisputedTx puts a locked order with unsent products on hold when a dispute of its payment is opened or lost, and lifts
// that hold once the shop has won all of them. An order that staff released is held again by another dispute alone.
func (s *Service) holdDisputedTx(
	ctx context.Context, tx pgx.Tx, order orders.Order, changes []payments.DisputeChange,
) (orders.Order, error) {
	last := changes[len(changes)-1]
	cause := orders.Cause{Actor: byProvider, Reason: orders.Disputed, Dispute: last.Dispute.ID}
	unwon, err := s.Payments.UnwonDisputeTx(ctx, tx, last.Payment)
	switch opened := slices.ContainsFunc(changes, payments.DisputeChange.Raised); {
	case err != nil:
		return order, err
	case unwon == nil:
		return s.Orders.LiftDisputeTx(ctx, tx, order, cause)
	case opened || !order.Disputed():
		return s.Orders.HoldDisputedTx(ctx, tx, order, cause)
	}
	return order, nil
}

// holdUnsentTx puts a locked order on hold of which something is to be sent again, when its payment is disputed and nobody
// released it since.
func (s *Service) holdUnsentTx(ctx context.Context, tx pgx.Tx, order orders.Order) error {
	if order.Disputed() && order.Review == orders.Released {
		return nil
	}
	payment, found, err := s.Payments.LatestTx(ctx, tx, order.ID)
	if err != nil || !found {
		return err
	}
	unwon, err := s.Payments.UnwonDisputeTx(ctx, tx, payment)
	if err != nil || unwon == nil {
		return err
	}
	cause := orders.Cause{Actor: bySystem, Reason: orders.Disputed, Dispute: unwon.ID}
	_, err = s.Orders.HoldDisputedTx(ctx, tx, order, cause)
	return err
}

// disputeTx records what became of a dispute.
func (s *Service) disputeTx(ctx context.Context, tx pgx.Tx, order orders.Order, change payments.DisputeChange) (_ orders.Order, err error) {
	dispute := change.Dispute
	for _, step := range []struct {
		kind string
		took bool
	}{
		{"dispute_opened", change.Opened}, {"dispute_funds_withdrawn", change.Withdrawn},
		{"dispute_closed", change.Closed}, {"dispute_funds_reinstated", change.Reinstated},
	} {
		if !step.took {
			continue
		}
		reasons := []string{dispute.Amount.String(), dispute.Reason}
		if step.kind == "dispute_closed" {
			reasons = append(reasons, strings.ToLower(string(dispute.Status)))
		}
		cause := orders.Cause{Type: step.kind, Actor: byProvider, Reason: strings.Join(reasons, ", "), Dispute: dispute.ID}
		if order, err = s.Orders.ChangeTx(ctx, tx, order, order.State, cause); err != nil {
			return order, err
		}
	}
	if change.Opened && !dispute.Status.Decided() {
		s.Logger.WarnContext(ctx, "a payment is disputed and needs a person", "dispute", dispute.ID, "order", order.ID)
	}
	return order, nil
}

// settleUpTx gives back what a decided dispute left of an order that is dead: what was to be given back meanwhile was
// refused by the provider, or never asked for.
func (s *Service) settleUpTx(ctx context.Context, tx pgx.Tx, order orders.Order, payment payments.Payment) error {
	if order.Status != orders.Cancelled {
		return nil
	}
	err := s.giveBackTx(ctx, tx, payment, "the order had ended when its dispute was decided")
	if errors.Is(err, payments.ErrDisputed) { // by another one, or by this one still
		return nil
	}
	return err
}
