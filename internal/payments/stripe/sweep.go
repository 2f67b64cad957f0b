package stripe

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"

	stripego "github.com/stripe/stripe-go/v76"
	"github.com/stripe/stripe-go/v76/form"

	"cartwright/internal/payments"
)

// listedAtOnce is how much Stripe lists on a page at most.
const listedAtOnce = 100

// swept are the types that are fetched when they never came: all that we act on and this API version knows, but for
// charge.captured, which an intent that succeeded tells too. Stripe takes twenty at most.
var swept = slices.Concat([]string{
	ofRefunds, string(stripego.EventTypeChargeRefundUpdated), string(stripego.EventTypeRefundUpdated),
}, ofDisputes, ofIntents, ofCards)

// eventList is a page of events, each in its own bytes: they go into the inbox as those that are delivered.
type eventList struct {
	stripego.APIResource
	Data    []json.RawMessage `json:"data"`
	HasMore bool              `json:"has_more"`
}

// Events lists what happened in a span of time, the newest first
// (https://docs.stripe.com/api/events/list). Stripe keeps events for 30 days.
func (p *Provider) Events(ctx context.Context, span payments.Span, after string) (payments.EventPage, error) {
	prepared, cancel, err := params(ctx, "")
	if err != nil {
		return payments.EventPage{}, err
	}
	defer cancel()
	list := &stripego.EventListParams{
		CreatedRange: within(span),
		Types:        stripego.StringSlice(swept),
	}
	list.Context, list.Limit = prepared.Context, stripego.Int64(listedAtOnce)
	if after != "" {
		list.StartingAfter = &after
	}
	var read eventList
	query := &form.Values{}
	form.AppendTo(query, list)
	if err := p.api.Events.B.CallRaw(http.MethodGet, "/v1/events", p.api.Events.Key, query, list.ToParams(), &read); err != nil {
		return payments.EventPage{}, toError("list the events", err)
	}
	return p.toPage(read)
}

func (p *Provider) toPage(read eventList) (page payments.EventPage, err error) {
	for _, payload := range read.Data {
		event, err := p.ReadEvent(payload)
		if err == nil { // what has no name cannot be kept
			page.Events = append(page.Events, event)
		}
	}
	if read.HasMore {
		if len(page.Events) == 0 {
			return page, errors.New("stripe lists more events after none")
		}
		page.Next = page.Events[len(page.Events)-1].ID
	}
	return page, nil
}

// Intents lists what was asked for in a span of time, the newest first
// (https://docs.stripe.com/api/payment_intents/list). What cannot be read, which others may have made in the same
// account, is left out.
func (p *Provider) Intents(ctx context.Context, span payments.Span, after string) (page payments.IntentPage, err error) {
	prepared, cancel, err := params(ctx, "")
	if err != nil {
		return page, err
	}
	defer cancel()
	list := &stripego.PaymentIntentListParams{CreatedRange: within(span)}
	list.Context, list.Limit, list.Single = prepared.Context, stripego.Int64(listedAtOnce), true
	list.AddExpand("data." + latestCharge + ".refunds")
	if after != "" {
		list.StartingAfter = &after
	}
	listed := p.api.PaymentIntents.List(list)
	for listed.Next() {
		one := listed.PaymentIntent()
		page.Next = one.ID
		intent, err := toIntent(one)
		if err != nil {
			continue
		}
		if charge := one.LatestCharge; tellsRefunds(charge) && !charge.Refunds.HasMore {
			if intent.Refunds, err = toRefunds(charge.Refunds.Data); err != nil {
				continue
			}
		}
		page.Intents = append(page.Intents, intent)
	}
	if err := listed.Err(); err != nil {
		return page, toError("list the intents", err)
	}
	if !listed.Meta().HasMore {
		page.Next = ""
	}
	return page, nil
}

func within(span payments.Span) *stripego.RangeQueryParams {
	return &stripego.RangeQueryParams{GreaterThanOrEqual: span.From.Unix(), LesserThanOrEqual: span.Until.Unix()}
}
