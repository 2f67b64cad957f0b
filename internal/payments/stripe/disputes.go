package stripe

import (
	"context"
	"fmt"
	"strings"
	"time"

	stripego "github.com/stripe/stripe-go/v76"

	"cartwright/internal/payments"
)

// disputesOf are all disputes of an intent whose charge says that it was disputed ever.
func (p *Provider) disputesOf(ctx context.Context, intent string, charge *stripego.Charge) (disputes []payments.DisputeNews, err error) {
	if charge == nil || !charge.Disputed {
		return nil, nil
	}
	list := &stripego.DisputeListParams{PaymentIntent: stripego.String(intent)}
	list.Context, list.Limit = ctx, stripego.Int64(100)
	found := p.api.Disputes.List(list)
	for found.Next() {
		dispute, err := toDispute(found.Dispute())
		if err != nil {
			return nil, fmt.Errorf("%w: %w", payments.ErrUnreadable, err)
		}
		disputes = append(disputes, dispute)
	}
	if err := found.Err(); err != nil {
		return nil, toError("list the disputes", err)
	}
	return disputes, nil
}

// toDispute reads a dispute. Its balance transactions are money that left the account, or came back to it, in the account's
// currency, which need not be the dispute's: when they were made is told, how much they were is not.
func toDispute(dispute *stripego.Dispute) (payments.DisputeNews, error) {
	amount, err := fromStripe(dispute.Amount, string(dispute.Currency))
	if err != nil {
		return payments.DisputeNews{}, fmt.Errorf("read dispute %s: %w", dispute.ID, err)
	}
	news := payments.DisputeNews{
		ID: dispute.ID, Status: payments.DisputeStatus(strings.ToUpper(string(dispute.Status))), Amount: amount,
		Reason: string(dispute.Reason), CreatedAt: time.Unix(dispute.Created, 0),
	}
	if !news.Status.Known() {
		return payments.DisputeNews{}, fmt.Errorf("dispute %s has the unknown status %q", dispute.ID, dispute.Status)
	}
	if details := dispute.EvidenceDetails; details != nil && details.DueBy > 0 {
		due := time.Unix(details.DueBy, 0)
		news.DueBy = &due
	}
	for _, moved := range dispute.BalanceTransactions {
		at := time.Unix(moved.Created, 0)
		switch {
		case moved.Amount < 0 && (news.Withdrawn == nil || at.Before(*news.Withdrawn)):
			news.Withdrawn = &at
		case moved.Amount > 0 && (news.Reinstated == nil || at.Before(*news.Reinstated)):
			news.Reinstated = &at
		}
	}
	return news, nil
}
