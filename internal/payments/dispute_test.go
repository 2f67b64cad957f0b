package payments_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"cartwright/internal/payments"
)

func TestLateNewsTakeNoDisputeBack(t *testing.T) {
	t.Parallel()
	inOrder := []payments.DisputeStatus{
		payments.WarningNeedsResponse, payments.WarningUnderReview, payments.WarningClosed, payments.DisputeNeedsResponse,
		payments.DisputeUnderReview, payments.DisputeLost,
	}
	for from, status := range inOrder {
		for to, next := range inOrder {
			require.Equal(t, to >= from, payments.DisputeFollows(next, status), "%s to %s", status, next)
		}
		require.True(t, payments.DisputeFollows(payments.DisputeWon, status), "which may come to any")
		require.Equal(t, status == payments.DisputeLost, payments.DisputeFollows(status, payments.DisputeWon), "which a bank may revise")
		decided := []payments.DisputeStatus{payments.WarningClosed, payments.DisputeLost}
		require.Equal(t, slices.Contains(decided, status), status.Decided(), status)
	}
	require.True(t, payments.DisputeWon.Decided())
	require.False(t, payments.DisputeStatus("PREVENTED").Known())
}
