package payments_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"cartwright/gen/db"
	"cartwright/internal/payments"
)

// Names of payments are compared instead of their times.
func TestNamesAreOrderedByTheirTime(t *testing.T) {
	t.Parallel()
	for range 1000 {
		before := time.Now()
		id := uuid.Must(uuid.NewV7())
		require.LessOrEqual(t, payments.FirstOf(before).String(), id.String())
		require.Greater(t, payments.FirstOf(time.Now().Add(time.Millisecond)).String(), id.String())
	}
	require.Equal(t, uuid.Nil, payments.FirstOf(time.Time{}), "nothing is older")
}

func TestEveryPageIsGoneThrough(t *testing.T) {
	t.Parallel()
	all := make([]db.Payment, 2*payments.AtOnce) // the last page is full
	for i := range all {
		all[i].ID = uuid.Must(uuid.NewV7())
	}
	var seen []uuid.UUID
	err := payments.ThroughAll(uuid.Nil, uuid.Max, func(p payments.Payment) error { seen = append(seen, p.ID); return nil },
		func(after, _ uuid.UUID) ([]db.Payment, error) {
			from := slices.IndexFunc(all, func(p db.Payment) bool { return p.ID.String() > after.String() })
			if from < 0 {
				return nil, nil
			}
			return all[from:min(from+payments.AtOnce, len(all))], nil
		})
	require.NoError(t, err)
	require.Len(t, seen, len(all))
}
