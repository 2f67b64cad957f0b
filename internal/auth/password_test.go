package auth

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"cartwright/internal/errs"
)

// crowded is a hasher whose every slot is taken.
func crowded(t *testing.T) *hasher {
	t.Helper()
	h, err := newHasher()
	require.NoError(t, err)
	for range cap(h.slots) {
		h.slots <- struct{}{}
	}
	return h
}

func TestTheQueueAtTheDoorHasAnEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h, start := crowded(t), time.Now()
		_, err := h.matches(t.Context(), "a password of tests", "")
		require.ErrorIs(t, err, ErrBusy)
		require.Equal(t, patience, time.Since(start))
		var busy *errs.Error
		require.ErrorAs(t, err, &busy)
		require.Equal(t, errs.Unavailable, busy.Kind)
		require.Equal(t, 2*time.Second, busy.RetryAfter)

		_, err = h.hash(t.Context(), "a password of tests")
		require.ErrorIs(t, err, ErrBusy)
	})
}

func TestATurnThatComesInTimeIsTaken(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := crowded(t)
		time.AfterFunc(patience-time.Millisecond, h.leave)
		matches, err := h.matches(t.Context(), "no account has this password", "")
		require.NoError(t, err)
		require.False(t, matches, "the decoy is nobody's password")
	})
}

func TestWhoeverLeavesTheQueueIsNotBusy(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := crowded(t).matches(ctx, "a password of tests", "")
	require.ErrorIs(t, err, context.Canceled)
}
