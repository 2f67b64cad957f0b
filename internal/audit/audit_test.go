package audit_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/netip"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/stretchr/testify/require"

	"cartwright/internal/audit"
	"cartwright/internal/page"
	"cartwright/internal/postgres"
	"cartwright/internal/postgres/pgtest"
)

// setup is a database with a category that nobody was recorded to make.
func setup(t *testing.T) (db *postgres.DB, category uuid.UUID, list func(audit.Filter) []audit.Entry) {
	t.Helper()
	db, category = pgtest.New(t), uuid.New()
	_, err := db.Exec(t.Context(), "INSERT INTO categories (id, name, slug, created_at) VALUES ($1, 'Lamps', 'lamps', now())", category)
	require.NoError(t, err)
	log := audit.New(db, page.NewCodec([]byte("secret")))
	return db, category, func(filter audit.Filter) []audit.Entry {
		found, err := log.List(t.Context(), filter, page.Request{})
		require.NoError(t, err)
		return found.Items
	}
}

// action is something that somebody does.
func action() audit.Action {
	return audit.Action{
		Operation: "updateCategory", Target: "/categories/lamps", Actor: "user:1", UserID: uuid.New(),
		Address: netip.MustParseAddr("2001:db8::1"), RequestID: uuid.New(), At: time.Now().UTC().Truncate(time.Microsecond),
	}
}

// exec runs a statement in a transaction.
func exec(ctx context.Context, db *postgres.DB, sql string) error {
	return db.InTx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		_, err := tx.Exec(ctx, sql)
		return err
	})
}

func TestAnActionIsOneEntryHoweverManyTransactionsItTakes(t *testing.T) {
	t.Parallel()
	db, category, list := setup(t)
	done := action()
	ctx := audit.Record(t.Context(), done)
	require.NoError(t, exec(ctx, db, "UPDATE categories SET name = 'Lights'"))
	require.NoError(t, exec(ctx, db, "UPDATE categories SET sort_order = 7, description = 'Bright'"))
	entries := list(audit.Filter{})
	require.Len(t, entries, 1)
	entry := entries[0]
	require.Equal(t, done.Operation, entry.Operation)
	require.Equal(t, done.Target, entry.Target)
	require.Equal(t, done.Actor, entry.Actor)
	require.Equal(t, done.UserID, *entry.UserID)
	require.Equal(t, "2001:db8::1", *entry.Address)
	require.Equal(t, done.RequestID, *entry.RequestID)
	require.Equal(t, done.At, entry.At.UTC())
	require.EqualValues(t, 2, entry.Count)
	require.Equal(t, []audit.Change{
		{Thing: "categories", ThingID: category.String(), Was: map[string]any{"name": "Lamps"}, Became: map[string]any{"name": "Lights"}},
		{
			Thing: "categories", ThingID: category.String(), Was: map[string]any{"sort_order": json.Number("0")},
			Became: map[string]any{"sort_order": json.Number("7"), "description": "Bright"},
		},
	}, entry.Changes)
}

func TestWhatIsUndoneIsNotRecorded(t *testing.T) {
	t.Parallel()
	db, _, list := setup(t)
	ctx, undo := audit.Record(t.Context(), action()), errors.New("undo")
	change := func(ctx context.Context, tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "UPDATE categories SET name = name || '!'"); err != nil {
			return err
		}
		return undo
	}
	require.ErrorIs(t, db.InTx(ctx, change), undo)
	require.Empty(t, list(audit.Filter{}))
	require.NoError(t, db.InTx(ctx, func(ctx context.Context, _ pgx.Tx) error {
		require.ErrorIs(t, db.InTx(ctx, change), undo, "in a savepoint")
		return nil
	}))
	require.Empty(t, list(audit.Filter{}))
	tries := 0
	require.NoError(t, db.InTx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		require.ErrorIs(t, change(ctx, tx), undo)
		if tries++; tries == 1 {
			return &pgconn.PgError{Code: "40001"}
		}
		return nil
	}))
	entries := list(audit.Filter{})
	require.Len(t, entries, 1)
	require.EqualValues(t, 1, entries[0].Count, "what was tried again is recorded once")
}

func TestWhoeverComesNextIsNotTheActor(t *testing.T) {
	t.Parallel()
	db, _, list := setup(t)
	require.NoError(t, exec(audit.Record(t.Context(), action()), db, "UPDATE categories SET name = 'Lights'"))
	for range 50 { // on every connection
		require.NoError(t, exec(t.Context(), db, "UPDATE categories SET sort_order = sort_order + 1"))
	}
	_, err := db.Exec(t.Context(), "UPDATE categories SET sort_order = sort_order + 1")
	require.NoError(t, err)
	entries := list(audit.Filter{})
	require.Len(t, entries, 1)
	require.EqualValues(t, 1, entries[0].Count)
}

