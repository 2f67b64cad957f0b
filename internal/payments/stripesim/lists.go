package stripesim

import (
	"net/http"
	"slices"
)

// list is one page, newest first.
type list struct {
	Object  string `json:"object"`
	Data    []any  `json:"data"`
	HasMore bool   `json:"has_more"`
	URL     string `json:"url"`
}

func checkList(c *call) *apiError {
	if limit := c.args.integer("limit"); c.args.has("limit") && (limit < 1 || limit > 100) {
		return refuse("parameter_invalid_integer", "limit", "This value must be between 1 and 100.")
	}
	if c.args.has("starting_after") && c.args.has("ending_before") {
		return refuse("", "", "You may only specify one of these parameters: starting_after, ending_before.")
	}
	return nil
}

// row is what paging needs to know of an object.
type row struct {
	id      string
	created int64
	object  any
}

// page cuts the call's page out of rows, which are oldest first.
func page(c *call, kind string, rows []row) (any, *apiError) {
	slices.Reverse(rows)
	rows = slices.DeleteFunc(rows, func(r row) bool { return !createdWithin(c.args, r.created) })
	limit := 10
	if c.args.has("limit") {
		limit = int(c.args.integer("limit"))
	}
	start, end, backwards := 0, len(rows), false
	for _, name := range []string{"starting_after", "ending_before"} {
		if !c.args.has(name) {
			continue
		}
		at := slices.IndexFunc(rows, func(r row) bool { return r.id == c.args.text(name) })
		if at < 0 {
			return nil, noSuch(kind, name, c.args.text(name))
		}
		if backwards = name == "ending_before"; backwards {
			end = at
		} else {
			start = at + 1
		}
	}
	more := end-start > limit
	switch {
	case more && backwards:
		start = end - limit
	case more:
		end = start + limit
	}
	result := list{Object: "list", Data: []any{}, HasMore: more, URL: c.path}
	for _, r := range rows[start:end] {
		result.Data = append(result.Data, r.object)
	}
	return result, nil
}

func createdWithin(a args, created int64) bool {
	return (!a.has("created") || created == a.integer("created")) &&
		(!a.has("created[gt]") || created > a.integer("created[gt]")) &&
		(!a.has("created[gte]") || created >= a.integer("created[gte]")) &&
		(!a.has("created[lt]") || created < a.integer("created[lt]")) &&
		(!a.has("created[lte]") || created <= a.integer("created[lte]"))
}

func (s *Server) listIntents(c *call) (any, *apiError) {
	var rows []row
	for _, in := range s.state.Intents.items {
		if matches(c.args, "customer", in.Customer) {
			rows = append(rows, row{in.ID, in.Created, in.PaymentIntent})
		}
	}
	return page(c, "payment_intent", rows)
}

func (s *Server) listRefunds(c *call) (any, *apiError) {
	var rows []row
	for _, re := range s.state.Refunds.items {
		if matches(c.args, "payment_intent", re.PaymentIntent) && matches(c.args, "charge", re.Charge) {
			rows = append(rows, row{re.ID, re.Created, re.Refund})
		}
	}
	return page(c, "refund", rows)
}

// checkEventList knows how many types may be asked for (https://docs.stripe.com/api/events/list).
func checkEventList(c *call) *apiError {
	if len(c.args.list("types")) > 20 {
		return refuse("", "types", "You may specify up to 20 event types.")
	}
	return checkList(c)
}

func (s *Server) listEvents(c *call) (any, *apiError) {
	types := c.args.list("types")
	var rows []row
	for _, ev := range s.state.Events.items {
		if matches(c.args, "type", &ev.Type) && (types == nil || slices.Contains(types, ev.Type)) {
			rows = append(rows, row{ev.ID, ev.Created, *ev})
		}
	}
	return page(c, "event", rows)
}

// matches reports whether an optional filter lets value through.
func matches(a args, name string, value *string) bool {
	return !a.has(name) || value != nil && *value == a.text(name)
}

// listed is how many refunds a charge lists; the rest is for those who page.
const listed = 10

// refundsOf is the expandable list on a charge, of its newest.
func (s *Server) refundsOf(chargeID any) list {
	result := list{Object: "list", Data: []any{}}
	for _, re := range s.state.Refunds.items {
		if re.Charge != nil && *re.Charge == chargeID {
			result.Data = append(result.Data, re.Refund)
			result.URL = "/v1/charges/" + *re.Charge + "/refunds"
		}
	}
	slices.Reverse(result.Data)
	if result.HasMore = len(result.Data) > listed; result.HasMore {
		result.Data = result.Data[:listed]
	}
	return result
}

func (s *Server) getEvent(c *call) (any, *apiError) {
	ev := s.state.Events.get(c.id)
	if ev == nil {
		return nil, noSuch("event", "id", c.id).withStatus(http.StatusNotFound)
	}
	return *ev, nil
}
