package pgsearch_test

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"cartwright/internal/money"
	"cartwright/internal/page"
	"cartwright/internal/search"
)

// What takes a second among a million is not asked for where an index leads to the matches.
func TestOnlyRareMatchesAreSorted(t *testing.T) {
	t.Parallel()
	s := setupWalking(t, 25, 60)
	things, _ := stocked(t, s, 120)
	middle := money.New(3750, "USD")
	yes := true
	for name, tc := range map[string]struct {
		query  search.Query
		sorted bool
	}{
		"all, to the last page":    {search.Query{Sort: search.Name}, false},
		"newest, to the last page": {search.Query{Sort: search.Newest}, false},
		"from a bound up":          {search.Query{Sort: search.PriceUp, MinPrice: &middle}, false},
		"from a bound down":        {search.Query{Sort: search.PriceDown, MaxPrice: &middle}, false},
		"up to a bound":            {search.Query{Sort: search.PriceUp, MaxPrice: &middle}, false},
		"down to a bound":          {search.Query{Sort: search.PriceDown, MinPrice: &middle}, false},
		"few among many":           {search.Query{Sort: search.Newest, Featured: &yes, Request: page.Request{Limit: 20}}, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if tc.query.Limit == 0 {
				tc.query.Limit = 10
			}
			names, seen := s.statements(t, tc.query)
			require.Equal(t, tc.sorted, slices.Contains(names, "SearchSorted"))
			require.Len(t, seen, int(count(things, tc.query, "", nil)))
		})
	}
}

// statements are those of all pages, with what the pages show, each once.
func (s *shop) statements(t *testing.T, query search.Query) (all []string, seen map[uuid.UUID]bool) {
	t.Helper()
	seen = map[uuid.UUID]bool{}
	var after json.RawMessage
	for pages := 0; pages < 100; pages++ {
		names, result, err := s.engine.Statements(t.Context(), query, after)
		require.NoError(t, err)
		require.Greater(t, result.Total.Value, int64(25), "so few are counted exactly")
		all = append(all, names...)
		for _, id := range result.IDs {
			require.False(t, seen[id])
			seen[id] = true
		}
		if result.Next == nil {
			return all, seen
		}
		after, err = json.Marshal(result.Next)
		require.NoError(t, err)
	}
	require.Fail(t, "pages do not end")
	return nil, nil
}
