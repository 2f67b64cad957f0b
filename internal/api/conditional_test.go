package api_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"cartwright/gen/client"
	"cartwright/internal/app/shoptest"
)

// kept are the reads that the spec marks as cacheable, with an address each that answers something.
func kept(t *testing.T, product client.Product) map[string]string {
	t.Helper()
	found := map[string]string{}
	for _, o := range operations(t) {
		if o.described.Extensions["x-cacheable"] != true {
			continue
		}
		id := product.ID
		if strings.HasPrefix(o.path, "/categories") {
			id = product.CategoryID
		}
		address, join := o.address("idOrSlug", id.String()), "?"
		for _, p := range o.described.Parameters {
			if p.Value.In == "query" && p.Value.Required {
				address, join = fmt.Sprintf("%s%s%s=%v", address, join, p.Value.Name, p.Value.Example), "&"
			}
		}
		found[o.id] = address
	}
	require.GreaterOrEqual(t, len(found), 9)
	return found
}

func TestWhoHasAnAnswerIsToldSo(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, shoptest.WithoutJobs())
	staff := shop.Login("staff@example.com").AccessToken
	for id, path := range kept(t, shop.Product(1)) {
		for who, token := range map[string]string{"everybody": "", "staff": staff} {
			t.Run(id+" for "+who, func(t *testing.T) {
				read := func(tags ...string) answer {
					c := call{method: http.MethodGet, path: path, token: token, header: map[string]string{"Accept-Encoding": "identity"}}
					if len(tags) > 0 {
						c.header["If-None-Match"] = strings.Join(tags, ", ")
					}
					return send(t, shop, c)
				}
				first := read()
				require.Equal(t, http.StatusOK, first.status, first.body)
				tag, keep := first.header.Get("ETag"), first.header.Get("Cache-Control")
				require.Regexp(t, `^"(\d+-)?[0-9a-f]{16}"$`, tag)
				if token == "" {
					require.Equal(t, "public, max-age=0, s-maxage=1", keep)
				} else {
					require.Equal(t, "private, no-cache", keep)
				}
				require.ElementsMatch(t, []string{"Accept-Encoding", "Authorization, Cookie, X-Api-Key"}, first.header.Values("Vary"))
				require.Equal(t, tag, read().header.Get("ETag"), "the same every time")
				for _, has := range [][]string{{tag}, {"*"}, {"W/" + tag}, {`"other"`, tag}, {`W/"other"`, "W/" + tag}} {
					again := read(has...)
					require.Equal(t, http.StatusNotModified, again.status, has)
					require.Empty(t, again.body)
					require.Equal(t, tag, again.header.Get("ETag"))
					require.Equal(t, keep, again.header.Get("Cache-Control"))
					require.ElementsMatch(t, []string{"Accept-Encoding", "Authorization, Cookie, X-Api-Key"}, again.header.Values("Vary"))
					require.Empty(t, again.header.Get("Content-Type"))
				}
				for _, hasNot := range []string{`"other"`, `nonsense`, strings.Trim(tag, `"`), strings.ToUpper(tag) + "x", ","} {
					require.Equal(t, first.body, read(hasNot).body, hasNot)
				}
			})
		}
	}
}

func TestATagChangesWithWhatIsSeen(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, shoptest.WithoutJobs())
	staff := shop.Login("staff@example.com").AccessToken
	product := shop.Product(5, func(p *client.ProductCreate) { p.CostPrice = ptr(client.Money("77.77")) })
	path := "/products/" + product.ID.String()
	read := func(token string) answer {
		return send(t, shop, call{method: http.MethodGet, path: path, token: token})
	}
	public, theirs := read(""), read(staff)
	require.NotContains(t, public.body, "77.77")
	require.Contains(t, theirs.body, "77.77")
	require.NotEqual(t, public.header.Get("ETag"), theirs.header.Get("ETag"), "what staff see is another answer")
	cross := send(t, shop, call{method: http.MethodGet, path: path, header: map[string]string{"If-None-Match": theirs.header.Get("ETag")}})
	require.Equal(t, public.body, cross.body)

	shop.Order(1, product)
	sold := read("")
	require.NotEqual(t, public.header.Get("ETag"), sold.header.Get("ETag"))
	version := func(a answer) string { before, _, _ := strings.Cut(a.header.Get("ETag"), "-"); return before }
	require.Equal(t, version(public), version(sold), "a sale is no change of the product")
}

