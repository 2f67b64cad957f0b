package api

import (
	"errors"
	"log/slog"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"cartwright/internal/auth"
	"cartwright/internal/errs"
	"cartwright/internal/fraud"
	"cartwright/internal/metrics"
	"cartwright/internal/ratelimit"
)

// The events of the security log; docs/security.md has them as a table.
const (
	signInFailed    = "sign_in_failed"
	signInLockedOut = "sign_in_locked_out"
	refreshReused   = "refresh_token_reused"
	accessRefused   = "forbidden"
	paymentRefused  = "payment_refused"
)

// securityLog tells of what attacks look like: one line and one count for each event, without names.
type securityLog struct {
	logger  *slog.Logger
	metrics *metrics.Metrics
}

// note logs and counts what an error that is returned to a client tells of an attack, if anything.
func (l securityLog) note(c echo.Context, err *errs.Error) {
	event := securityEvent(c, err)
	if event == "" {
		return
	}
	ctx := c.Request().Context()
	user := principal(ctx).UserID
	var attempt *auth.Attempt
	if errors.As(err, &attempt) {
		user = attempt.User
	}
	l.metrics.Security(event)
	line := []any{"event", event, "operation", operationName(c), "network", networkOf(ctx), "request", requestID(c)}
	if user != uuid.Nil {
		line = append(line, "user", user)
	}
	l.logger.WarnContext(ctx, "security event", line...)
}

// securityEvent names what an error tells of an attack; "" where it tells nothing.
func securityEvent(c echo.Context, err *errs.Error) string {
	var attempt *auth.Attempt
	switch {
	case errors.As(err, &attempt) && attempt.Reused:
		return refreshReused
	case auth.ErrCredentials.Is(err), auth.ErrSignInCode.Is(err), auth.ErrPassword.Is(err), auth.ErrCode.Is(err):
		return signInFailed
	case auth.ErrTries.Is(err) && (attempt != nil || limitName(c) == "login"):
		return signInLockedOut
	case fraud.ErrRefused.Is(err), ratelimit.ErrLimited.Is(err) && limitName(c) == "payment":
		return paymentRefused
	case err.Kind == errs.Forbidden:
		return accessRefused
	}
	return ""
}

// limitName is the x-rate-limit of the operation that a request asked for.
func limitName(c echo.Context) string {
	if known := operation(c); known != nil {
		return known.limit
	}
	return ""
}
