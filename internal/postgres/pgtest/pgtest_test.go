package pgtest

import (
	"context"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
)

func TestEachTestHasADatabaseOfItsOwn(t *testing.T) {
	t.Parallel()
	for range 4 {
		t.Run("migrated and empty", func(t *testing.T) {
			t.Parallel()
			db := New(t)
			var tables, rows int
			err := db.QueryRow(t.Context(), "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").Scan(&tables)
			require.NoError(t, err)
			require.Greater(t, tables, 5)
			_, err = db.Exec(t.Context(), "CREATE TABLE mine (n int); INSERT INTO mine VALUES (1)")
			require.NoError(t, err)
			require.NoError(t, db.QueryRow(t.Context(), "SELECT count(*) FROM mine").Scan(&rows))
			require.Equal(t, 1, rows)
		})
	}
}

func TestDatabaseIsDroppedWithOpenConnections(t *testing.T) {
	t.Parallel()
	var url string
	t.Run("test", func(t *testing.T) {
		url = URL(t)
		_, err := pgx.Connect(context.Background(), url) // left open
		require.NoError(t, err)
	})
	_, err := pgx.Connect(t.Context(), url)
	require.True(t, hasCode(err, "3D000"), "%v", err)
}

func TestSessionsStartInAnAwkwardTimeZone(t *testing.T) {
	t.Parallel()
	conn, err := pgx.Connect(t.Context(), URL(t))
	require.NoError(t, err)
	defer conn.Close(context.Background())
	var zone string
	require.NoError(t, conn.QueryRow(t.Context(), "SHOW timezone").Scan(&zone))
	require.Equal(t, "Pacific/Chatham", zone)
}

func BenchmarkNew(b *testing.B) {
	URL(b)
	for b.Loop() {
		server, err := shared()
		require.NoError(b, err)
		name, err := server.create(b.Context())
		require.NoError(b, err)
		require.NoError(b, server.drop(b.Context(), name))
	}
}

func TestLeftOversAreThoseOfYesterday(t *testing.T) {
	t.Parallel()
	now := time.Now()
	require.False(t, leftOver(newName(now), now))
	require.False(t, leftOver(newName(now.Add(-23*time.Hour)), now))
	require.True(t, leftOver(newName(now.Add(-25*time.Hour)), now))
	require.False(t, leftOver("cartwright_test_of_somebody", now))
	require.False(t, leftOver("customers", now))
}
