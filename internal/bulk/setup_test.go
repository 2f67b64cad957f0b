package bulk_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"cartwright/gen/db"
	"cartwright/internal/bulk"
	"cartwright/internal/errs"
	"cartwright/internal/media"
	"cartwright/internal/money"
	"cartwright/internal/postgres"
	"cartwright/internal/postgres/pgtest"
)

// shop is an empty one with two categories, lamps and tables.
type shop struct {
	*bulk.Service
	t  *testing.T
	db *postgres.DB
}

func setup(t *testing.T) shop {
	t.Helper()
	return setupIn(t, "USD")
}

// setupIn is the same of a shop with another currency.
func setupIn(t *testing.T, currency string) shop {
	t.Helper()
	s := shop{t: t, db: pgtest.New(t)}
	s.Service = bulk.New(s.db, money.Currency(currency), media.NewAddresses("https://shop.example.com"), time.Now)
	for _, slug := range []string{"lamps", "tables"} {
		_, err := db.New().CategoryCreate(t.Context(), s.db, db.CategoryCreateParams{
			ID: uuid.New(), Name: slug, Slug: slug, IsActive: true, Now: time.Now(),
		})
		require.NoError(t, err)
	}
	t.Cleanup(func() {
		broken, err := db.New().StockDisagreements(context.WithoutCancel(t.Context()), s.db)
		require.NoError(t, err)
		require.Empty(t, broken, "levels and ledger agree")
	})
	return s
}

func (s shop) load(file string, options ...func(*bulk.Options)) (bulk.Report, error) {
	s.t.Helper()
	o := bulk.Options{Format: bulk.CSV}
	if strings.HasPrefix(file, "{") {
		o.Format = bulk.NDJSON
	}
	for _, set := range options {
		set(&o)
	}
	return s.Import(s.t.Context(), struct{ *strings.Reader }{strings.NewReader(file)}, o)
}

func atomic(o *bulk.Options) { o.Atomic = true }

func dry(o *bulk.Options) { o.DryRun = true }

// must is the report of an import in which every row is good.
func (s shop) must(file string, options ...func(*bulk.Options)) bulk.Report {
	s.t.Helper()
	report, err := s.load(file, options...)
	require.NoError(s.t, err)
	require.Empty(s.t, report.Errors)
	return report
}

func (s shop) export(format bulk.Format) string {
	s.t.Helper()
	var out bytes.Buffer
	require.NoError(s.t, s.Export(s.t.Context(), &out, format, nil))
	return out.String()
}

// contents is everything the shop's tables hold, a fingerprint per table.
func (s shop) contents() map[string]string {
	s.t.Helper()
	rows, err := s.db.Query(s.t.Context(), `SELECT table_name FROM information_schema.tables
		WHERE table_schema = 'public' AND table_name NOT LIKE 'river%' AND table_name NOT LIKE 'goose%'`)
	require.NoError(s.t, err)
	tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
	require.NoError(s.t, err)
	held := map[string]string{}
	for _, table := range tables {
		var fingerprint string
		require.NoError(s.t, s.db.QueryRow(s.t.Context(),
			`SELECT count(*) || ' ' || md5(coalesce(string_agg(t::text, '' ORDER BY t::text), ''))
			FROM `+pgx.Identifier{table}.Sanitize()+` t`).Scan(&fingerprint))
		held[table] = fingerprint
	}
	return held
}

// lamps is a file of n lamps at prices of their own.
func lamps(n int) string {
	var file strings.Builder
	file.WriteString("sku,name,category,price,inventoryQuantity,status\n")
	for i := range n {
		fmt.Fprintf(&file, "LAMP-%d,Lamp %d,lamps,%d.50,%d,ACTIVE\n", i, i, i, i%7)
	}
	return file.String()
}

// fields are the messages of an error, by the code of their field.
func fields(t *testing.T, err error) map[string]string {
	t.Helper()
	var known *errs.Error
	require.ErrorAs(t, err, &known)
	messages := map[string]string{}
	for _, field := range known.Fields {
		messages[field.Code] = field.Message
	}
	return messages
}

func encoded(value any) string {
	text, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	return string(text)
}
