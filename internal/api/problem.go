package api

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"cartwright/gen/oapi"
	"cartwright/internal/errs"
	"cartwright/internal/money"
	"cartwright/internal/postgres"
)

// The only place that knows status codes.
var statuses = map[errs.Kind]int{
	errs.Malformed:    http.StatusBadRequest,
	errs.Unauthorized: http.StatusUnauthorized,
	errs.Declined:     http.StatusPaymentRequired,
	errs.Forbidden:    http.StatusForbidden,
	errs.NotFound:     http.StatusNotFound,
	errs.Conflict:     http.StatusConflict,
	errs.Stale:        http.StatusPreconditionFailed,
	errs.TooLarge:     http.StatusRequestEntityTooLarge,
	errs.Unsupported:  http.StatusUnsupportedMediaType,
	errs.Invalid:      http.StatusUnprocessableEntity,
	errs.Unavailable:  http.StatusServiceUnavailable,
	errs.Limited:      http.StatusTooManyRequests,
}

// What the edge itself answers.
var (
	errMalformed     = errs.New(errs.Malformed, "malformed_json", "The body is not JSON that can be read.")
	errQuery         = errs.New(errs.Malformed, "malformed_query", "The query string cannot be read.")
	errTooLarge      = errs.New(errs.TooLarge, "payload_too_large", "The body is larger than the server reads.")
	errTooMany       = errs.New(errs.TooLarge, "payload_too_large", "The body holds more values than the server reads.")
	errMediaType     = errs.New(errs.Unsupported, "unsupported_media_type", "Send the body as application/json, a change of the catalogue as application/merge-patch+json, and not compressed.")
	errNoForm        = errs.New(errs.Unsupported, "unsupported_media_type", "Send the body as multipart/form-data, not compressed.")
	errMalformedForm = errs.New(errs.Malformed, "malformed_form", "The body is not a form that can be read.")
	errNoRoute       = errs.New(errs.NotFound, "not_found", "There is nothing at this address.")
	errUnavailable   = errs.New(errs.Unavailable, "unavailable", "The shop is briefly unavailable. Try again.").After(time.Second)
	// errInternal has no kind: whatever is not known has a status of its own.
	errInternal = &errs.Error{Code: "internal", Message: "Something went wrong on our side."}
)

// told is an error as the client hears of it.
type told struct {
	status int
	err    *errs.Error
}

// problemWriter answers every error as application/problem+json (RFC 9457).
type problemWriter struct {
	logger   *slog.Logger
	security securityLog
}

func (w problemWriter) write(err error, c echo.Context) {
	if c.Response().Committed {
		return
	}
	told := w.tell(err, c)
	w.security.note(c, told.err)
	header := c.Response().Header()
	if told.status == http.StatusUnauthorized {
		header.Set("WWW-Authenticate", `Bearer realm="cartwright"`)
	}
	if wait := told.err.RetryAfter; wait > 0 {
		header.Set("Retry-After", strconv.Itoa(int(math.Ceil(wait.Seconds()))))
	}
	body, err := json.Marshal(toProblem(told, requestID(c)))
	if err == nil {
		err = c.Blob(told.status, "application/problem+json", append(body, '\n'))
	}
	if err != nil {
		w.logger.WarnContext(c.Request().Context(), "answer not delivered", "error", err)
	}
}

// tell decides what the client hears of an error, and logs what it does not.
func (w problemWriter) tell(err error, c echo.Context) told {
	var known *errs.Error
	var fromEcho *echo.HTTPError
	switch {
	case errors.As(err, &known):
		if known.Kind == errs.Unavailable {
			w.log(c, slog.LevelWarn, "dependency unavailable", err)
		}
	case errors.As(err, &fromEcho):
		return fromStatus(fromEcho.Code)
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		w.log(c, slog.LevelWarn, "request given up", err)
		known = errUnavailable
	case postgres.IsUnavailable(err):
		w.log(c, slog.LevelWarn, "database unavailable", err)
		known = errUnavailable
	default:
		w.log(c, slog.LevelError, "request failed", err)
		return told{http.StatusInternalServerError, errInternal}
	}
	return told{statuses[known.Kind], known}
}

// fromStatus gives Echo's own errors a code: not_found, method_not_allowed.
func fromStatus(status int) told {
	if status == http.StatusNotFound {
		return told{status, errNoRoute}
	}
	title := http.StatusText(status)
	code := strings.ReplaceAll(strings.ToLower(title), " ", "_")
	return told{status, &errs.Error{Code: code, Message: title + "."}}
}

func toProblem(told told, requestID string) oapi.Problem {
	return oapi.Problem{
		Type: "about:blank", Title: http.StatusText(told.status), Status: int32(told.status),
		Code: told.err.Code, Detail: told.err.Message, RequestID: requestID,
		Errors: toFieldErrors(told.err.Fields), DeclineCode: optionalText(told.err.DeclineCode),
		Challenge: optionalText(told.err.Challenge), Total: (*money.Number)(optionalText(told.err.Total)),
	}
}

func (w problemWriter) log(c echo.Context, level slog.Level, message string, err error) {
	w.logger.Log(c.Request().Context(), level, message, "request", requestID(c), "route", c.Path(), "error", err)
}

func toFieldErrors(fields []errs.Field) []oapi.FieldError {
	var out []oapi.FieldError
	for _, field := range fields {
		in := oapi.FieldLocation(field.In)
		if in == "" {
			in = oapi.FieldLocationBODY
		}
		out = append(out, oapi.FieldError{In: in, Field: field.Name, Code: field.Code, Message: field.Message})
	}
	return out
}