func TestWhatOnlyFollowsIsNoChange(t *testing.T) {
	t.Parallel()
	db, _, list := setup(t)
	ctx := audit.Record(t.Context(), action())
	require.NoError(t, exec(ctx, db, "UPDATE categories SET version = version + 1"))
	require.NoError(t, exec(ctx, db, "UPDATE categories SET name = name"))
	require.NoError(t, exec(ctx, db, "UPDATE categories SET name = 'x' WHERE false"))
	require.Empty(t, list(audit.Filter{}))
}

func TestNumbersAreAsExactAsTheyAreStored(t *testing.T) {
	t.Parallel()
	db, category, list := setup(t)
	const product, variant, price = "019bc0fe-a4e0-7a90-b6d4-7e21c8f4a001", "019bc0fe-a4e0-7a90-b6d4-7e21c8f4a002", "9007199254740993"
	require.NoError(t, exec(audit.Record(t.Context(), action()), db, `
		INSERT INTO products (id, category_id, name, slug, status, created_at, updated_at)
		VALUES ('`+product+`', '`+category.String()+`', 'Lamp', 'lamp', 'ACTIVE', now(), now());
		INSERT INTO product_variants (id, product_id, is_default, name, sku, price_minor, currency, created_at, updated_at)
		VALUES ('`+variant+`', '`+product+`', true, 'Lamp', 'L', `+price+`, 'USD', now(), now())`))
	entries := list(audit.Filter{ThingID: variant})
	require.Len(t, entries, 1)
	require.Len(t, entries[0].Changes, 2)
	require.Nil(t, entries[0].Changes[1].Was)
	require.Equal(t, json.Number(price), entries[0].Changes[1].Became["price_minor"])
}

func TestAnActionAsAWholeIsAnEntryWithoutChanges(t *testing.T) {
	t.Parallel()
	db, _, list := setup(t)
	ctx := audit.RecordWhole(t.Context(), audit.Action{Operation: "importCatalogue", Target: "cartwright import", Actor: audit.ByCLI, At: time.Now()})
	for range 3 {
		require.NoError(t, exec(ctx, db, "UPDATE categories SET sort_order = sort_order + 1"))
	}
	entries := list(audit.Filter{Operation: "importCatalogue"})
	require.Len(t, entries, 1)
	require.Empty(t, entries[0].Changes)
	require.Zero(t, entries[0].Count)
	require.Nil(t, entries[0].UserID)
	require.Nil(t, entries[0].Address)
	require.Nil(t, entries[0].RequestID)
}

func TestWhateverIsAskedOfALongLogReadsLittle(t *testing.T) {
	t.Parallel()
	db, err := postgres.Open(t.Context(), pgtest.URL(t)+"&pool_max_conns=1") // whose statistics can be told to be up to date
	require.NoError(t, err)
	t.Cleanup(db.Close)
	for _, sql := range []string{
		`INSERT INTO audit_entries (id, operation, target, actor, user_id, address, request_id, created_at)
		SELECT gen_random_uuid(), 'updateProduct', '/', 'cli', gen_random_uuid(), n::text, gen_random_uuid(), now() + n * interval '1 second'
		FROM generate_series(1, 20000) n`,
		`INSERT INTO audit_changes (entry_id, thing, thing_id) SELECT id, 'products', gen_random_uuid()::text FROM audit_entries`,
		`ANALYZE audit_entries, audit_changes`,
	} {
		_, err := db.Exec(t.Context(), sql)
		require.NoError(t, err)
	}
	read := func() (rows int64) {
		_, err := db.Exec(t.Context(), "SELECT pg_stat_force_next_flush()")
		require.NoError(t, err)
		require.NoError(t, db.QueryRow(t.Context(), `SELECT sum(seq_tup_read + idx_tup_fetch)::bigint
			FROM pg_stat_user_tables WHERE relname IN ('audit_entries', 'audit_changes')`).Scan(&rows))
		return rows
	}
	log := audit.New(db, page.NewCodec([]byte("secret")))
	for name, filter := range map[string]audit.Filter{
		"everything": {}, "a user": {UserID: uuid.New()}, "an address": {Address: "7"}, "a request": {RequestID: uuid.New()},
		"a thing": {ThingID: uuid.NewString()}, "an operation": {Operation: "archiveProduct"},
		"a time": {From: time.Now().Add(-time.Hour), To: time.Now()},
	} {
		for range 8 { // more often than it takes for a plan to be kept
			before := read()
			_, err := log.List(t.Context(), filter, page.Request{})
			require.NoError(t, err, name)
			require.Less(t, read()-before, int64(300), name)
		}
	}
}
