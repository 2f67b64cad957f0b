package inventory_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"cartwright/gen/client"
	"cartwright/gen/db"
	"cartwright/internal/app/shoptest"
)

// deed does one thing to stock over the API and answers the status.
func deed(ctx context.Context, shop *shoptest.Shop, product client.Product, cart client.Cart) (int, []byte, error) {
	delta, quantity := rand.Int32N(9)+1, 20+rand.Int32N(40)
	switch rand.N(4) {
	case 0:
		delta = -delta
		fallthrough
	case 1:
		got, err := shop.Staff.AdjustProductInventoryWithResponse(ctx, product.ID.String(), nil,
			client.InventoryAdjustment{Delta: &delta, Reason: client.InventoryReasonCORRECTION})
		if err != nil {
			return 0, nil, err
		}
		return got.StatusCode(), got.Body, nil
	case 2:
		got, err := shop.Staff.AdjustVariantInventoryWithResponse(ctx, product.Slug, product.Variants[0].ID, nil,
			client.InventoryAdjustment{Quantity: &quantity, Reason: client.InventoryReasonCOUNTED})
		if err != nil {
			return 0, nil, err
		}
		return got.StatusCode(), got.Body, nil
	}
	placed, err := shop.Place(ctx, cart.ID)
	if err != nil || placed.StatusCode() != http.StatusCreated {
		return placed.StatusCode(), placed.Body, err
	}
	if rand.N(2) == 0 {
		return placed.StatusCode(), placed.Body, nil
	}
	cancelled, err := shop.Staff.CancelOrderWithResponse(ctx, placed.JSON201.ID, nil, client.OrderCancel{})
	if err != nil {
		return 0, nil, err
	}
	return cancelled.StatusCode(), cancelled.Body, nil
}

func TestACrowdOverTheAPIIsServedOrRefusedAndNothingElse(t *testing.T) {
	t.Parallel()
	const crowd = 64
	for _, products := range []int{1, 8} {
		t.Run(fmt.Sprint("on ", products), func(t *testing.T) {
			t.Parallel()
			shop := shoptest.New(t, shoptest.WithoutJobs(), shoptest.WithoutWebhooks())
			goods := make([]client.Product, products)
			for i := range goods {
				goods[i] = shop.Product(40)
			}
			carts := make([]client.Cart, crowd)
			for i := range carts {
				rand.Shuffle(products, func(a, b int) { goods[a], goods[b] = goods[b], goods[a] })
				carts[i] = shop.Cart(1, goods[:1+rand.N(products)]...)
			}
			shoptest.Together(crowd, func(i int) {
				status, body, err := deed(t.Context(), shop, goods[i%products], carts[i])
				if err != nil || status != http.StatusOK && status != http.StatusCreated && status != http.StatusConflict {
					t.Errorf("%d %s %v", status, body, err)
				}
			})
			broken, err := db.New().StockDisagreements(t.Context(), shop.DB)
			require.NoError(t, err)
			require.Empty(t, broken)
		})
	}
}
