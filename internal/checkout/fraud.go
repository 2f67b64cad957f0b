package checkout

import (
	"context"
	"errors"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"cartwright/internal/fraud"
	"cartwright/internal/jobs"
	"cartwright/internal/orders"
	"cartwright/internal/payments"
)

// stopPayment ends an intent that more cards must not be tried with.
type stopPayment struct {
	OrderID   uuid.UUID `json:"orderId"`
	PaymentID uuid.UUID `json:"paymentId"`
}

// Kind names the job.
func (stopPayment) Kind() string { return "payment_stop" }

// Limits make one job of a payment's intent, however often more is tried with it.
func (stopPayment) Limits() jobs.Limits { return jobs.Limits{Once: true} }

// refreshSurge looks for a surge of declines, before a transaction that judges by it. Where it cannot, what was known counts.
func (s *Service) refreshSurge(ctx context.Context) {
	if err := s.Fraud.RefreshSurge(ctx); err != nil && ctx.Err() == nil {
		s.Logger.WarnContext(ctx, "surge of declines not refreshed", "error", err)
	}
}

// who tries to pay an order, from an address or from none that says anything of the shopper.
func who(order orders.Order, address string) fraud.Who {
	return fraud.Who{Session: order.CartID, Address: address, Email: order.Email}
}

// admitTx opens an attempt, or prepares for a client secret, unless too much was tried before: then begun is refused.
// It comes last in its transaction, because others who try wait for it.
func (s *Service) admitTx(ctx context.Context, tx pgx.Tx, pay Pay, begun *try) error {
	id := begun.payment.ID // a client secret is the payment's, however often it is asked for
	if begun.method != "" {
		id = uuid.Must(uuid.NewV7())
	}
	verdict, err := s.Fraud.AdmitTx(ctx, tx, fraud.Try{
		Who: who(begun.order, pay.Address), ID: id, Payment: begun.payment.ID, Method: begun.method, Waited: begun.waited,
	})
	begun.challenge, begun.crowded = verdict.Challenge, verdict.Crowded
	switch {
	case err != nil || begun.crowded:
		return err
	case verdict.Blocked():
		begun.refused = true
		begun.order, err = s.blockTx(ctx, tx, begun.order, begun.payment, verdict)
		return err
	case begun.method == "":
		return nil
	}
	begun.attempt, err = s.Payments.BeginTx(ctx, tx, begun.payment.ID,
		payments.Begin{ID: id, MethodID: begun.method, RequestKey: pay.Key})
	return err
}

// blockTx records why no more is tried for an order, and has an intent ended that could be tried past the shop.
func (s *Service) blockTx(
	ctx context.Context, tx pgx.Tx, order orders.Order, payment payments.Payment, verdict fraud.Verdict,
) (orders.Order, error) {
	cause := orders.Cause{Type: "payment_blocked", Actor: bySystem, Reason: toReason(verdict)}
	order, err := s.Orders.JudgeTx(ctx, tx, order, toJudgement(verdict), cause)
	if err != nil || payment.IntentID == "" || payment.Final() {
		return order, err
	}
	return order, s.Jobs.EnqueueTx(ctx, tx, stopPayment{order.ID, payment.ID}, s.Now())
}

// stopPayment is the job that ends an intent. The order stays payable, with another one, once that is let through.
func (s *Service) stopPayment(ctx context.Context, job stopPayment) error {
	payment, live, err := s.unpaidIntent(ctx, job.OrderID)
	if err == nil && live && payment.ID == job.PaymentID && payment.Status != payments.Authorized {
		err = s.endIntent(ctx, payment)
	}
	if errors.Is(err, payments.ErrInFlight) {
		return jobs.Again(lookAgain)
	}
	return err
}

// triedTx writes down what the news of a payment make of the tries to pay it, and judges what is decided.
func (s *Service) triedTx(
	ctx context.Context, tx pgx.Tx, order orders.Order, payment payments.Payment, intent payments.Intent, ended []uuid.UUID,
) (fraud.Verdict, error) {
	paid := intent.Status == payments.IntentSucceeded || intent.Status == payments.IntentRequiresCapture
	switch {
	case intent.Idle():
		return fraud.Verdict{}, s.Fraud.VoidTx(ctx, tx, ended...)
	case !paid && intent.Decline == nil:
		return fraud.Verdict{}, nil
	}
	return s.Fraud.ConcludeTx(ctx, tx, who(order, ""), toNews(payment, intent, paid))
}

// assessedTx is what an order's money does, with the order on hold when the payment is doubtful. Money that is only
// authorized is let go where the payment was to be blocked.
func (s *Service) assessedTx(
	ctx context.Context, tx pgx.Tx, order orders.Order, payment payments.Payment, verdict fraud.Verdict, actor string,
) (orders.Order, error) {
	paidBefore := order.Bought()
	if !paidBefore {
		order.Judgement = toJudgement(verdict)
	}
	order, err := s.receivedTx(ctx, tx, order, payment, actor)
	if err != nil || paidBefore || order.Status != orders.Confirmed || verdict.Decision == fraud.Allow {
		return order, err
	}
	held := order.State
	held.Review = orders.Held
	order, err = s.Orders.MoveTx(ctx, tx, order, held, orders.Cause{Type: "held", Actor: bySystem, Reason: toReason(verdict)})
	if err != nil || !verdict.Blocked() || !order.Authorized() {
		return order, err
	}
	return order, s.Jobs.EnqueueTx(ctx, tx, voidPayment{order.ID, payment.ID}, s.Now())
}

func toNews(payment payments.Payment, intent payments.Intent, paid bool) fraud.News {
	news := fraud.News{Payment: payment.ID, Paid: paid}
	charge := intent.Charge
	if charge == nil {
		return news
	}
	news.Charge, news.Method, news.Fingerprint = charge.Name(), charge.MethodID, charge.Fingerprint
	if found := charge.Findings; found != nil {
		news.Signals = fraud.Signals{
			Risk: fraud.Risk(found.Risk), Outcome: found.Outcome, CVCCheck: found.CVCCheck,
			PostalCodeCheck: found.PostalCodeCheck, Line1Check: found.Line1Check,
		}
	}
	return news
}

func toJudgement(verdict fraud.Verdict) orders.Judgement {
	return orders.Judgement{Verdict: string(verdict.Decision), Reasons: verdict.Reasons}
}

func toReason(verdict fraud.Verdict) string { return strings.Join(verdict.Reasons, ", ") }
