package stripe

import (
	"context"
	"errors"

	"github.com/google/uuid"
	stripego "github.com/stripe/stripe-go/v76"

	"cartwright/internal/payments"
)

// metaSetup ties a setup to our row, also when the answer that carried its id was lost.
const metaSetup = "setup_id"

// theMethod is asked for with a setup: what was saved stands in its method.
const theMethod = "payment_method"

// CreateSetup begins to save a card, and nothing but a card: what the account's dashboard offers beside them could not
// be shown to the customer again. With a method it is confirmed at once.
func (p *Provider) CreateSetup(ctx context.Context, setup payments.NewSetup) (payments.Setup, error) {
	prepared, cancel, err := params(ctx, "setup:"+setup.SetupID.String())
	if err != nil {
		return payments.Setup{}, err
	}
	defer cancel()
	asked := &stripego.SetupIntentParams{
		Params:             prepared,
		Customer:           stripego.String(setup.CustomerID),
		PaymentMethodTypes: stripego.StringSlice([]string{string(stripego.PaymentMethodTypeCard)}),
		Usage:              stripego.String(string(stripego.SetupIntentUsageOffSession)),
		Metadata:           map[string]string{metaSetup: setup.SetupID.String()},
	}
	if setup.MethodID != "" {
		asked.Confirm, asked.PaymentMethod = stripego.Bool(true), stripego.String(setup.MethodID)
		if setup.ReturnURL != "" {
			asked.ReturnURL = stripego.String(setup.ReturnURL)
		}
	}
	asked.AddExpand(theMethod)
	made, err := p.api.SetupIntents.New(asked)
	if unknownCustomer(err) {
		return payments.Setup{}, toError("create the setup", err)
	}
	if refusal := refusedInput(err); refusal != nil && setup.MethodID != "" {
		return payments.Setup{}, refusal
	}
	return toSetupOutcome("create the setup", made, err)
}

// Setup reads the present state.
func (p *Provider) Setup(ctx context.Context, id string) (payments.Setup, error) {
	prepared, cancel, err := params(ctx, "")
	if err != nil {
		return payments.Setup{}, err
	}
	defer cancel()
	get := &stripego.SetupIntentParams{Params: prepared}
	get.AddExpand(theMethod)
	read, err := p.api.SetupIntents.Get(id, get)
	if err != nil {
		return payments.Setup{}, toErrorOf(payments.ErrUnknownSetup, "read the setup", err)
	}
	return toSetup(read)
}

// CancelSetup makes sure that the setup saves nothing any more, or answers that it did. It carries no key of ours for the
// reason that CancelIntent has.
func (p *Provider) CancelSetup(ctx context.Context, id string) (payments.Setup, error) {
	prepared, cancel, err := params(ctx, "")
	if err != nil {
		return payments.Setup{}, err
	}
	defer cancel()
	canceled, err := p.api.SetupIntents.Cancel(id, &stripego.SetupIntentCancelParams{Params: prepared})
	var stripeErr *stripego.Error
	if errors.As(err, &stripeErr) && stripeErr.Code == stripego.ErrorCodeSetupIntentUnexpectedState {
		return p.Setup(ctx, id)
	}
	return toSetupOutcome("cancel the setup", canceled, err)
}

// toSetupOutcome reads what a change of a setup came to; a declined card is an answer.
func toSetupOutcome(doing string, setup *stripego.SetupIntent, err error) (payments.Setup, error) {
	var stripeErr *stripego.Error
	switch {
	case err == nil:
		return toSetup(setup)
	case errors.As(err, &stripeErr) && stripeErr.Type == stripego.ErrorTypeCard && stripeErr.SetupIntent != nil:
		return toSetup(stripeErr.SetupIntent) // which says why, too
	}
	return payments.Setup{}, toErrorOf(payments.ErrUnknownSetup, doing, err)
}

func toSetup(setup *stripego.SetupIntent) (payments.Setup, error) {
	read := payments.Setup{
		ID: setup.ID, Status: payments.SetupStatus(setup.Status), ClientSecret: setup.ClientSecret, Live: setup.Livemode,
		Attempts: toAttempts(setup),
	}
	// A setup made by somebody else has no row of ours: the zero id finds none.
	read.SetupID, _ = uuid.Parse(setup.Metadata[metaSetup])
	if setup.Customer != nil {
		read.CustomerID = setup.Customer.ID
	}
	switch {
	case setup.LastSetupError != nil && setup.Status == stripego.SetupIntentStatusRequiresPaymentMethod:
		read.Decline = toDecline(setup.LastSetupError)
	case setup.Status == stripego.SetupIntentStatusSucceeded:
		read.Card = toCard(setup.PaymentMethod)
	}
	if setup.NextAction == nil {
		return read, nil
	}
	var err error
	read.NextAction, err = toNextAction(setup.NextAction)
	return read, err
}

// toAttempts is the last attempt of a setup, if it has ended.
func toAttempts(setup *stripego.SetupIntent) []payments.SetupAttempt {
	var ended payments.SetupAttempt
	method := setup.PaymentMethod
	switch {
	case setup.Status == stripego.SetupIntentStatusSucceeded:
		ended.Saved = true
	case setup.LastSetupError == nil:
		return nil
	case setup.Status == stripego.SetupIntentStatusRequiresPaymentMethod, setup.Status == stripego.SetupIntentStatusCanceled:
		method = setup.LastSetupError.PaymentMethod
	default: // the error is of an attempt before
		return nil
	}
	if card := toCard(method); card != nil {
		ended.ID, ended.MethodID, ended.Fingerprint = card.ID, card.ID, card.Fingerprint
	}
	if setup.LatestAttempt != nil {
		ended.ID = setup.LatestAttempt.ID
	}
	return []payments.SetupAttempt{ended}
}
