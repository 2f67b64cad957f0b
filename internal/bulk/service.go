package bulk

import (
	"net/url"
	"strings"
	"time"
	"unicode"

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
// holds no space, for a cell has spaces between addresses.
func (s *Service) address(row db.BulkImagesRow) string {
	if row.URL != nil {
		return withoutSpaces(*row.URL)
	}
	return s.pictures.Of(media.Picture{Key: *row.MediaKey, Format: media.Format(*row.Format)}, media.Original)
}

// withoutSpaces is the same address, its spaces escaped as RFC 3986 has it.
func withoutSpaces(address string) string {
	if !strings.ContainsFunc(address, unicode.IsSpace) {
		return address
	}
	var out strings.Builder
	for _, c := range address {
		if unicode.IsSpace(c) {
			out.WriteString(url.PathEscape(string(c)))
		} else {
			out.WriteRune(c)
		}
	}
	return out.String()
}

// Format is how a file is written.
type Format string

// The formats.
const (
	CSV    Format = "csv"
	NDJSON Format = "ndjson"
)
