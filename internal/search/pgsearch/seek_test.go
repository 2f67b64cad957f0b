package pgsearch_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"cartwright/internal/search"
	"cartwright/internal/search/pgsearch"
)

// sampledCopies adds so many products like this one, each of which is in the sample.
func (s *shop) sampledCopies(id uuid.UUID, count int) {
	s.t.Helper()
	s.copiesAs(id, `
		SELECT id FROM (SELECT gen_random_uuid() AS id FROM generate_series(1, 200 * $2::integer)) AS made
		WHERE (uuid_hash(id) & 63) = 0 LIMIT $2`, count)
}

// By chance the sample may say that more match than are counted exactly.
func TestASampleThatSaysManyIsNotBelieved(t *testing.T) {
	t.Parallel()
	s := setup(t, 6_300)
	category := s.category("Garden", nil)
	s.sampledCopies(s.product(product{name: "Rake", category: category.ID, price: 100}), 110)
	no := false
	for name, query := range map[string]search.Query{
		"no filter":  {Text: "rake"},
		"one filter": {Text: "rake", InStock: &no},
		"two":        {Text: "rake", InStock: &no, Category: category.Slug},
	} {
		t.Run(name, func(t *testing.T) {
			found, err := s.search.Find(t.Context(), query)
			require.NoError(t, err)
			require.Equal(t, search.Count{Value: 111}, found.Total)
			require.False(t, found.Facets.Availability.Approximate || found.Facets.Categories.Approximate || found.Facets.Prices.Approximate)
			require.EqualValues(t, 111, found.Facets.Availability.Values[1].Count)
			require.EqualValues(t, 111, found.Facets.Categories.Values[0].Count)
		})
	}
}

// Many statements that are quick enough each are not, together.
func TestASearchIsBoundedAsAWhole(t *testing.T) {
	t.Parallel()
	s := setupWith(t, pgsearch.Config{Timeout: 400 * time.Millisecond})
	s.category("Garden", nil)
	err := s.engine.Slowly(t.Context(), search.Query{Text: "rake spade"}, "0.3")
	require.ErrorIs(t, err, context.DeadlineExceeded)
}
