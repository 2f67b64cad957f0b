package pricing_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"cartwright/internal/money"
	"cartwright/internal/pricing"
)

func TestTheTutorialsCartCostsWhatItSays(t *testing.T) {
	t.Parallel()
	service, err := pricing.New("USD", "0.08")
	require.NoError(t, err)
	totals, err := service.Price([]pricing.Line{{Price: money.New(19999, "USD"), Quantity: 2}})
	require.NoError(t, err)
	require.Equal(t, money.Number("399.98"), totals.Subtotal.Number())
	require.Equal(t, money.Number("32.00"), totals.Tax.Number())
	require.Equal(t, money.Number("431.98"), totals.Total.Number())
}

func TestTotalsAlwaysAddUp(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		currency := rapid.SampledFrom([]money.Currency{"USD", "JPY", "KWD"}).Draw(t, "currency")
		rate := rapid.SampledFrom([]string{"0", "0.08", "0.19", "0.0875", "1"}).Draw(t, "rate")
		service, err := pricing.New(currency, rate)
		if err != nil {
			t.Fatal(err)
		}
		var lines []pricing.Line
		for range rapid.IntRange(0, 20).Draw(t, "lines") {
			steps := rapid.Int64Range(0, 1e8).Draw(t, "price")
			lines = append(lines, pricing.Line{
				Price:    money.New(steps*currency.Increment(), currency),
				Quantity: rapid.Int32Range(1, 10000).Draw(t, "quantity"),
			})
		}
		got, err := service.Price(lines)
		if err != nil {
			t.Fatal(err)
		}
		var subtotal int64
		for i, line := range lines {
			if got.Lines[i].Minor != line.Price.Minor*int64(line.Quantity) {
				t.Fatalf("line %d: %v", i, got.Lines[i])
			}
			subtotal += got.Lines[i].Minor
		}
		sum := got.Subtotal.Minor - got.Discount.Minor + got.Shipping.Minor + got.Tax.Minor
		if got.Subtotal.Minor != subtotal || got.Total.Minor != sum || got.Total.Minor < 0 {
			t.Fatalf("%+v", got)
		}
		if got.Total.Minor%currency.Increment() != 0 {
			t.Fatalf("%v cannot be charged", got.Total)
		}
	})
}

func TestABadTaxRateIsRefused(t *testing.T) {
	t.Parallel()
	for _, rate := range []string{"", "x", "-0.1", "1.01", "8%"} {
		_, err := pricing.New("USD", rate)
		require.ErrorIs(t, err, pricing.ErrRate, rate)
	}
}
