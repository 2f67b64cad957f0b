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

	"github.com/labstack/echo/v4"

	"cartwright/gen/oapi"
	"cartwright/internal/errs"
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
	errs.TooLarge:     http.StatusRequestEntityTooLarge,
	errs.Unsupported:  http.StatusUnsupportedMediaType,
	errs.Invalid:      http.StatusUnprocessableEntity,
	errs.Unavailable:  http.StatusServiceUnavailable,
}

// What the edge itself answers.
var (
	errMalformed   = errs.New(errs.Malformed, "malformed_json", "The body is not JSON that can be read.")
	errQuery       = errs.New(errs.Malformed, "malformed_query", "The query string cannot be read.")
	errTooLarge    = errs.New(errs.TooLarge, "payload_too_large", "The body is larger than the server reads.")
	errMediaType   = errs.New(errs.Unsupported, "unsupported_media_type", "Send the body as application/json, not compressed.")
	errNoRoute     = errs.New(errs.NotFound, "not_found", "There is nothing at this address.")
	errUnavailable = errs.New(errs.Unavailable, "unavailable", "The shop is briefly unavailable. Try again.").After(1e9)
)

// statusError is an error that has a status of its own, from Echo.
type statusError struct {
	status int
	code   string
	detail string
}

// problemWriter answers every error as application/problem+json (RFC 9457).
type problemWriter struct{ logger *slog.Logger }

func (w problemWriter) write(err error, c echo.Context) {
	if c.Response().Committed {
		return
	}
	status, problem := w.toProblem(err, c)
	header := c.Response().Header()
	if status == http.StatusUnauthorized {
		header.Set("WWW-Authenticate", `Bearer realm="cartwright"`)
	}
	var known *errs.Error
	if errors.As(err, &known) && known.RetryAfter > 0 {
		header.Set("Retry-After", strconv.Itoa(int(math.Ceil(known.RetryAfter.Seconds()))))
	}
	body, err := json.Marshal(problem)
	if err == nil {
		err = c.Blob(status, "application/problem+json", append(body, '\n'))
	}
	if err != nil {
		w.logger.WarnContext(c.Request().Context(), "answer not delivered", "error", err)
	}
}

func (w problemWriter) toProblem(err error, c echo.Context) (int, oapi.Problem) {
	var known *errs.Error
	var fromEcho *echo.HTTPError
	switch {
	case errors.As(err, &known):
		if known.Kind == errs.Unavailable {
			w.log(c, slog.LevelWarn, "dependency unavailable", err)
		}
	case errors.As(err, &fromEcho):
		return w.problem(c, fromStatus(fromEcho.Code))
	case postgres.IsUnavailable(err), errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		w.log(c, slog.LevelWarn, "database unavailable", err)
		known = errUnavailable
		c.Response().Header().Set("Retry-After", "1")
	default:
		w.log(c, slog.LevelError, "request failed", err)
		return w.problem(c, statusError{http.StatusInternalServerError, "internal", "Something went wrong on our side."})
	}
	status, problem := w.problem(c, statusError{statuses[known.Kind], known.Code, known.Message})
	problem.Errors = toFieldErrors(known.Fields)
	if known.DeclineCode != "" {
		problem.DeclineCode = &known.DeclineCode
	}
	return status, problem
}

// fromStatus gives Echo's own errors a code: not_found, method_not_allowed.
func fromStatus(status int) statusError {
	title := http.StatusText(status)
	code := strings.ReplaceAll(strings.ToLower(title), " ", "_")
	if status == http.StatusNotFound {
		return statusError{status, errNoRoute.Code, errNoRoute.Message}
	}
	return statusError{status, code, title + "."}
}

func (w problemWriter) problem(c echo.Context, err statusError) (int, oapi.Problem) {
	return err.status, oapi.Problem{
		Type: "about:blank", Title: http.StatusText(err.status), Status: int32(err.status),
		Code: err.code, Detail: err.detail, RequestID: requestID(c),
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
