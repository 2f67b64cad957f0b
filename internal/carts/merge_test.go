package carts

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"cartwright/gen/db"
)

func TestCartsThatAreTooLongTogetherAreNotMerged(t *testing.T) {
	t.Parallel()
	s := &Service{now: time.Now}
	lines := func(n int) []db.CartLineListRow {
		made := make([]db.CartLineListRow, n)
		for i := range made {
			made[i] = db.CartLineListRow{VariantID: uuid.New(), Quantity: 1}
		}
		return made
	}
	theirs := lines(MaxLines - 1)
	_, err := s.mergedLines(uuid.New(), theirs, append(lines(1), theirs...))
	require.NoError(t, err, "what both hold is one line")
	_, err = s.mergedLines(uuid.New(), theirs, lines(2))
	require.ErrorIs(t, err, ErrTooLong)
}

func TestAMergedLineTakesNoMoreThanItsLimit(t *testing.T) {
	t.Parallel()
	require.EqualValues(t, MaxQuantity, capped(db.CartLineListRow{}, 2*MaxQuantity))
}
