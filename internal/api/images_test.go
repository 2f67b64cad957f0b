package api_test

import (
	"context"
	"fmt"
	"net/http"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"cartwright/gen/client"
	"cartwright/internal/app/shoptest"
)

// pictured is a product with this many pictures somewhere else, and their ids in order.
func pictured(t *testing.T, shop *shoptest.Shop, n int) (client.Product, []uuid.UUID) {
	t.Helper()
	product := shop.Product(1, func(p *client.ProductCreate) {
		for i := range n {
			p.Images = append(p.Images, client.ProductImageCreate{URL: fmt.Sprintf("https://example.com/%d.jpg", i)})
		}
	})
	return product, idsOf(product.Images)
}

func idsOf(images []client.ProductImage) []uuid.UUID {
	ids := make([]uuid.UUID, len(images))
	for i, image := range images {
		ids[i] = image.ID
	}
	return ids
}

func requireOrder(t *testing.T, shop *shoptest.Shop, product client.Product, want ...uuid.UUID) {
	t.Helper()
	images := shop.ReadProduct(product.ID).Images
	require.Equal(t, want, idsOf(images))
	for i, image := range images {
		require.EqualValues(t, i, image.SortOrder)
	}
}

func TestAPictureIsAddedWhereItShallStand(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, shoptest.WithoutJobs())
	product, ids := pictured(t, shop, 2)
	add := func(position *int32) client.ProductImage {
		got, err := shop.Admin.AddProductImageWithResponse(t.Context(), product.Slug, nil, client.ProductImageAdd{
			URL: "https://example.com/new.jpg", AltText: ptr("new"), Position: position,
		})
		require.NoError(t, err)
		require.Equal(t, http.StatusCreated, got.StatusCode(), string(got.Body))
		return *got.JSON201
	}
	last, first, middle, beyond := add(nil), add(ptr(int32(0))), add(ptr(int32(2))), add(ptr(int32(19)))
	requireOrder(t, shop, product, first.ID, ids[0], middle.ID, ids[1], last.ID, beyond.ID)
	require.Equal(t, []int32{2, 0, 2, 5}, []int32{last.SortOrder, first.SortOrder, middle.SortOrder, beyond.SortOrder})
	require.Equal(t, "new", *first.AltText)
	require.Nil(t, first.Thumbnails, "nothing is known of a picture somewhere else")
	require.Nil(t, first.Width)
	require.True(t, shop.ReadProduct(product.ID).UpdatedAt.After(product.UpdatedAt))
}

func TestAProductHasAtMostTwentyPictures(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, shoptest.WithoutJobs())
	product, _ := pictured(t, shop, 15)
	statuses := make([]int, 10)
	shoptest.Together(len(statuses), func(i int) {
		got, err := shop.Admin.AddProductImageWithResponse(t.Context(), product.ID.String(), nil, client.ProductImageAdd{URL: "https://example.com/x"})
		if err == nil {
			statuses[i] = got.StatusCode()
			if got.ApplicationProblemJSON409 != nil && got.ApplicationProblemJSON409.Code != "too_many_images" {
				statuses[i] = 0
			}
		}
	})
	count := map[int]int{}
	for _, status := range statuses {
		count[status]++
	}
	require.Equal(t, map[int]int{http.StatusCreated: 5, http.StatusConflict: 5}, count)
	requireOrder(t, shop, product, idsOf(shop.ReadProduct(product.ID).Images)...)
	require.Len(t, shop.ReadProduct(product.ID).Images, 20)
}

func TestPicturesArePutInAnyOrder(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, shoptest.WithoutJobs())
	product, ids := pictured(t, shop, 4)
	_, others := pictured(t, shop, 1)
	put := func(order ...uuid.UUID) *client.ReorderProductImagesResponse {
		got, err := shop.Admin.ReorderProductImagesWithResponse(t.Context(), product.Slug, nil, client.ProductImageOrder{ImageIds: order})
		require.NoError(t, err)
		return got
	}
	done := put(ids[2], ids[0], ids[3], ids[1])
	require.Equal(t, http.StatusOK, done.StatusCode(), string(done.Body))
	require.Equal(t, []uuid.UUID{ids[2], ids[0], ids[3], ids[1]}, idsOf(done.JSON200.Data))
	requireOrder(t, shop, product, ids[2], ids[0], ids[3], ids[1])

	before := contents(t, shop)
	for name, order := range map[string][]uuid.UUID{
		"one is missing": ids[:3], "one stands twice": {ids[0], ids[1], ids[2], ids[2]}, "one more": append(ids[:4:4], uuid.New()),
		"one of another product": {ids[0], ids[1], ids[2], others[0]}, "one twice and all": append(ids[:4:4], ids[0]), "none": {},
	} {
		got := put(order...)
		require.Equal(t, http.StatusUnprocessableEntity, got.StatusCode(), name)
		require.Equal(t, "imageIds", got.ApplicationProblemJSON422.Errors[0].Field, name)
		require.Equal(t, "not_all", got.ApplicationProblemJSON422.Errors[0].Code, name)
	}
	require.Equal(t, before, contents(t, shop))
}

