package bulk

import (
	"time"

	"cartwright/gen/db"
	"cartwright/internal/media"
	"cartwright/internal/money"
	"cartwright/internal/postgres"
)

// Service imports and exports the assortment.
type Service struct {
	db       *postgres.DB
	q        *db.Queries
	currency money.Currency
	pictures media.Addresses
	now      func() time.Time
}

// New makes a service for a shop that prices in this currency.
func New(database *postgres.DB, currency money.Currency, pictures media.Addresses, now func() time.Time) *Service {
	return &Service{db: database, q: db.New(), currency: currency, pictures: pictures, now: now}
}

// address is where a picture is, also one that was uploaded: a file names both in the same way. It
// holds nothing that separates addresses in a cell.
func (s *Service) address(row db.BulkImagesRow) string {
	if row.URL != nil {
		return listable(*row.URL)
	}
	return s.pictures.Of(media.Picture{Key: *row.MediaKey, Format: media.Format(*row.Format)}, media.Original)
}

// Format is how a file is written.
type Format string

// The formats.
const (
	CSV    Format = "csv"
	NDJSON Format = "ndjson"
)
