package stripe

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/google/uuid"
	stripego "github.com/stripe/stripe-go/v76"

	"cartwright/internal/payments"
)

// Metadata that ties an intent to our rows, also when the answer that carried its id was lost.
const (
	metaPayment = "payment_id"
	metaOrder   = "order_id"
)

// CreateIntent asks for the amount, with whatever methods the account's dashboard offers. It names no
// e-mail address: Stripe would send receipts beside the shop's own, and refuse an address it dislikes.
func (p *Provider) CreateIntent(ctx context.Context, intent payments.NewIntent) (payments.Intent, error) {
	prepared, cancel, err := params(ctx, with(intent.CustomerID, "intent:"+intent.PaymentID.String()))
	if err != nil {
		return payments.Intent{}, err
	}
	defer cancel()
	amount, err := toStripe(intent.Amount)
	if err != nil {
		return payments.Intent{}, err
	}
	asked := &stripego.PaymentIntentParams{
		Params:   prepared,
		Amount:   stripego.Int64(amount),
		Currency: stripego.String(currencyToStripe(intent.Amount.Currency)),
		AutomaticPaymentMethods: &stripego.PaymentIntentAutomaticPaymentMethodsParams{
			Enabled: stripego.Bool(true),
		},
		Metadata: map[string]string{
			metaPayment: intent.PaymentID.String(), metaOrder: intent.OrderID.String(),
		},
	}
	if intent.CustomerID != "" {
		asked.Customer = stripego.String(intent.CustomerID)
	}
	if intent.Capture == payments.CaptureManual {
		asked.CaptureMethod = stripego.String(string(stripego.PaymentIntentCaptureMethodManual))
	}
	if intent.Challenge {
		asked.PaymentMethodOptions = challenging()
	}
	created, err := p.api.PaymentIntents.New(asked)
	if err != nil {
		return payments.Intent{}, toError("create the intent", err)
	}
	return toIntent(created)
}

// with has a key name the customer too, if there is one: where Stripe refused one who is gone, or one was made after an
// answer was lost, the same payment can still ask. An intent too many is nobody's to confirm.
func with(customer, key string) string {
	if customer == "" {
		return key
	}
	return key + ":" + customer
}

// ConfirmIntent tries to charge. Since API version 2023-08-16 a confirmation names a return_url,
// because the dashboard may offer methods that redirect
// (https://docs.stripe.com/changelog/2023-08-16/automatic-payment-methods).
func (p *Provider) ConfirmIntent(ctx context.Context, confirmation payments.Confirmation) (payments.Intent, error) {
	prepared, cancel, err := params(ctx, "confirm:"+confirmation.AttemptID.String())
	if err != nil {
		return payments.Intent{}, err
	}
	defer cancel()
	confirm := &stripego.PaymentIntentConfirmParams{
		Params:        prepared,
		PaymentMethod: stripego.String(confirmation.MethodID),
		ReturnURL:     stripego.String(confirmation.ReturnURL),
		// Empty takes it back: an attempt before, that was declined, may have wanted its card to be kept.
		SetupFutureUsage: stripego.String(""),
	}
	if confirmation.Save {
		confirm.SetupFutureUsage = stripego.String(string(stripego.PaymentIntentSetupFutureUsageOffSession))
	}
	if confirmation.Challenge {
		confirm.PaymentMethodOptions = challenging()
	}
	confirm.AddExpand(latestCharge)
	confirmed, err := p.api.PaymentIntents.Confirm(confirmation.IntentID, confirm)
	if unknownCustomer(err) {
		return payments.Intent{}, toError("confirm the intent", err)
	}
	if refusal := refusedInput(err); refusal != nil {
		return payments.Intent{}, refusal
	}
	return p.outcome(ctx, confirmation.IntentID, "confirm the intent", confirmed, err)
}

// challenging requests 3-D Secure of cards that know it
// (https://docs.stripe.com/payments/3d-secure/authentication-flow#manual-three-ds).
func challenging() *stripego.PaymentIntentPaymentMethodOptionsParams {
	return &stripego.PaymentIntentPaymentMethodOptionsParams{Card: &stripego.PaymentIntentPaymentMethodOptionsCardParams{
		RequestThreeDSecure: stripego.String(string(stripego.PaymentIntentPaymentMethodOptionsCardRequestThreeDSecureAny)),
	}}
}

