package stripe

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	stripego "github.com/stripe/stripe-go/v76"
	"github.com/stripe/stripe-go/v76/webhook"

	"cartwright/internal/money"
	"cartwright/internal/payments"
)

// tolerance is how far an event's signature may be from now, in both directions; stripe-go itself
// accepts any time in the future, and knows no clock but the machine's.
const tolerance = webhook.DefaultTolerance

// ParseEvent checks the signature against every secret in use and reads the event.
func (p *Provider) ParseEvent(payload []byte, signature string) (payments.Event, error) {
	if err := p.verify(payload, signature); err != nil {
		return payments.Event{}, payments.ErrSignature.Wrap(err)
	}
	return p.ReadEvent(payload)
}

// envelope is what every event has, in every API version.
type envelope struct {
	ID         string `json:"id"`
	Type       string `json:"type"`
	APIVersion string `json:"api_version"`
	Livemode   bool   `json:"livemode"`
	Data       struct {
		Object json.RawMessage `json:"object"`
	} `json:"data"`
}

// Names that the inbox can hold: Stripe's are shorter, and of plain letters.
var (
	eventName = regexp.MustCompile(`^[A-Za-z0-9_-]{1,255}$`)
	plainName = regexp.MustCompile(`^[A-Za-z0-9_.-]{0,255}$`)
)

// ReadEvent reads an event that is Stripe's. What is named as one is an event, and one that we see no
// sense in is kept: refusing it would only have it sent again, for days.
func (p *Provider) ReadEvent(payload []byte) (payments.Event, error) {
	var event envelope
	if err := json.Unmarshal(payload, &event); err != nil {
		return payments.Event{}, payments.ErrEvent.Wrap(err)
	}
	if !eventName.MatchString(event.ID) || event.Type == "" || !plainName.MatchString(event.Type) || !plainName.MatchString(event.APIVersion) {
		return payments.Event{}, payments.ErrEvent.Wrap(errors.New("it has no name, or one that is none"))
	}
	read := payments.Event{
		ID: event.ID, Type: event.Type, APIVersion: event.APIVersion, Live: event.Livemode,
		Payload: payload, Foreign: event.APIVersion != stripego.APIVersion,
	}
	var err error
	switch {
	case slices.Contains(ofCards, read.Type):
		err = readCards(&read, event.Data.Object)
	case read.Foreign:
		readNames(&read, event.Data.Object)
	default:
		err = readObject(&read, event.Data.Object)
	}
	if err != nil {
		read.Unread = "its object cannot be read"
	}
	if read.Intent != nil && !plainName.MatchString(read.Intent.ID) {
		read.Unread = "what it names is no intent"
	}
	if read.Unread != "" {
		read.Intent, read.Refunded, read.Disputed = &payments.Intent{}, nil, false
	}
	return read, nil
}

// verify tries every secret in use, and each in constant time. Of a header's times it looks at the one
// that the signature covers.
func (p *Provider) verify(payload []byte, signature string) error {
	err := errors.New("no webhook secret is configured")
	for _, secret := range p.secrets {
		if secret == "" {
			continue // everybody can sign with nothing
		}
		if err = webhook.ValidatePayloadIgnoringTolerance(payload, signature, secret); err == nil {
			return p.timely(signature)
		}
	}
	return err
}

// timely refuses what was signed too long ago, or too far ahead, by this process's own clock.
func (p *Provider) timely(signature string) error {
	signed, err := signedAt(signature)
	switch now := p.now(); {
	case err != nil:
		return err
	case signed.Before(now.Add(-tolerance)):
		return errors.New("the signature is too old")
	case signed.After(now.Add(tolerance)):
		return errors.New("the signature is from the future")
	}
	return nil
}

// signedAt is the time of a signature; a header with another number of times than one has none.
func signedAt(signature string) (signed time.Time, err error) {
	times := 0
	for part := range strings.SplitSeq(signature, ",") {
		text, isTime := strings.CutPrefix(part, "t=")
		if !isTime {
			continue
		}
		seconds, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return signed, err
		}
		signed, times = time.Unix(seconds, 0), times+1
	}
	if times != 1 {
		return signed, fmt.Errorf("the signature has %d times", times)
	}
	return signed, nil
}

// ofIntents are the types of events we act on whose object is an intent.
var ofIntents = []string{
	string(stripego.EventTypePaymentIntentSucceeded), string(stripego.EventTypePaymentIntentPaymentFailed),
	string(stripego.EventTypePaymentIntentProcessing), string(stripego.EventTypePaymentIntentCanceled),
	string(stripego.EventTypePaymentIntentRequiresAction), string(stripego.EventTypePaymentIntentAmountCapturableUpdated),
}

