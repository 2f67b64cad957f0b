package fraud

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"cartwright/gen/db"
)

// News is what the provider says became of a payment, or of a card that was to be saved.
type News struct {
	Payment uuid.UUID // or the setup
	Paid    bool      // or saved; else it was declined
	// Charge is what the provider calls this one try; news of the same changes nothing the second time.
	Charge      string
	Method      string
	Fingerprint string // of the card; "" when the provider did not say
	Signals     Signals
}

// ConcludeTx writes down what became of a try and judges what follows: of a decline whether more tries are let through,
// of a payment that succeeded whether a person should look at it. The caller holds the payment's lock, or of a setup its
// customer's. A try that was made past the shop is counted for whoever was handed the means to make it.
func (s *Service) ConcludeTx(ctx context.Context, tx pgx.Tx, who Who, news News) (Verdict, error) {
	tries, err := s.q.TryListByPayment(ctx, tx, news.Payment)
	if err != nil {
		return Verdict{}, fmt.Errorf("read a payment's tries: %w", err)
	}
	keys := s.hash(who)
	if len(tries) > 0 {
		last := tries[len(tries)-1]
		keys.address, keys.site, keys.block, keys.email = last.AddressHash, last.SiteHash, last.BlockHash, last.EmailHash
	}
	own, err := s.settleTx(ctx, tx, tries, keys, news)
	if err != nil {
		return Verdict{}, err
	}
	count := keys.count(s.Now().Add(-s.Rules.Window))
	count.FingerprintHash, count.MethodID = s.mac("card", news.Fingerprint), optional(news.Method)
	if news.Paid {
		count.ID = own
	} else { // the next one may be like this one
		count.OpenCounts, count.OwnCounts = true, true
	}
	found, err := s.countTx(ctx, tx, keys, count)
	if err != nil {
		return Verdict{}, err
	}
	reasons := found.named(append(s.Rules.failed(found, false), s.Rules.exceeded(found)...))
	switch {
	case news.Paid && len(reasons) > 0:
		return s.Rules.read(news.Signals).and(Hold, reasons...), nil
	case news.Paid:
		return s.Rules.read(news.Signals), nil
	case len(reasons) > 0:
		return Verdict{Decision: Block, Reasons: reasons}, nil
	}
	return Verdict{Decision: Allow}, nil
}

// settleTx finds the try that the news is of: the one it was told of before, else one under way, else one that nobody
// told us of.
func (s *Service) settleTx(
	ctx context.Context, tx pgx.Tx, tries []db.PaymentTry, keys keys, news News,
) (id uuid.UUID, err error) {
	outcome := declined
	if news.Paid {
		outcome = succeeded
		if err := s.q.TrySucceedAsked(ctx, tx, news.Payment); err != nil {
			return uuid.Nil, fmt.Errorf("close a payment's tries: %w", err)
		}
	}
	card := s.mac("card", news.Fingerprint)
	id, found := match(tries, news.Charge)
	switch {
	case found:
		err = s.q.TrySettle(ctx, tx, db.TrySettleParams{
			ID: id, Outcome: outcome, ChargeID: optional(news.Charge), FingerprintHash: card,
		})
	case news.Charge != "":
		id = uuid.Must(uuid.NewV7())
		err = s.q.TryAdd(ctx, tx, db.TryAddParams{
			ID: id, PaymentID: news.Payment, SessionID: keys.session, AddressHash: keys.address,
			SiteHash: keys.site, BlockHash: keys.block, EmailHash: keys.email, MethodID: optional(news.Method), FingerprintHash: card, ChargeID: optional(news.Charge),
			Outcome: outcome, Now: s.Now(),
		})
	}
	if err != nil {
		return uuid.Nil, fmt.Errorf("write down what came of a try to pay: %w", err)
	}
	return id, nil
}

// match is the try that a charge belongs to.
func match(tries []db.PaymentTry, charge string) (id uuid.UUID, found bool) {
	for _, try := range tries {
		switch {
		case charge != "" && try.ChargeID != nil && *try.ChargeID == charge:
			return try.ID, true
		case !found && try.Outcome == open && try.ChargeID == nil:
			id, found = try.ID, true
		}
	}
	return id, found
}
