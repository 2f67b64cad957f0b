package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"
)

// PlannedAnew sends queries that PostgreSQL plans for their own parameters, each time. It is for those whose parameters
// decide which index is right: of a prepared statement PostgreSQL keeps one plan for all after a while.
type PlannedAnew struct{ *DB }

// Query is like DB's.
func (p PlannedAnew) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	return p.DB.Query(ctx, sql, append([]any{pgx.QueryExecModeCacheDescribe}, args...)...)
}
