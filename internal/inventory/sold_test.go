package inventory_test

import (
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"cartwright/internal/page"
)

func TestLow_ListsOnlyWhatIsSold(t *testing.T) {
	t.Parallel()
	s := setup(t)
	sold, inactive, archived, draft := s.variant(t, 0, false), s.variant(t, 0, false), s.variant(t, 0, false), s.variant(t, 0, false)
	low := func() (ids []uuid.UUID) {
		t.Helper()
		found, err := s.stock.Low(t.Context(), page.Request{})
		require.NoError(t, err)
		for _, one := range found.Items {
			ids = append(ids, one.VariantID)
		}
		s.agree(t)
		return ids
	}
	change := func(sql string, id uuid.UUID) {
		t.Helper()
		_, err := s.db.Exec(t.Context(), sql, id)
		require.NoError(t, err)
	}
	require.ElementsMatch(t, []uuid.UUID{sold, inactive, archived, draft}, low())
	change(`UPDATE product_variants SET is_active = false WHERE id = $1`, inactive)
	change(`UPDATE products SET status = 'ARCHIVED' WHERE id = $1`, archived)
	change(`UPDATE products SET status = 'DRAFT' WHERE id = $1`, draft)
	require.Equal(t, []uuid.UUID{sold}, low())
	change(`UPDATE stock_levels SET on_hand = 9 WHERE variant_id = $1`, inactive)
	change(`UPDATE stock_levels SET on_hand = 0 WHERE variant_id = $1`, inactive)
	require.Zero(t, s.numbers(t, inactive)[2], "nothing happens to what is not sold")
	require.Equal(t, []uuid.UUID{sold}, low())
	change(`UPDATE products SET status = 'ACTIVE' WHERE id = $1`, draft)
	change(`UPDATE product_variants SET is_active = true WHERE id = $1`, inactive)
	require.ElementsMatch(t, []uuid.UUID{sold, inactive, draft}, low())
}
