package auth

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"cartwright/internal/errs"
)

// crowded is a hasher whose every slot is taken.
func crowded(t *testing.T) *hasher {
	t.Helper()
	h, err := newHasher(HashCost{})
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

func TestHashCost_DefaultsToOWASPs(t *testing.T) {
	t.Parallel()
	h, err := newHasher(HashCost{})
	require.NoError(t, err)
	hash, err := h.hash(t.Context(), "a password of tests")
	require.NoError(t, err)
	require.Contains(t, hash, "$argon2id$v=19$m=19456,t=2,p=1$")
	require.Contains(t, h.decoy, "$m=19456,t=2,p=1$", "comparing with nothing takes the same time")
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

func TestAPasswordThatIsTriedFirstIsRefused(t *testing.T) {
	t.Parallel()
	for password, code := range map[string]string{
		"short": "too_short", "äöüäöüä": "too_short", strings.Repeat("ä", 513): "too_long",
		"password": "too_common", "PassWord1": "too_common", "P@ssw0rd": "too_common", "12345678": "too_common", "qwertyuiop": "too_common",
		"1qaz2wsx3edc": "too_common", "aaaaaaaa": "too_common", "Summer2026!": "too_common", "iloveyou": "too_common", "19841984": "too_common",
		"someone@example.com": "too_common", "SOMEBODY.ELSE": "",
	} {
		err := acceptable(password, "someone@example.com")
		if code == "" {
			require.NoError(t, err, password)
			continue
		}
		var refusal *errs.Error
		require.ErrorAs(t, err, &refusal, password)
		require.ErrorIs(t, err, ErrWeak)
		require.Equal(t, "password "+code, refusal.Fields[0].Name+" "+refusal.Fields[0].Code, password)
	}
	require.Error(t, acceptable("long.local.part", "long.local.part@example.com"))
	for _, fine := range []string{"a password of tests", "correct donkey battery clip", "hunter22-and-more", strings.Repeat("ä", 512), "line\nbreak here", "password\nwelcome1"} {
		require.NoError(t, acceptable(fine, "someone@example.com"), fine)
	}
	require.Greater(t, strings.Count(common, "\n"), 5000)
}