func TestAPictureIsTakenAway(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, shoptest.WithoutJobs())
	product, ids := pictured(t, shop, 3)
	other, others := pictured(t, shop, 1)
	remove := func(of client.Product, id uuid.UUID) *client.DeleteProductImageResponse {
		got, err := shop.Admin.DeleteProductImageWithResponse(t.Context(), of.Slug, id, nil)
		require.NoError(t, err)
		return got
	}
	done := remove(product, ids[1])
	require.Equal(t, http.StatusOK, done.StatusCode(), string(done.Body))
	require.Equal(t, []uuid.UUID{ids[0], ids[2]}, idsOf(done.JSON200.Data))
	requireOrder(t, shop, product, ids[0], ids[2])
	for _, id := range []uuid.UUID{ids[1], others[0], uuid.New()} {
		got := remove(product, id)
		require.Equal(t, http.StatusNotFound, got.StatusCode())
		require.Equal(t, "product_image_not_found", got.ApplicationProblemJSON404.Code)
	}
	requireOrder(t, shop, other, others...)
	empty := remove(other, others[0])
	require.NotNil(t, empty.JSON200.Data)
	require.Empty(t, empty.JSON200.Data)
}

func TestAPictureIsDescribedAnewAndMoved(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, shoptest.WithoutJobs())
	product, ids := pictured(t, shop, 3)
	admin := shop.Login("admin@example.com").AccessToken
	change := func(id uuid.UUID, body string) answer {
		return send(t, shop, call{
			method: http.MethodPatch, path: "/products/" + product.Slug + "/images/" + id.String(), body: body, token: admin, media: mergePatch,
		})
	}
	described := change(ids[2], `{"altText":"A lamp"}`)
	require.Equal(t, http.StatusOK, described.status, described.body)
	require.Contains(t, described.body, "A lamp")
	require.Contains(t, change(ids[2], `{"position":0}`).body, `"sortOrder":0`)
	requireOrder(t, shop, product, ids[2], ids[0], ids[1])
	require.Equal(t, "A lamp", *shop.ReadProduct(product.ID).Images[0].AltText, "what is left out stays")
	tag := change(ids[2], `{"position":19}`).header.Get("ETag")
	requireOrder(t, shop, product, ids[0], ids[1], ids[2])
	require.Equal(t, tag, change(ids[2], `{"position":2,"altText":"A lamp"}`).header.Get("ETag"), "what changes nothing is no version")
	require.NotContains(t, change(ids[2], `{"altText":null}`).body, "altText")
	before := contents(t, shop)
	for body, field := range map[string]string{
		`{"position":-1}`: "position", `{"position":20}`: "position", `{"position":null}`: "position", `{"altText":7}`: "altText",
		`{"url":"https://example.com"}`: "url",
	} {
		requireField(t, change(ids[0], body), client.FieldLocationBODY, field)
	}
	require.Equal(t, "product_image_not_found", requireProblem(t, change(uuid.New(), `{"position":0}`), http.StatusNotFound).Code)
	require.Equal(t, before, contents(t, shop))
}

func TestAKeyOfAPicturesCommandIsInUseWhileItRuns(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, shoptest.WithoutJobs())
	product, ids := pictured(t, shop, 1)
	token := shop.Login("admin@example.com").AccessToken
	images := "/products/" + product.Slug + "/images"
	for _, c := range []call{
		{method: http.MethodPut, path: images + "/order", body: toJSON(t, map[string]any{"imageIds": ids}), token: token},
		{method: http.MethodPatch, path: images + "/" + ids[0].String(), body: `{"position":0}`, token: token, media: mergePatch},
		{method: http.MethodDelete, path: images + "/" + ids[0].String(), token: token},
	} {
		key := uuid.NewString()
		var user string
		require.NoError(t, shop.DB.QueryRow(t.Context(), `SELECT id FROM users WHERE email = 'admin@example.com'`).Scan(&user))
		tx, err := shop.DB.Pool().BeginTx(t.Context(), pgx.TxOptions{})
		require.NoError(t, err)
		t.Cleanup(func() { _ = tx.Rollback(context.WithoutCancel(t.Context())) })
		_, err = tx.Exec(t.Context(), `SELECT pg_advisory_xact_lock(hashtextextended($1 || chr(31) || $2, 0))`,
			"user:"+user+" "+c.method+" /api/v1"+c.path, key)
		require.NoError(t, err)
		busy := send(t, shop, c.under(key))
		require.Equal(t, "idempotency_key_in_use", requireProblem(t, busy, http.StatusConflict).Code)
		require.NoError(t, tx.Rollback(t.Context()))
		require.Equal(t, http.StatusOK, send(t, shop, c.under(key)).status)
	}
}
