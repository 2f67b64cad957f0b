package money_test

import (
	"encoding/json"
	"math"
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"cartwright/internal/money"
)

func TestAmountsAreReadFromTheirText(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text     money.Number
		currency money.Currency
		minor    int64
		err      error
	}{
		{"199.99", "USD", 19999, nil},
		{"199.990", "USD", 19999, nil},
		{"0", "USD", 0, nil},
		{"-1", "USD", -100, nil},
		{"1.5e2", "USD", 15000, nil},
		{"1e-2", "USD", 1, nil},
		{"5000", "JPY", 5000, nil},
		{"5000.00", "JPY", 5000, nil},
		{"1.230", "KWD", 1230, nil},
		{"1.234", "KWD", 0, money.ErrDecimals},
		{"199.999", "USD", 0, money.ErrDecimals},
		{"5000.5", "JPY", 0, money.ErrDecimals},
		{"1e400", "USD", 0, money.ErrOverflow},
		{"1e-400", "USD", 0, money.ErrDecimals},
		{"99999999999999999999", "USD", 0, money.ErrOverflow},
		{"1e999999999", "USD", 0, money.ErrNumber},
		{"abc", "USD", 0, money.ErrNumber},
		{"", "USD", 0, money.ErrNumber},
		{"01", "USD", 0, money.ErrNumber},
		{"1.", "USD", 0, money.ErrNumber},
		{"NaN", "USD", 0, money.ErrNumber},
		{"1e+-2", "USD", 0, money.ErrNumber},
	} {
		t.Run(string(c.text)+string(c.currency), func(t *testing.T) {
			t.Parallel()
			amount, err := c.text.In(c.currency)
			if c.err != nil {
				require.ErrorIs(t, err, c.err)
				return
			}
			require.NoError(t, err)
			require.Equal(t, money.New(c.minor, c.currency), amount)
		})
	}
}

func TestJSONKeepsTheLiteral(t *testing.T) {
	t.Parallel()
	var body struct{ Price money.Number }
	require.NoError(t, json.Unmarshal([]byte(`{"price":199.990}`), &body))
	out, err := json.Marshal(body)
	require.NoError(t, err)
	require.JSONEq(t, `{"Price":199.990}`, string(out))
	require.Contains(t, string(out), "199.990")
	require.Error(t, json.Unmarshal([]byte(`{"price":"1"}`), &body))
}

func TestEveryAmountSurvivesItsText(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		currency := rapid.SampledFrom([]money.Currency{"USD", "JPY", "KWD"}).Draw(t, "currency")
		minor := rapid.Int64Range(-9e10, 9e10).Draw(t, "minor")
		amount := money.New(minor-minor%currency.Increment(), currency)
		read, err := amount.Number().In(currency)
		if err != nil || read != amount {
			t.Fatalf("%v → %s → %v, %v", amount, amount.Number(), read, err)
		}
	})
}

func TestAllocationLosesNothing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		amount := money.New(rapid.Int64Range(-1e12, 1e12).Draw(t, "minor"), "USD")
		weights := rapid.SliceOfN(rapid.Int64Range(0, 1e9), 1, 20).Draw(t, "weights")
		parts, err := amount.Allocate(append(weights, 1))
		if err != nil {
			t.Fatal(err)
		}
		sum := money.New(0, "USD")
		for _, part := range parts {
			if sum, err = sum.Add(part); err != nil {
				t.Fatal(err)
			}
		}
		if sum != amount {
			t.Fatalf("%v became %v", amount, sum)
		}
	})
}

func TestTaxRoundsHalfUpToTheIncrement(t *testing.T) {
	t.Parallel()
	rate, _ := new(big.Rat).SetString("0.08")
	for _, c := range []struct{ in, out money.Amount }{
		{money.New(39998, "USD"), money.New(3200, "USD")},
		{money.New(125, "USD"), money.New(10, "USD")},
		{money.New(631, "USD"), money.New(50, "USD")},
		{money.New(5006, "JPY"), money.New(400, "JPY")},
		{money.New(5007, "JPY"), money.New(401, "JPY")},
		{money.New(10060, "KWD"), money.New(800, "KWD")},
		{money.New(10070, "KWD"), money.New(810, "KWD")},
	} {
		tax, err := c.in.Rate(rate)
		require.NoError(t, err)
		require.Equal(t, c.out, tax, c.in.String())
	}
	half, _ := new(big.Rat).SetString("0.5")
	up, err := money.New(1, "USD").Rate(half)
	require.NoError(t, err)
	require.EqualValues(t, 1, up.Minor)
}

func TestOverflowAndMixingAreErrors(t *testing.T) {
	t.Parallel()
	_, err := money.New(math.MaxInt64, "USD").Add(money.New(1, "USD"))
	require.ErrorIs(t, err, money.ErrOverflow)
	_, err = money.New(math.MinInt64, "USD").Add(money.New(-1, "USD"))
	require.ErrorIs(t, err, money.ErrOverflow)
	_, err = money.New(math.MaxInt64/2, "USD").Times(3)
	require.ErrorIs(t, err, money.ErrOverflow)
	_, err = money.New(1, "USD").Add(money.New(1, "EUR"))
	require.ErrorIs(t, err, money.ErrMixed)
	_, err = money.ParseCurrency("usd")
	require.ErrorIs(t, err, money.ErrCurrency)
}
