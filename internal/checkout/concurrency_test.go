package checkout_test

import (
	"net/http"
	"sync"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"cartwright/internal/app/shoptest"
)

func TestTwoHundredBuyersOfFiftyUnitsGetFifty(t *testing.T) {
	t.Parallel()
	const buyers, units = 200, 50
	shop := shoptest.New(t)
	product := shop.Product(units)
	carts := make([]uuid.UUID, buyers)
	for i := range carts {
		carts[i] = shop.Cart(1, product).ID
	}
	statuses := make([]int, buyers)
	shoptest.Together(buyers, func(i int) {
		placed, err := shop.Place(t.Context(), carts[i])
		if err != nil {
			t.Error(err)
			return
		}
		statuses[i] = placed.StatusCode()
		if statuses[i] == http.StatusConflict && placed.ApplicationProblemJSON409.Code != "insufficient_inventory" {
			t.Errorf("refused as %s", placed.ApplicationProblemJSON409.Code)
		}
	})
	count := map[int]int{}
	for _, status := range statuses {
		count[status]++
	}
	require.Equal(t, map[int]int{http.StatusCreated: units, http.StatusConflict: buyers - units}, count)
	require.Zero(t, shop.ReadProduct(product.ID).InventoryQuantity)
}

func TestACartPlacedFiftyTimesAtOnceIsOneOrder(t *testing.T) {
	t.Parallel()
	const times = 50
	shop := shoptest.New(t)
	product := shop.Product(100)
	cart := shop.Cart(3, product)
	var mu sync.Mutex
	orders, created := map[uuid.UUID]bool{}, 0
	shoptest.Together(times, func(int) {
		placed, err := shop.Place(t.Context(), cart.ID)
		if err != nil {
			t.Error(err)
			return
		}
		mu.Lock()
		defer mu.Unlock()
		switch placed.StatusCode() {
		case http.StatusCreated:
			created++
			orders[placed.JSON201.ID] = true
		case http.StatusOK:
			orders[placed.JSON200.ID] = true
		default:
			t.Errorf("status %d: %s", placed.StatusCode(), placed.Body)
		}
	})
	require.Equal(t, 1, created)
	require.Len(t, orders, 1)
	require.EqualValues(t, 97, shop.ReadProduct(product.ID).InventoryQuantity)
}
