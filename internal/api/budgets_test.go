package api

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cartwright/internal/budget"
	"cartwright/openapi"
)

// docs/budgets.md says what the code does: what spends each shared budget, how fast, and how much there is.
func TestBudgets_ThePageTellsTheTruth(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../docs/budgets.md")
	require.NoError(t, err)
	page := string(text)
	document, err := openapi.Document()
	require.NoError(t, err)
	published, err := loadContract(document)
	require.NoError(t, err)
	spenders := map[budget.Name][]string{}
	for _, operation := range published.operations {
		for _, name := range operation.spends {
			spenders[name] = append(spenders[name], "`"+operation.id+"`")
		}
	}
	for _, name := range budget.Names {
		slices.Sort(spenders[name])
		require.Contains(t, page, fmt.Sprintf("\n| `%s` | %s |\n", name, strings.Join(spenders[name], ", ")))
	}
	short := func(d time.Duration) string {
		return strings.TrimSuffix(strings.TrimSuffix(d.String(), "0s"), "0m")
	}
	for name, of := range quotas {
		require.Contains(t, page, fmt.Sprintf("\n| `%s` | %d in %s | %d in %s |\n",
			name, of.address.max, short(of.address.window), of.account.max, short(of.account.window)))
	}
	require.Equal(t, len(quotas), strings.Count(page[strings.Index(page, "## How fast"):], "| `"), "a limit that there is not")
	for _, fact := range []string{
		fmt.Sprintf("| %d at once, each with a database connection | %d; at least %d bytes a second after a minute |", maxStreams, streamsOfCaller, streamRate),
		fmt.Sprintf("`MAX_BODY_MEMORY` (%d)", defaultBodyMemory),
		fmt.Sprintf("at least %d bytes a second after %.0f seconds |", bodyRate, bodyGrace.Seconds()),
	} {
		require.Contains(t, page, fact)
	}
	require.Equal(t, 4, networkShare, "a quarter")
	require.Equal(t, []int{2, 4}, widerTimes, "two and four times as much")
}
