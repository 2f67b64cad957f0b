package bulk_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cartwright/gen/client"
	"cartwright/gen/db"
	"cartwright/internal/app/shoptest"
	"cartwright/internal/auth"
)

// Imports set stock while it is being bought: nobody is refused but for want of stock, and every unit
// keeps its cause.
func TestImportsAndOrdersShareTheStock(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, shoptest.WithoutJobs(), shoptest.WithoutWebhooks())
	const kinds, buyers = 6, 8
	products := make([]client.Product, kinds)
	for i := range products {
		products[i] = shop.Product(1000)
	}
	carts := make([]client.Cart, buyers*3)
	for i := range carts { // lines in every order
		carts[i] = shop.Cart(1, append(products[i%kinds:len(products):len(products)], products[:i%kinds]...)...)
	}
	file := func(round int) string {
		var rows strings.Builder
		rows.WriteString("sku,price,inventoryQuantity,allowBackorder\n")
		for i := range products {
			fmt.Fprintf(&rows, "%s,%d,%d,%t\n", products[(i*5+round)%kinds].SKU, 100+round, 900+round+i, round%2 == 0)
		}
		return rows.String()
	}
	// An account has two places, of which an import may hold one until the next has come.
	another := shop.User("another@example.com", auth.Admin)
	shoptest.Together(buyers+2, func(worker int) {
		importer := shop.Admin
		if worker > buyers {
			importer = another
		}
		for round := range 3 {
			if worker < buyers {
				placed, err := shop.Place(t.Context(), carts[worker*3+round].ID)
				if assert.NoError(t, err) {
					assert.Equal(t, http.StatusCreated, placed.StatusCode(), string(placed.Body))
				}
				continue
			}
			atomic := worker%2 == 0
			got, err := importer.ImportCatalogueWithBodyWithResponse(t.Context(), &client.ImportCatalogueParams{Atomic: &atomic},
				"text/csv", strings.NewReader(file(worker+round)))
			if assert.NoError(t, err) && assert.Equal(t, http.StatusOK, got.StatusCode(), string(got.Body)) {
				assert.Zero(t, got.JSON200.Failed, string(got.Body))
			}
		}
	})
	broken, err := db.New().StockDisagreements(t.Context(), shop.DB)
	require.NoError(t, err)
	require.Empty(t, broken)
	var reserved int
	require.NoError(t, shop.DB.QueryRow(t.Context(), `SELECT sum(reserved) FROM stock_levels`).Scan(&reserved))
	require.Equal(t, len(carts)*kinds, reserved)
}

// What is owed to buyers goes out and comes back as it is, reserved or sold.
func TestAnExportWithBackOrdersChangesNothing(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, shoptest.WithoutJobs(), shoptest.WithoutWebhooks())
	allowed := true
	backorders := func(p *client.ProductCreate) { p.AllowBackorder = &allowed }
	sold, held := shop.Product(1, backorders), shop.Product(1, backorders)
	shop.Product(3)
	order := shop.Order(4, sold)
	paid, err := shop.Pay(t.Context(), order.ID, "pm_card_visa")
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, paid.StatusCode(), string(paid.Body))
	shop.Order(4, held)
	var levels string
	require.NoError(t, shop.DB.QueryRow(t.Context(), `SELECT string_agg(on_hand || '/' || allocated || '/' || reserved, ' ' ORDER BY variant_id) FROM stock_levels`).Scan(&levels))
	require.Equal(t, "1/4/0 1/0/4 3/0/0", levels)

	for format, kind := range map[client.ExportFormat]string{client.ExportFormatCsv: "text/csv", client.ExportFormatNdjson: "application/x-ndjson"} {
		exported, err := shop.Admin.ExportCatalogue(t.Context(), &client.ExportCatalogueParams{Format: &format})
		require.NoError(t, err)
		file, err := io.ReadAll(exported.Body)
		require.NoError(t, err)
		for _, atomic := range []bool{false, true} {
			got, err := shop.Admin.ImportCatalogueWithBodyWithResponse(t.Context(), &client.ImportCatalogueParams{Atomic: &atomic},
				kind, strings.NewReader(string(file)))
			require.NoError(t, err)
			require.Equal(t, http.StatusOK, got.StatusCode(), string(got.Body))
			require.EqualValues(t, []int32{0, 0, 3, 0}, []int32{got.JSON200.Created, got.JSON200.Updated, got.JSON200.Unchanged, got.JSON200.Failed},
				string(got.Body))
		}
	}
}
