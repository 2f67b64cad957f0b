package bulk

import (
	"time"

	"cartwright/gen/db"
	"cartwright/internal/money"
	"cartwright/internal/postgres"
)

// Service imports and exports the assortment.
type Service struct {
	db       *postgres.DB
	q        *db.Queries
	currency money.Currency
	now      func() time.Time
}

// New makes a service for a shop that prices in this currency.
func New(database *postgres.DB, currency money.Currency, now func() time.Time) *Service {
	return &Service{db: database, q: db.New(), currency: currency, now: now}
}

// Format is how a file is written.
type Format string

// The formats.
const (
	CSV    Format = "csv"
	NDJSON Format = "ndjson"
)
