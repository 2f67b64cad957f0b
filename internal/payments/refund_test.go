package payments_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"cartwright/internal/payments"
)

// Two may read the provider at once, and the one who read first be heard last.
func TestLateNewsTakeNoRefundBack(t *testing.T) {
	t.Parallel()
	const pending, waiting, succeeded, failed, cancelled = payments.RefundPending, payments.RefundRequiresAction,
		payments.RefundSucceeded, payments.RefundFailed, payments.RefundCancelled
	after := map[payments.RefundStatus][]payments.RefundStatus{
		pending: {waiting, succeeded, failed, cancelled}, waiting: {pending, succeeded, failed, cancelled},
		succeeded: {failed, cancelled}, failed: {}, cancelled: {},
	}
	for from, may := range after {
		for to := range after {
			require.Equal(t, slices.Contains(may, to), payments.Follows(to, from), "%s to %s", from, to)
		}
	}
}
