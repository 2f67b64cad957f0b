package postgres

import (
	"errors"
	"io"
	"net"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// Constraint is the name of the constraint that refused the statement, or "". Domain packages turn
// names into their own errors beside the query.
func Constraint(err error) string {
	var pgErr *pgconn.PgError
	if errors.As(err, &pgErr) && strings.HasPrefix(pgErr.Code, "23") {
		return pgErr.ConstraintName
	}
	return ""
}

// IsMissing tells that a query for one row found none.
func IsMissing(err error) bool { return errors.Is(err, pgx.ErrNoRows) }

// IsUnavailable tells that the database could not be asked, or was too busy: not an answer.
func IsUnavailable(err error) bool {
	var connectErr *pgconn.ConnectError
	if errors.As(err, &connectErr) {
		return true // whatever the server said: it did not let us in
	}
	var pgErr *pgconn.PgError
	if errors.As(err, &pgErr) {
		switch pgErr.Code {
		case "55P03", "57014", "57P01", "57P02", "57P03", "53300":
			// lock_not_available, query_canceled, the three shutdowns, too_many_connections
			return true
		}
		return strings.HasPrefix(pgErr.Code, "08") || retryable(err)
	}
	var netErr *net.OpError // the connection went away under the statement
	return pgconn.SafeToRetry(err) || errors.As(err, &netErr) || errors.Is(err, io.ErrUnexpectedEOF)
}