// ofCaptures is the type of those whose object is a charge whose money was held and is taken now.
const ofCaptures = string(stripego.EventTypeChargeCaptured)

// ofRefunds is the type of those whose object is a charge of which something was given back.
const ofRefunds = string(stripego.EventTypeChargeRefunded)

// ofOneRefund are the types of those whose object is a refund. Each is about what may have changed again since, so none
// is asked for more than its intent. The last has no name in this release of the client.
var ofOneRefund = []string{
	string(stripego.EventTypeRefundCreated), string(stripego.EventTypeRefundUpdated),
	string(stripego.EventTypeChargeRefundUpdated), "refund.failed",
}

// ofDisputes are the types of those whose object is a dispute. None is asked for more than its intent, either.
var ofDisputes = []string{
	string(stripego.EventTypeChargeDisputeCreated), string(stripego.EventTypeChargeDisputeUpdated),
	string(stripego.EventTypeChargeDisputeClosed), string(stripego.EventTypeChargeDisputeFundsWithdrawn),
	string(stripego.EventTypeChargeDisputeFundsReinstated),
}

// readNames reads which intent an event of another API version is about, and no more: what stands
// where in it nobody here knows. An object that does not even have a name there is left for a person.
func readNames(read *payments.Event, raw json.RawMessage) {
	var object struct {
		ID            string                  `json:"id"`
		PaymentIntent *stripego.PaymentIntent `json:"payment_intent"`
	}
	err := json.Unmarshal(raw, &object)
	switch {
	case slices.Contains(ofIntents, read.Type):
		read.Intent = &payments.Intent{ID: object.ID}
	case read.Type != ofRefunds && read.Type != ofCaptures && !slices.Contains(ofOneRefund, read.Type) && !slices.Contains(ofDisputes, read.Type):
		return // of no interest here
	case object.PaymentIntent != nil && slices.Contains(ofDisputes, read.Type):
		read.Intent, read.Disputed = &payments.Intent{ID: object.PaymentIntent.ID}, true
	case object.PaymentIntent != nil && read.Type == ofCaptures:
		read.Intent = &payments.Intent{ID: object.PaymentIntent.ID}
	case object.PaymentIntent != nil:
		read.Intent, read.Refunded = &payments.Intent{ID: object.PaymentIntent.ID}, &money.Amount{}
	case err == nil:
		return // of a charge that was made without an intent
	}
	if err != nil || read.Intent.ID == "" {
		read.Unread = "it names no intent, or not where one is looked for"
	}
}

// readObject reads the events we act on; any other type stays without an intent. One that cannot be read
// has one all the same, because it concerns us.
func readObject(read *payments.Event, raw json.RawMessage) error {
	switch {
	case slices.Contains(ofIntents, read.Type):
		var object stripego.PaymentIntent
		if err := json.Unmarshal(raw, &object); err != nil {
			return err
		}
		intent, err := toIntent(&object)
		read.Intent = &intent
		return err
	case read.Type == ofRefunds, read.Type == ofCaptures:
		return readCharge(read, raw)
	case slices.Contains(ofOneRefund, read.Type), slices.Contains(ofDisputes, read.Type):
		readNames(read, raw)
	}
	return nil
}

// readCharge reads a charge.refunded or charge.captured. Its charge was paid, so its intent has succeeded, whether or
// not that news came before.
func readCharge(read *payments.Event, raw json.RawMessage) error {
	var charge stripego.Charge
	if err := json.Unmarshal(raw, &charge); err != nil {
		return err
	}
	if charge.PaymentIntent == nil || charge.AmountCaptured == 0 {
		return nil // made without an intent, so none of ours; or a hold that was let go, so no refund
	}
	currency := string(charge.Currency)
	amount, err := fromStripe(charge.Amount, currency)
	if err != nil {
		return err
	}
	refunded, err := fromStripe(charge.AmountRefunded, currency)
	if err != nil {
		return err
	}
	captured, err := fromStripe(charge.AmountCaptured, currency)
	if err != nil {
		return err
	}
	payment, _ := uuid.Parse(charge.Metadata[metaPayment])
	if read.Type == ofRefunds {
		read.Refunded = &refunded
	}
	read.Intent = &payments.Intent{
		ID: charge.PaymentIntent.ID, Status: payments.IntentSucceeded, Amount: amount,
		Live: charge.Livemode, PaymentID: payment, Charge: toCharge(&charge), Captured: &captured,
	}
	return nil
}
