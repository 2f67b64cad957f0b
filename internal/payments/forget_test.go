package payments_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cartwright/internal/page"
	"cartwright/internal/payments"
	"cartwright/internal/postgres/pgtest"
)

func TestWhatOldEventsSaidIsForgottenAndThatTheyCameIsNot(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	now := time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)
	_, err := db.Exec(t.Context(), `INSERT INTO webhook_events (id, type, api_version, payload, outcome, received_at)
		SELECT outcome || ' ' || age || ' ' || n, 'charge.refunded', '', 'canary', outcome, $1::timestamptz - age * interval '1 day'
		FROM unnest(ARRAY['APPLIED', 'IGNORED', 'SET_ASIDE']) outcome, unnest(ARRAY[29, 31]) age, generate_series(1, 700) n`, now)
	require.NoError(t, err)
	service := payments.New(db, page.NewCodec([]byte("secret")), func() time.Time { return now })
	require.NoError(t, service.Forget(t.Context(), payments.Forget{}))
	var all, blank, wrong int
	require.NoError(t, db.QueryRow(t.Context(), `SELECT count(*), count(*) FILTER (WHERE payload = ''),
		count(*) FILTER (WHERE payload = '' AND (outcome = 'SET_ASIDE' OR id LIKE '% 29 %')) FROM webhook_events`).Scan(&all, &blank, &wrong))
	require.Equal(t, []int{4200, 1400, 0}, []int{all, blank, wrong})
}