func TestAnErrorIsKeptByNobody(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, shoptest.WithoutJobs())
	for path, status := range map[string]int{
		"/products/nothing": http.StatusNotFound, "/products?limit=0": http.StatusUnprocessableEntity, "/categories/nothing": http.StatusNotFound,
	} {
		got := send(t, shop, call{method: http.MethodGet, path: path, header: map[string]string{"If-None-Match": "*"}})
		requireProblem(t, got, status)
		require.Equal(t, "no-store", got.header.Get("Cache-Control"))
		require.Empty(t, got.header.Get("ETag"))
	}
}

// guarded is a good call of every operation that takes If-Match, each on a thing of its own.
func guarded(t *testing.T, shop *shoptest.Shop, admin string) map[string]func() call {
	t.Helper()
	product := func() string { return "/products/" + shop.Product(1).ID.String() }
	variant := func() string {
		made := shop.Product(1, func(p *client.ProductCreate) {
			p.Variants = []client.ProductVariantCreate{{Name: "v", SKU: uuid.NewString()}}
		})
		return "/products/" + made.ID.String() + "/variants/" + made.Variants[1].ID.String()
	}
	shelf := func() string { return "/categories/" + category(t, shop, "c-"+uuid.NewString(), nil).ID.String() }
	to := func(method string, at func() string, more, body string) func() call {
		return func() call {
			c := call{method: method, path: at() + more, body: strings.ReplaceAll(body, "UNIQUE", uuid.NewString()), token: admin}
			if method == http.MethodPatch {
				c.media = mergePatch
			}
			return c
		}
	}
	image := func() string {
		made, ids := pictured(t, shop, 2)
		return "/products/" + made.ID.String() + "/images/" + ids[1].String()
	}
	return map[string]func() call{
		"addProductImage":    to(http.MethodPost, product, "/images", `{"url":"https://example.com/a.jpg"}`),
		"uploadProductImage": func() call { return upload(t, product()+"/images", admin, []byte(dot)) },
		"updateProductImage": to(http.MethodPatch, image, "", `{"position":0}`),
		"deleteProductImage": to(http.MethodDelete, image, "", ""),
		"reorderProductImages": func() call {
			made, ids := pictured(t, shop, 2)
			slices.Reverse(ids)
			return call{
				method: http.MethodPut, path: "/products/" + made.ID.String() + "/images/order", token: admin,
				body: toJSON(t, map[string]any{"imageIds": ids}),
			}
		},
		"updateCategory": to(http.MethodPatch, shelf, "", `{"sortOrder":3}`),
		"deleteCategory": to(http.MethodDelete, shelf, "", ""),
		"updateProduct":  to(http.MethodPatch, product, "", `{"price":3}`),
		"deleteProduct":  to(http.MethodDelete, product, "", ""),
		"archiveProduct": to(http.MethodPost, product, "/archive", ""),
		"createVariant":  to(http.MethodPost, product, "/variants", `{"name":"v","sku":"UNIQUE"}`),
		"updateVariant":  to(http.MethodPatch, variant, "", `{"weight":3}`),
		"deleteVariant":  to(http.MethodDelete, variant, "", ""),
	}
}

func TestWhoSawAnOldVersionChangesNothing(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, shoptest.WithoutJobs())
	admin := shop.Login("admin@example.com").AccessToken
	cases := guarded(t, shop, admin)
	for _, o := range operations(t) {
		if o.described.Parameters.GetByInAndName("header", "If-Match") == nil {
			continue
		}
		t.Run(o.id, func(t *testing.T) {
			require.Contains(t, cases, o.id, "say how it is called")
			c := cases[o.id]()
			read := "/" + strings.Join(strings.Split(c.path, "/")[1:3], "/")
			tag := func() string {
				return send(t, shop, call{method: http.MethodGet, path: read, token: admin}).header.Get("ETag")
			}
			with := func(c call, tags string) answer {
				return send(t, shop, c.matching(tags))
			}
			seen := tag()
			before := contents(t, shop)
			for _, stale := range []string{`"0-0123456789abcdef"`, `"other"`, `""`, "W/" + seen, `"7"`, `"-1-0"`, `"99999999999999999999-0"`} {
				require.Equal(t, "precondition_failed", requireProblem(t, with(c, stale), http.StatusPreconditionFailed).Code, stale)
			}
			require.Equal(t, before, contents(t, shop))
			require.Less(t, with(c, `"other", `+seen).status, 300)
			if c.method == http.MethodDelete && o.id != "deleteVariant" && o.id != "deleteProductImage" {
				require.Equal(t, http.StatusNotFound, with(c, seen).status)
			} else {
				require.NotEqual(t, seen, tag())
				require.Equal(t, http.StatusPreconditionFailed, with(c, seen).status, "it is an old one now")
			}
			require.Less(t, with(cases[o.id](), "*").status, 300)
			answered := with(cases[o.id](), "*")
			if answered.status != http.StatusNoContent {
				require.Regexp(t, `^"\d+-[0-9a-f]{16}"$`, answered.header.Get("ETag"))
			}
		})
	}
}

