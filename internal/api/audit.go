package api

import (
	"context"
	"net/http"
	"net/netip"
	"regexp"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/labstack/echo/v4"

	"cartwright/gen/oapi"
	"cartwright/internal/audit"
	"cartwright/internal/auth"
	"cartwright/internal/errs"
)

// Operations that may change any number of things: they are recorded, and what they change is not.
var recordedWhole = map[string]bool{"importCatalogue": true}

// Operations that make staff of whoever knows a secret.
var makesStaff = map[string]bool{"acceptInvitation": true}

// recordStaff has what staff and API keys change recorded, also where customers may do the same, and who becomes staff.
func recordStaff(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		request := c.Request()
		ctx := request.Context()
		reads := request.Method == http.MethodGet || request.Method == http.MethodHead
		if reads || !principal(ctx).IsStaff() && !makesStaff[operation(c).id] {
			return next(c)
		}
		record := audit.Record
		if recordedWhole[operation(c).id] {
			record = audit.RecordWhole
		}
		c.SetRequest(request.WithContext(record(ctx, actionOf(c))))
		return next(c)
	}
}

// RecordSignIn records that somebody who works for the shop signed in with the request of this context. Whoever becomes
// staff with it is recorded anyway.
func RecordSignIn(ctx context.Context, tx pgx.Tx, user uuid.UUID) error {
	c := exchange(ctx)
	if c == nil || makesStaff[operation(c).id] {
		return nil
	}
	action, who := actionOf(c), auth.Principal{UserID: user}
	action.Actor, action.UserID = who.String(), user
	return audit.EnterTx(ctx, tx, action)
}

// actionOf is the request as what somebody does.
func actionOf(c echo.Context) audit.Action {
	ctx := c.Request().Context()
	who := principal(ctx)
	return audit.Action{
		Operation: operation(c).id, Target: c.Request().URL.Path, Actor: who.String(), UserID: who.UserID,
		Address: clientAddress(ctx), RequestID: uuid.MustParse(requestID(c)), At: time.Now().UTC(),
	}
}

type auditing struct{ log *audit.Log }

// ListAuditEntries pages through what was done, the newest first.
func (a auditing) ListAuditEntries(
	ctx context.Context, request oapi.ListAuditEntriesRequestObject,
) (oapi.ListAuditEntriesResponseObject, error) {
	filter, err := fromAuditFilter(request.Params)
	if err != nil {
		return nil, err
	}
	found, err := a.log.List(ctx, filter, fromPage(request.Params.Limit, request.Params.Cursor))
	if err != nil {
		return nil, err
	}
	return oapi.ListAuditEntries200JSONResponse{
		Data: toSlice(found.Items, toAuditEntry), NextCursor: optionalText(found.Next),
	}, nil
}

func fromAuditFilter(params oapi.ListAuditEntriesParams) (audit.Filter, error) {
	filter := audit.Filter{
		UserID: or(params.UserID, uuid.Nil), Operation: or(params.Operation, ""), RequestID: or(params.RequestID, uuid.Nil),
	}
	if params.ThingID != nil {
		filter.ThingID = params.ThingID.String()
	}
	var problems []errs.Field
	if params.Address != nil {
		address, err := netip.ParseAddr(*params.Address)
		if filter.Address = address.Unmap().String(); err != nil {
			problems = append(problems, errs.Field{In: "QUERY", Name: "address", Code: "invalid_address", Message: "This is no network address."})
		}
	}
	for _, bound := range []struct {
		name string
		sent *oapi.AuditTime
		into *time.Time
	}{{"from", params.From, &filter.From}, {"to", params.To, &filter.To}} {
		if bound.sent == nil {
			continue
		}
		at, err := time.Parse(time.RFC3339, *bound.sent)
		if *bound.into = at.UTC().Truncate(time.Microsecond); err != nil {
			problems = append(problems, errs.Field{In: "QUERY", Name: bound.name, Code: "invalid_time", Message: "There is no such time."})
		}
	}
	if len(problems) > 0 {
		return audit.Filter{}, errs.InvalidFields(problems...)
	}
	return filter, nil
}

func toAuditEntry(e audit.Entry) oapi.AuditEntry {
	return oapi.AuditEntry{
		ID:          e.ID,
		Operation:   e.Operation,
		Target:      e.Target,
		Actor:       e.Actor,
		UserID:      e.UserID,
		Address:     e.Address,
		RequestID:   e.RequestID,
		CreatedAt:   e.At.UTC(),
		ChangeCount: e.Count,
		Changes:     toSlice(e.Changes, toAuditChange),
	}
}

func toAuditChange(c audit.Change) oapi.AuditChange {
	return oapi.AuditChange{
		Thing: camel(c.Thing), ThingID: c.ThingID, Was: toAuditValues(c.Was), Became: toAuditValues(c.Became),
	}
}

// toAuditValues are a change's, by the names that the API has for them.
func toAuditValues(side map[string]any) *oapi.AuditValues {
	if side == nil {
		return nil
	}
	values := make(oapi.AuditValues, len(side))
	for name, value := range side {
		values[camel(name)] = value
	}
	return &values
}

var nextWord = regexp.MustCompile(`_[a-z]`)

// camel is a name of the database as the API writes names.
func camel(name string) string {
	return nextWord.ReplaceAllStringFunc(name, func(found string) string { return strings.ToUpper(found[1:]) })
}
