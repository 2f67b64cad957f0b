package scale_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cartwright/gen/client"
	"cartwright/internal/app/shoptest"
	"cartwright/internal/catalog"
	"cartwright/internal/media"
	"cartwright/internal/page"
	"cartwright/internal/scale"
)

func TestProductsAreInTheShop(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t)
	_, err := scale.Seed(t.Context(), scale.Shop{
		DB: shop.DB, Catalog: catalog.New(shop.DB, page.NewCodec([]byte("secret")), media.Addresses{}, nil, time.Now), Currency: "USD",
		BaseURL: shop.URL, Pictures: []string{"/pictures/a.svg"}, Now: time.Now,
	}, 2500)
	require.NoError(t, err)

	limit := int32(100)
	listed, err := shop.Guest.ListProductsWithResponse(t.Context(), &client.ListProductsParams{Limit: &limit})
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, listed.StatusCode())
	require.Len(t, listed.JSON200.Data, int(limit))
	require.NotNil(t, listed.JSON200.NextCursor)

	some := listed.JSON200.Data[17]
	require.Equal(t, some, shop.ReadProduct(some.ID))
	found, err := shop.Guest.SearchProductsWithResponse(t.Context(), &client.SearchProductsParams{Q: &some.Name})
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, found.StatusCode(), string(found.Body))
	require.NotEmpty(t, found.JSON200.Data)
	require.Equal(t, some.Name, found.JSON200.Data[0].Name)

	common := scale.Words()[0]
	found, err = shop.Guest.SearchProductsWithResponse(t.Context(), &client.SearchProductsParams{Q: &common, Limit: &limit})
	require.NoError(t, err)
	require.Len(t, found.JSON200.Data, int(limit))
}
