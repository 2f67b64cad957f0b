package payments_test

import (
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"cartwright/internal/money"
	"cartwright/internal/payments"
)

var intentStatuses = []payments.IntentStatus{
	payments.IntentRequiresMethod, payments.IntentRequiresConfirmation, payments.IntentRequiresAction, payments.IntentProcessing,
	payments.IntentRequiresCapture, payments.IntentSucceeded, payments.IntentCanceled,
}

func TestMoneyThatIsHeldIsTakenOrLetGoWhateverLateNewsSay(t *testing.T) {
	t.Parallel()
	for _, status := range intentStatuses {
		intent := payments.Intent{ID: "pi_1", Status: status, Decline: &payments.Decline{Code: "late"}, Amount: money.New(100, "USD")}
		held := payments.Payment{ID: uuid.New(), IntentID: "pi_1", Status: payments.Authorized, Amount: intent.Amount}
		want := payments.Authorized
		switch status {
		case payments.IntentSucceeded:
			want = payments.Succeeded
		case payments.IntentCanceled:
			want = payments.Cancelled
		}
		require.Equal(t, want, payments.After(held, intent), status)
		require.False(t, held.Doubtful(intent, false), "%s needs no second look", status)
		require.False(t, held.Unsaid(intent, false), "it was judged before")
		require.Equal(t, status == payments.IntentRequiresCapture, held.Disagrees(intent, false) == "", "%s disagrees", status)
		require.Zero(t, held.Left().Minor, "nothing was taken that could be given back")
		require.False(t, held.Final())
		for _, final := range []payments.Status{payments.Succeeded, payments.Cancelled} {
			held.Status = final
			require.NotEqual(t, payments.Authorized, payments.After(held, intent), "%s is not held again", final)
		}
	}
}

func TestAPartThatWasTakenIsNoPayment(t *testing.T) {
	t.Parallel()
	payment := payments.Payment{IntentID: "pi_1", Status: payments.Authorized, Amount: money.New(100, "USD")}
	for captured, fits := range map[int64]bool{1: false, 99: false, 100: true} {
		amount := money.New(captured, "USD")
		intent := payments.Intent{ID: "pi_1", Status: payments.IntentSucceeded, Amount: payment.Amount, Captured: &amount}
		require.Equal(t, fits, payment.Mismatch(intent, false) == "", captured)
	}
}
