package api_test

import (
	"context"
	"net/http"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"cartwright/gen/client"
	"cartwright/internal/app/shoptest"
)

func TestARenamedProductStaysWhatItIs(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, shoptest.WithoutJobs())
	product := shop.Product(5)
	got := change(t, shop, "/products/"+product.Slug, `{"name":"Renamed","slug":"renamed"}`)
	require.Equal(t, http.StatusOK, got.status, got.body)
	read := shop.ReadProduct(product.ID)
	require.Equal(t, "Renamed", read.Variants[0].Name, "the default variant had no name of its own")
	require.Equal(t, product.SKU, read.SKU)
	require.EqualValues(t, 5, read.InventoryQuantity)
	require.True(t, read.UpdatedAt.After(product.UpdatedAt))
	require.True(t, read.CreatedAt.Equal(product.CreatedAt))
	require.Equal(t, http.StatusNotFound, send(t, shop, call{method: http.MethodGet, path: "/products/" + product.Slug}).status)
	require.Equal(t, http.StatusOK, send(t, shop, call{method: http.MethodGet, path: "/products/renamed"}).status)
	require.Equal(t, http.StatusOK, change(t, shop, "/products/renamed/variants/"+product.Variants[0].ID.String(), `{"name":"Own"}`).status)
	require.Equal(t, http.StatusOK, change(t, shop, "/products/renamed", `{"name":"Again"}`).status)
	require.Equal(t, "Own", shop.ReadProduct(product.ID).Variants[0].Name)
}

func TestAnArchivedProductIsNotForSale(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, shoptest.WithoutJobs())
	product := shop.Product(5)
	for range 2 {
		got, err := shop.Admin.ArchiveProductWithResponse(t.Context(), product.Slug, nil)
		require.NoError(t, err)
		require.Equal(t, http.StatusOK, got.StatusCode(), string(got.Body))
		require.Equal(t, client.ProductStatusARCHIVED, got.JSON200.Status)
	}
	gone, err := shop.Guest.GetProductWithResponse(t.Context(), product.Slug)
	require.NoError(t, err)
	require.Equal(t, http.StatusNotFound, gone.StatusCode())
	require.Equal(t, http.StatusOK, change(t, shop, "/products/"+product.Slug, `{"status":"ACTIVE"}`).status)
	require.EqualValues(t, 5, shop.ReadProduct(product.ID).InventoryQuantity)
}

func TestAProductIsDeletedWhileNobodyOrderedIt(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, shoptest.WithoutJobs())
	remove := func(id uuid.UUID) *client.DeleteProductResponse {
		got, err := shop.Admin.DeleteProductWithResponse(t.Context(), id.String(), nil)
		require.NoError(t, err)
		return got
	}
	ordered := shop.Product(5)
	order := shop.Order(1, ordered)
	empty := contents(t, shop)
	product := shop.Product(5, func(p *client.ProductCreate) {
		p.CategoryID = ordered.CategoryID
		p.Images = []client.ProductImageCreate{{URL: "https://example.com/a.png"}}
		p.Variants = []client.ProductVariantCreate{{Name: "a", SKU: "a", InventoryQuantity: ptr[int32](5)}}
	})
	cart := shop.Cart(1, product)
	got := remove(product.ID)
	require.Equal(t, http.StatusNoContent, got.StatusCode(), string(got.Body))
	after := contents(t, shop)
	for _, table := range []string{"products", "product_variants", "product_images", "stock_levels", "stock_movements"} {
		require.Equal(t, empty[table], after[table], table)
	}
	left, err := shop.Guest.GetCartWithResponse(t.Context(), cart.ID)
	require.NoError(t, err)
	require.Len(t, left.JSON200.Items, 1)
	require.False(t, left.JSON200.Items[0].Available, "its line tells that it is gone")
	require.Equal(t, http.StatusNotFound, remove(product.ID).StatusCode())

	refused := remove(ordered.ID)
	require.Equal(t, http.StatusConflict, refused.StatusCode())
	require.Equal(t, "product_ordered", refused.ApplicationProblemJSON409.Code)
	require.Contains(t, refused.ApplicationProblemJSON409.Detail, "Archive")
	require.Equal(t, after, contents(t, shop))
	require.Equal(t, order.ID, shop.ReadOrder(order.ID).ID)
}

// The ledger lets go of what was never sold when its variant goes, and of nothing otherwise.
func TestTheLedgerOfAVariantThatIsThereCannotBeChanged(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, shoptest.WithoutJobs())
	shop.Product(5)
	before := contents(t, shop)
	for _, sql := range []string{
		`DELETE FROM stock_movements`, `UPDATE stock_movements SET quantity = 1`, `DELETE FROM stock_levels`,
	} {
		_, err := shop.DB.Exec(t.Context(), sql)
		require.ErrorContains(t, err, "stock_movements is append-only", sql)
	}
	require.Equal(t, before, contents(t, shop))
}

