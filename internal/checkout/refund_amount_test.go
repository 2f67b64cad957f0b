package checkout_test

import (
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"cartwright/internal/checkout"
	amount "cartwright/internal/money"
	"cartwright/internal/orders"
	"cartwright/internal/payments"
)

// However a line is refunded, in parts of which some come to nothing and are asked for again, all of it gives back what
// was paid for it; and what was paid for all lines is what was paid.
func TestLinesGiveBackAllThatWasPaidForThem(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		currency := rapid.SampledFrom([]amount.Currency{"USD", "JPY", "KWD", "MGA"}).Draw(t, "currency")
		step := currency.Increment()
		order := orders.Order{Subtotal: amount.New(0, currency)}
		for range rapid.IntRange(1, 5).Draw(t, "lines") {
			item := orders.Item{ID: uuid.New(), Quantity: rapid.Int32Range(1, 7).Draw(t, "quantity")}
			item.LineTotal = amount.New(rapid.Int64Range(0, 400).Draw(t, "price")*step*int64(item.Quantity), currency)
			order.Items, order.Subtotal.Minor = append(order.Items, item), order.Subtotal.Minor+item.LineTotal.Minor
		}
		order.Total = amount.New(order.Subtotal.Minor+rapid.Int64Range(-order.Subtotal.Minor/step, 1000).Draw(t, "more")*step, currency)
		if order.Subtotal.Minor == 0 {
			return
		}
		paid, err := checkout.PaidByLine(order)
		require.NoError(t, err)
		var sum int64
		for _, item := range order.Items {
			share := paid[item.ID]
			require.GreaterOrEqual(t, share.Minor, int64(0))
			require.Zero(t, share.Minor%step, "it can be charged")
			sum += share.Minor
			given := map[int]payments.RefundItem{}
			for part := 0; ; part++ {
				before := payments.RefundItem{Amount: amount.New(0, currency)}
				for _, one := range given {
					before.Quantity, before.Amount.Minor = before.Quantity+one.Quantity, before.Amount.Minor+one.Amount.Minor
				}
				require.LessOrEqual(t, before.Amount.Minor, share.Minor)
				if before.Quantity == item.Quantity {
					require.Equal(t, share, before.Amount)
					break
				}
				more := rapid.Int32Range(1, item.Quantity-before.Quantity).Draw(t, "more of it")
				due, err := checkout.Due(share, item.Quantity, more, before)
				require.NoError(t, err)
				require.Zero(t, due.Minor%step)
				given[part] = payments.RefundItem{Quantity: more, Amount: due}
				if fails := rapid.IntRange(0, 2*part+3).Draw(t, "fails"); part < 20 {
					delete(given, fails)
				}
			}
		}
		require.Equal(t, order.Total.Minor, sum)
	})
}