// Intent reads the present state.
func (p *Provider) Intent(ctx context.Context, id string) (payments.Intent, error) {
	prepared, cancel, err := params(ctx, "")
	if err != nil {
		return payments.Intent{}, err
	}
	defer cancel()
	get := &stripego.PaymentIntentParams{Params: prepared}
	get.AddExpand(latestCharge + ".refunds")
	read, err := p.api.PaymentIntents.Get(id, get)
	if err != nil {
		err = toError("read the intent", err)
		if !errors.Is(err, payments.ErrUnavailable) && !errors.Is(err, payments.ErrUnknownIntent) {
			err = fmt.Errorf("%w: %w", payments.ErrUnreadable, err)
		}
		return payments.Intent{}, err
	}
	intent, err := toIntent(read)
	if err != nil {
		return payments.Intent{}, fmt.Errorf("%w: %w", payments.ErrUnreadable, err)
	}
	if intent.Refunds, err = p.refundsOf(get.Context, read.LatestCharge); err != nil {
		return payments.Intent{}, err
	}
	intent.Disputes, err = p.disputesOf(get.Context, read.ID, read.LatestCharge)
	return intent, err
}

// CancelIntent makes sure that the intent is never charged, or answers that it was. It is repeatable
// by nature and carries no key of ours: a stored refusal must not outlive the state it spoke of.
func (p *Provider) CancelIntent(ctx context.Context, id string) (payments.Intent, error) {
	prepared, cancel, err := params(ctx, "")
	if err != nil {
		return payments.Intent{}, err
	}
	defer cancel()
	canceled, err := p.api.PaymentIntents.Cancel(id, &stripego.PaymentIntentCancelParams{Params: prepared})
	return p.outcome(ctx, id, "cancel the intent", canceled, err)
}

// outcome reads what a change of an intent came to. Two refusals are answers: a declined card, and
// a state that the intent had reached before.
func (p *Provider) outcome(
	ctx context.Context, id, doing string, intent *stripego.PaymentIntent, err error,
) (payments.Intent, error) {
	var stripeErr *stripego.Error
	switch {
	case err == nil:
		return toIntent(intent)
	case !errors.As(err, &stripeErr):
		return payments.Intent{}, toError(doing, err)
	case stripeErr.Code == stripego.ErrorCodePaymentIntentUnexpectedState:
		return p.Intent(ctx, id)
	case stripeErr.Type == stripego.ErrorTypeCard && stripeErr.PaymentIntent != nil:
		declined, err := toIntent(stripeErr.PaymentIntent)
		declined.Decline, declined.Charge = toDecline(stripeErr), toDeclinedCharge(stripeErr)
		return declined, err
	}
	return payments.Intent{}, toError(doing, err)
}

func toIntent(intent *stripego.PaymentIntent) (payments.Intent, error) {
	amount, err := fromStripe(intent.Amount, string(intent.Currency))
	if err != nil {
		return payments.Intent{}, fmt.Errorf("read intent %s: %w", intent.ID, err)
	}
	read := payments.Intent{
		ID:           intent.ID,
		Status:       payments.IntentStatus(intent.Status),
		Amount:       amount,
		Live:         intent.Livemode,
		ClientSecret: intent.ClientSecret,
	}
	// An intent made by somebody else has no payment of ours: the zero id finds none.
	read.PaymentID, _ = uuid.Parse(intent.Metadata[metaPayment])
	switch {
	case intent.LastPaymentError != nil && intent.Status == stripego.PaymentIntentStatusRequiresPaymentMethod:
		read.Decline, read.Charge = toDecline(intent.LastPaymentError), toDeclinedCharge(intent.LastPaymentError)
	case intent.Status == stripego.PaymentIntentStatusRequiresCapture:
		read.Charge, read.Saved = toCharge(intent.LatestCharge), toSaved(intent)
	case intent.Status == stripego.PaymentIntentStatusSucceeded:
		read.Charge, read.Saved = toCharge(intent.LatestCharge), toSaved(intent)
		captured, err := fromStripe(intent.AmountReceived, string(intent.Currency))
		if err != nil {
			return payments.Intent{}, fmt.Errorf("read intent %s: %w", intent.ID, err)
		}
		read.Captured = &captured
		if read.Refunded, err = toRefunded(intent.LatestCharge); err != nil {
			return payments.Intent{}, fmt.Errorf("read intent %s: %w", intent.ID, err)
		}
	}
	if intent.NextAction != nil {
		if read.NextAction, err = toNextAction(intent.NextAction); err != nil {
			return payments.Intent{}, err
		}
	}
	return read, nil
}

// toNextAction keeps the object in Stripe's own words, without its empty members: the shopper's
// side hands it to Stripe.js.
func toNextAction(action any) (map[string]any, error) {
	text, err := json.Marshal(action)
	if err != nil {
		return nil, fmt.Errorf("read the next action: %w", err)
	}
	var object map[string]any
	if err := json.Unmarshal(text, &object); err != nil {
		return nil, fmt.Errorf("read the next action: %w", err)
	}
	for name, value := range object {
		if value == nil {
			delete(object, name)
		}
	}
	return object, nil
}
