package api

import (
	"context"
	"time"

	"github.com/labstack/echo/v4"

	"cartwright/internal/budget"
)

// How long an operation may take before it is given up with a 503.
const (
	// operationTime is what one statement may take in the database. Whoever waits for a connection
	// longer than that must leave the queue; an event that was given up is sent again.
	operationTime = 15 * time.Second
	// stagedTime leaves the payment provider its own time, and the shop enough of the rest to record
	// what it answered.
	stagedTime = 45 * time.Second
	// uploadTime lets a file arrive over a slow line, and be stored.
	uploadTime = 5 * time.Minute
)

// deadline bounds how long an operation may take, and which shared budgets it may spend.
func deadline(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if operation(c).streams {
			c.SetRequest(c.Request().WithContext(budget.Declare(c.Request().Context(), operation(c).spends)))
			return next(c) // openStream bounds how long it may stand still
		}
		limit := operationTime
		switch {
		case staged[operation(c).id], sending[operation(c).id]:
			limit = stagedTime
		case operation(c).form != nil:
			limit = uploadTime
		}
		ctx, cancel := context.WithTimeout(budget.Declare(c.Request().Context(), operation(c).spends), limit)
		defer cancel()
		c.SetRequest(c.Request().WithContext(ctx))
		return next(c)
	}
}
