package payments_test

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

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
