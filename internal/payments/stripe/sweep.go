package stripe

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"

	stripego "github.com/stripe/stripe-go/v76"
	"github.com/stripe/stripe-go/v76/form"

	"cartwright/internal/payments"
)

// eventsAtOnce is how many events Stripe lists on a page at most.
const eventsAtOnce = 100

// swept are the types that are fetched when they never came: all that we act on and this API version knows.
var swept = append([]string{
	ofRefunds, string(stripego.EventTypeChargeRefundUpdated), string(stripego.EventTypeRefundUpdated),
}, ofIntents...)

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
		CreatedRange: &stripego.RangeQueryParams{GreaterThanOrEqual: span.From.Unix(), LesserThanOrEqual: span.Until.Unix()},
		Types:        stripego.StringSlice(swept),
	}
	list.Context, list.Limit = prepared.Context, stripego.Int64(eventsAtOnce)
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
