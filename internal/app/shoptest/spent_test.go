package shoptest_test

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"cartwright/internal/app/shoptest"
	"cartwright/internal/auth"
)

func TestMain(m *testing.M) { os.Exit(shoptest.Run(m)) }

func TestSpending_CountsWhatShopsTake(t *testing.T) {
	before := shoptest.Spending()
	t.Run("shops", func(t *testing.T) {
		shoptest.New(t)
		shoptest.New(t, shoptest.WithHashing(auth.HashCost{Memory: 128, Iterations: 1})).User("more@example.com", auth.Customer)
	})
	after := shoptest.Spending()
	require.EqualValues(t, 2, after.Shops-before.Shops)
	require.EqualValues(t, 2, after.Databases-before.Databases)
	require.EqualValues(t, 4, after.Hashes-before.Hashes, "two users are made and sign in")
	require.EqualValues(t, 6, after.CostlyHashes-before.CostlyHashes)
	require.LessOrEqual(t, after.Servers, int64(1))
	require.Empty(t, after.Excess())
}

func TestExcess_NamesWhatIsTooMuch(t *testing.T) {
	t.Parallel()
	spent := shoptest.Spent{Shops: 2, Databases: 53, Servers: 2, Specs: 3, Hashes: 41, CostlyHashes: 1101}
	require.Equal(t, []string{
		"PostgreSQL servers started: 2, where 1 are enough", "specs parsed: 3, where 2 are enough",
		"databases made: 53, where 52 are enough", "passwords hashed: 41, where 40 are enough",
		"passwords hashed at full cost: 1101, where 1100 are enough",
	}, spent.Excess())
	require.Empty(t, shoptest.Spent{Shops: 2, Databases: 52, Servers: 1, Specs: 2, Hashes: 40, CostlyHashes: 1100}.Excess())
}