func TestAProductIsOrderedOrDeletedAndNeverHalf(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, shoptest.WithoutJobs())
	won := map[string]int{}
	for range 25 {
		product := shop.Product(50)
		carts := make([]uuid.UUID, 4)
		for i := range carts {
			carts[i] = shop.Cart(1, product).ID
		}
		var deleted int
		placed := make([]int, len(carts))
		bodies := make([]string, len(carts))
		shoptest.Together(len(carts)+2, func(i int) {
			switch i {
			case 0:
				got, err := shop.Admin.DeleteProductWithResponse(context.WithoutCancel(t.Context()), product.ID.String(), nil)
				if err == nil {
					deleted = got.StatusCode()
				}
			case 1:
				added, err := shop.Guest.AddCartItemWithResponse(context.WithoutCancel(t.Context()), carts[0], nil, client.CartItemAdd{ProductID: product.ID})
				if err != nil || added.StatusCode() >= 500 {
					t.Errorf("add: %v %s", err, added.Body)
				}
			default:
				got, err := shop.Place(context.WithoutCancel(t.Context()), carts[i-2])
				if err == nil {
					placed[i-2], bodies[i-2] = got.StatusCode(), string(got.Body)
				}
			}
		})
		bought := 0
		for i, status := range placed {
			require.Contains(t, []int{http.StatusCreated, http.StatusConflict}, status, bodies[i])
			if status == http.StatusCreated {
				bought++
			}
		}
		if deleted == http.StatusNoContent {
			won["deleted"]++
			require.Zero(t, bought)
		} else {
			won["ordered"]++
			require.Equal(t, http.StatusConflict, deleted)
			require.Positive(t, bought)
		}
	}
	t.Log(won)
}

func TestWhatGoesTogetherIsRelated(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, shoptest.WithoutJobs(), shoptest.WithoutWebhooks())
	shelf := category(t, shop, "shelf", nil)
	add := func(sku string, more ...func(*client.ProductCreate)) client.Product {
		return shop.Product(100, append([]func(*client.ProductCreate){named(sku, sku, "1", func(p *client.ProductCreate) {})}, more...)...)
	}
	onShelf := func(p *client.ProductCreate) { p.CategoryID = shelf.ID }
	lamp := add("lamp", onShelf)
	bulb, shade, cable := add("bulb"), add("shade"), add("cable")
	add("old", onShelf)
	add("new", onShelf)
	add("featured", onShelf, func(p *client.ProductCreate) { p.IsFeatured = ptr(true) })
	draft := client.ProductStatusDRAFT
	add("draft", onShelf, func(p *client.ProductCreate) { p.Status = &draft })
	buy := func(pay bool, products ...client.Product) {
		order := shop.Order(1, products...)
		if pay {
			paid, err := shop.Pay(t.Context(), order.ID, "pm_card_visa")
			require.NoError(t, err)
			require.Equal(t, http.StatusOK, paid.StatusCode(), string(paid.Body))
		}
	}
	buy(true, lamp, bulb, shade)
	buy(true, lamp, bulb)
	buy(false, lamp, cable) // nobody paid for that
	buy(true, bulb, cable)  // and that was without the lamp
	related := func(limit *int32) []string {
		got, err := shop.Guest.ListRelatedProductsWithResponse(t.Context(), lamp.Slug, &client.ListRelatedProductsParams{Limit: limit})
		require.NoError(t, err)
		require.Equal(t, http.StatusOK, got.StatusCode(), string(got.Body))
		require.Nil(t, got.JSON200.NextCursor)
		return skus(got.JSON200.Data)
	}
	require.Equal(t, []string{"bulb", "shade", "featured", "new", "old"}, related(nil))
	require.Equal(t, []string{"bulb", "shade", "featured"}, related(ptr[int32](3)))
	require.Equal(t, []string{"bulb"}, related(ptr[int32](1)))
	require.Equal(t, http.StatusOK, change(t, shop, "/products/"+bulb.Slug, `{"status":"ARCHIVED"}`).status)
	require.Equal(t, []string{"shade", "featured", "new", "old"}, related(nil))
	for _, limit := range []string{"0", "21"} {
		got := send(t, shop, call{method: http.MethodGet, path: "/products/" + lamp.Slug + "/related?limit=" + limit})
		requireField(t, got, client.FieldLocationQUERY, "limit")
	}
}

func TestArchivingUnderAKeyInUseWaits(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, shoptest.WithoutJobs())
	product, key := shop.Product(1), uuid.NewString()
	var admin uuid.UUID
	require.NoError(t, shop.DB.QueryRow(t.Context(), `SELECT id FROM users WHERE email = 'admin@example.com'`).Scan(&admin))
	path := "/products/" + product.Slug + "/archive"
	tx, err := shop.DB.Pool().Begin(t.Context())
	require.NoError(t, err)
	t.Cleanup(func() { _ = tx.Rollback(context.WithoutCancel(t.Context())) })
	_, err = tx.Exec(t.Context(), `SELECT pg_advisory_xact_lock(hashtextextended($1 || chr(31) || $2, 0))`,
		"user:"+admin.String()+" POST /api/v1"+path, key)
	require.NoError(t, err)
	busy := send(t, shop, call{method: http.MethodPost, path: path, token: shop.Login("admin@example.com").AccessToken}.under(key))
	require.Equal(t, "idempotency_key_in_use", requireProblem(t, busy, http.StatusConflict).Code)
	require.Equal(t, client.ProductStatusACTIVE, shop.ReadProduct(product.ID).Status)
}
