package stripe

import (
	"encoding/json"
	"errors"
	"fmt"
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
	var event stripego.Event
	if err := json.Unmarshal(payload, &event); err != nil {
		return payments.Event{}, payments.ErrEvent.Wrap(err)
	}
	read, err := readEvent(event, payload)
	if err != nil {
		return payments.Event{}, payments.ErrEvent.Wrap(err)
	}
	return read, nil
}

// readEvent reads an event that is Stripe's.
func readEvent(event stripego.Event, payload []byte) (payments.Event, error) {
	read := payments.Event{
		ID: event.ID, Type: string(event.Type), APIVersion: event.APIVersion, Live: event.Livemode,
		Payload: payload, Foreign: event.APIVersion != stripego.APIVersion,
	}
	if event.ID == "" || event.Data == nil {
		return read, errors.New("it has no id or no object")
	}
	if read.Foreign {
		readNames(&read, event)
	} else if err := readObject(&read, event); err != nil {
		return read, err
	}
	names := read.ID + read.Type + read.APIVersion
	if read.Intent != nil {
		names += read.Intent.ID
	}
	if strings.ContainsRune(names, 0) { // which the database does not take
		return read, errors.New("a name of it is no text")
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
var ofIntents = []stripego.EventType{
	stripego.EventTypePaymentIntentSucceeded, stripego.EventTypePaymentIntentPaymentFailed,
	stripego.EventTypePaymentIntentProcessing, stripego.EventTypePaymentIntentCanceled,
	stripego.EventTypePaymentIntentRequiresAction,
}

// readNames reads which intent an event of another API version is about, and no more: what stands
// where in it nobody here knows. An object that does not even have a name there is left for a person.
func readNames(read *payments.Event, event stripego.Event) {
	var object struct {
		ID            string                  `json:"id"`
		PaymentIntent *stripego.PaymentIntent `json:"payment_intent"`
	}
	err := json.Unmarshal(event.Data.Raw, &object)
	switch {
	case slices.Contains(ofIntents, event.Type):
		read.Intent = &payments.Intent{ID: object.ID}
	case event.Type != stripego.EventTypeChargeRefunded:
		return // of no interest here
	case object.PaymentIntent != nil:
		read.Intent, read.Refunded = &payments.Intent{ID: object.PaymentIntent.ID}, &money.Amount{}
	case err == nil:
		return // a charge that was made without an intent
	}
	if err != nil || read.Intent.ID == "" {
		read.Intent, read.Unread = &payments.Intent{}, "its API version is another, and it names no intent"
	}
}

// readObject reads the events we act on; any other type stays without an intent.
func readObject(read *payments.Event, event stripego.Event) error {
	switch {
	case slices.Contains(ofIntents, event.Type):
		var object stripego.PaymentIntent
		if err := json.Unmarshal(event.Data.Raw, &object); err != nil {
			return err
		}
		intent, err := toIntent(&object)
		read.Intent = &intent
		return err
	case event.Type == stripego.EventTypeChargeRefunded:
		return readRefunded(read, event.Data.Raw)
	}
	return nil
}

// readRefunded reads a charge.refunded. Its charge was paid, so its intent has succeeded, whether or
// not that news came before.
func readRefunded(read *payments.Event, raw []byte) error {
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
	payment, _ := uuid.Parse(charge.Metadata[metaPayment])
	read.Refunded = &refunded
	read.Intent = &payments.Intent{
		ID: charge.PaymentIntent.ID, Status: payments.IntentSucceeded, Amount: amount,
		Live: charge.Livemode, PaymentID: payment, Charge: toCharge(&charge),
	}
	return nil
}
