package app

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

func TestProgressIsDrawnForAPersonOnly(t *testing.T) {
	t.Parallel()
	work := func(bar *progress, amounts ...int64) {
		for _, amount := range amounts {
			bar.add(amount)
		}
		bar.end()
	}
	var out bytes.Buffer
	work(newProgress(&out, "Importing", 10), 4, 6)
	require.Empty(t, out.String(), "a pipe gets no bar")

	work(drawn(&out, "Importing", 10), 4)
	require.Contains(t, out.String(), "Importing")
	require.Contains(t, out.String(), "4/10")
	require.Regexp(t, `\r *\r$`, out.String(), "the line is left empty")
	out.Reset()
	work(drawn(&out, "Importing", 0), 3, 4)
	require.Contains(t, out.String(), "Importing", "an unknown end is no reason to be silent")
	work(drawn(&out, "Importing", 3), 7)
	work(drawn(&out, "Importing", 3))
}

// A bar that goes on by itself would draw over what the command says at its end.
func TestABarThatWasTakenAwayStaysAway(t *testing.T) { // not parallel: what others start would count
	for name, total := range map[string]int64{"known": 10, "unknown": 0} {
		before := goleak.IgnoreCurrent()
		bar := drawn(new(bytes.Buffer), "Importing", total)
		bar.add(3)
		bar.end()
		require.NoError(t, goleak.Find(before), name)
	}
}
