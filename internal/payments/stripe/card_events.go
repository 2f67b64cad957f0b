package stripe

import (
	"encoding/json"
	"errors"

	stripego "github.com/stripe/stripe-go/v76"

	"cartwright/internal/payments"
)

const (
	// ofCardGone is the type of events whose object is a method that is a customer's no more.
	ofCardGone = string(stripego.EventTypePaymentMethodDetached)
	// ofCardRenewed is the type of those whose object is a card with what its bank changed of it.
	ofCardRenewed = string(stripego.EventTypePaymentMethodAutomaticallyUpdated)
)

// ofCards are the types of events we act on that are about saved cards. The object of the others is a setup.
var ofCards = []string{
	string(stripego.EventTypeSetupIntentSucceeded), string(stripego.EventTypeSetupIntentSetupFailed),
	string(stripego.EventTypeSetupIntentRequiresAction), string(stripego.EventTypeSetupIntentCanceled),
	ofCardGone, ofCardRenewed,
}

// readCards reads an event about saved cards; of one of another API version only the name.
func readCards(read *payments.Event, raw json.RawMessage) error {
	var object struct {
		ID string `json:"id"`
	}
	if err := json.Unmarshal(raw, &object); err != nil {
		return err
	}
	if !eventName.MatchString(object.ID) {
		return errors.New("it has no name, or one that is none")
	}
	switch {
	case read.Type == ofCardGone:
		read.CardGone = object.ID
	case read.Type == ofCardRenewed && read.Foreign:
		read.Card = &payments.Card{ID: object.ID}
	case read.Foreign:
		read.Setup = &payments.Setup{ID: object.ID}
	case read.Type == ofCardRenewed:
		return readCard(read, raw)
	default:
		return readSetup(read, raw)
	}
	return nil
}

// readCard reads a method that was renewed; one that is no card is of no interest here.
func readCard(read *payments.Event, raw json.RawMessage) error {
	var method stripego.PaymentMethod
	err := json.Unmarshal(raw, &method)
	if err == nil {
		read.Card = toCard(&method)
	}
	return err
}

func readSetup(read *payments.Event, raw json.RawMessage) error {
	var object stripego.SetupIntent
	if err := json.Unmarshal(raw, &object); err != nil {
		return err
	}
	setup, err := toSetup(&object)
	if err == nil {
		read.Setup = &setup
	}
	return err
}
