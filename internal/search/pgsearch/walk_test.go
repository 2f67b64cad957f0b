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

// A walk of thousands ends as soon as it has a page, and begins without sorting them.
func TestAWalkReadsNoMoreThanAPageTakes(t *testing.T) {
	t.Parallel()
	s := setup(t, 25)
	s.copies(s.product(product{name: "Rake", category: s.category("Garden", nil).ID, price: 3750}), 1_000)
	s.exec(`ANALYZE search_documents`)
	low, high := money.New(3000, "USD"), money.New(4000, "USD")
	for _, text := range []string{"", "rake"} {
		for _, sort := range []search.Sort{search.Relevance, search.Newest, search.PriceUp, search.PriceDown, search.Name, search.BestSelling} {
			for _, bounds := range [][2]*money.Amount{{nil, nil}, {&low, nil}, {nil, &high}, {&low, &high}} {
				read, err := s.engine.Reads(t.Context(), search.Query{
					Text: text, Sort: sort, MinPrice: bounds[0], MaxPrice: bounds[1], Request: page.Request{Limit: 10},
				})
				require.NoError(t, err)
				require.Less(t, read, 300, "%q by %s, %v", text, sort, bounds)
			}
		}
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

// A cursor stays good when so much is added that matches are no longer ranked all together.
func TestPagesGoOnWhenMatchesPassTheCap(t *testing.T) {
	t.Parallel()
	s := setup(t, 25)
	category := s.category("Garden", nil)
	want := map[uuid.UUID]bool{}
	for i := range 20 {
		name := []string{"Amber Rake", "Rake", "Rake of a Garden", "Spade"}[i%4]
		want[s.product(product{name: name, description: "For the rake", category: category.ID, price: 100})] = true
	}
	query := search.Query{Text: "rake", Request: page.Request{Limit: 7}}
	seen := map[uuid.UUID]int{}
	for pages := 0; pages == 0 || query.Cursor != ""; pages++ {
		require.Less(t, pages, 20)
		found := s.find(query)
		require.Equal(t, pages > 0, found.Total.Approximate)
		for _, item := range found.Items {
			seen[item.ID]++
		}
		if pages == 0 {
			s.copies(found.Items[0].ID, 10)
			s.copies(found.Items[6].ID, 10)
		}
		query.Cursor = found.Next
	}
	for id := range want {
		require.Equal(t, 1, seen[id], "each of those that were there is shown once")
	}
	for _, times := range seen {
		require.Equal(t, 1, times)
	}
}