func TestTheTagOfAChangeIsThatOfTheNextRead(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, shoptest.WithoutJobs())
	admin := shop.Login("admin@example.com").AccessToken
	product := shop.Product(1)
	path := "/products/" + product.ID.String()
	changed := send(t, shop, call{method: http.MethodPatch, path: path, body: `{"price":3}`, token: admin, media: mergePatch})
	require.Equal(t, http.StatusOK, changed.status, changed.body)
	next := send(t, shop, call{method: http.MethodGet, path: path, token: admin}).header.Get("ETag")
	require.Equal(t, changed.header.Get("ETag"), strings.Replace(next, `-gzip"`, `"`, 1))
	same := send(t, shop, call{method: http.MethodPatch, path: path, body: `{"price":3.00}`, token: admin, media: mergePatch})
	require.Equal(t, changed.header.Get("ETag"), same.header.Get("ETag"), "what changes nothing is no version")
}

func TestOfManyWhoSawTheSameVersionOneChangesIt(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, shoptest.WithoutJobs())
	admin := shop.Login("admin@example.com").AccessToken
	for id, make := range guarded(t, shop, admin) {
		t.Run(id, func(t *testing.T) {
			c := make()
			read := "/" + strings.Join(strings.Split(c.path, "/")[1:3], "/")
			seen := send(t, shop, call{method: http.MethodGet, path: read, token: admin}).header.Get("ETag")
			c = c.matching(seen)
			statuses := [64]int{}
			shoptest.Together(len(statuses), func(i int) {
				mine := c
				switch id {
				case "updateProduct":
					mine.body = fmt.Sprintf(`{"price":%d}`, i+1000)
				case "updateVariant":
					mine.body = fmt.Sprintf(`{"weight":%d}`, i+1000)
				case "createVariant":
					mine.body = fmt.Sprintf(`{"name":"v","sku":"%s-%d"}`, uuid.NewString(), i)
				}
				statuses[i] = send(t, shop, mine).status
			})
			count := map[int]int{}
			for _, status := range statuses {
				count[status]++
			}
			won, lost := 0, 0
			for status, times := range count {
				if status < 300 {
					won += times
				} else {
					require.Contains(t, []int{http.StatusPreconditionFailed, http.StatusNotFound}, status)
					lost += times
				}
			}
			require.Equal(t, 1, won, count)
			require.Equal(t, 63, lost, count)
			if !strings.HasPrefix(id, "delete") {
				require.Equal(t, 63, count[http.StatusPreconditionFailed])
			}
		})
	}
}

func TestAStaleCommandMayBeTriedAgainUnderItsKey(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, shoptest.WithoutJobs())
	product, key := shop.Product(1), uuid.NewString()
	c := call{
		method: http.MethodPatch, path: "/products/" + product.ID.String(), body: `{"price":3}`, media: mergePatch,
		token: shop.Login("admin@example.com").AccessToken,
	}
	c.header = map[string]string{"Idempotency-Key": key, "If-Match": `"0-0"`}
	requireProblem(t, send(t, shop, c), http.StatusPreconditionFailed)
	c.header = map[string]string{"Idempotency-Key": key, "If-Match": "*"}
	first := send(t, shop, c)
	require.Equal(t, http.StatusOK, first.status, first.body)
	again := send(t, shop, c)
	require.Equal(t, "true", again.header.Get("Idempotency-Replayed"))
	require.Equal(t, first.header.Get("ETag"), again.header.Get("ETag"))

	c = call{method: http.MethodDelete, path: c.path, token: c.token}.under(uuid.NewString())
	for range 2 {
		gone := send(t, shop, c)
		require.Equal(t, http.StatusNoContent, gone.status, gone.body)
		require.Empty(t, gone.body)
		require.Empty(t, gone.header.Values("Content-Type"))
	}
}
