package api_test

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"testing"

	"github.com/google/uuid"
	"github.com/oapi-codegen/nullable"
	"github.com/stretchr/testify/require"

	"cartwright/gen/client"
	"cartwright/internal/app/shoptest"
)

// category adds one whose name is its slug.
func category(t *testing.T, shop *shoptest.Shop, slug string, parent *uuid.UUID) client.Category {
	t.Helper()
	made, err := shop.Admin.CreateCategoryWithResponse(t.Context(), nil, client.CategoryCreate{Name: slug, Slug: slug, ParentID: parent})
	require.NoError(t, err)
	require.Equal(t, http.StatusCreated, made.StatusCode(), string(made.Body))
	return *made.JSON201
}

// move puts one category below another; nil is the top. It may be called from many goroutines.
func move(t *testing.T, shop *shoptest.Shop, id uuid.UUID, parent *uuid.UUID) *client.UpdateCategoryResponse {
	to := nullable.NewNullNullable[uuid.UUID]()
	if parent != nil {
		to = nullable.NewNullableWithValue(*parent)
	}
	got, err := shop.Admin.UpdateCategoryWithApplicationMergePatchPlusJSONBodyWithResponse(t.Context(), id.String(), nil, client.CategoryPatch{ParentID: to})
	if err != nil {
		t.Error(err)
	}
	return got
}

// shape writes a tree as slugs with those below them in brackets.
func shape(nodes []client.CategoryNode) (text string) {
	for i, node := range nodes {
		if i > 0 {
			text += " "
		}
		if text += node.Slug; len(node.Children) > 0 {
			text += "(" + shape(node.Children) + ")"
		}
	}
	return text
}

func TestCategoriesAreATree(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, shoptest.WithoutJobs())
	tree := func(as *client.ClientWithResponses) string {
		read, err := as.GetCategoryTreeWithResponse(t.Context())
		require.NoError(t, err)
		require.Equal(t, http.StatusOK, read.StatusCode(), string(read.Body))
		return shape(read.JSON200.Data)
	}
	require.Empty(t, tree(shop.Guest))
	b := category(t, shop, "b", nil)
	a := category(t, shop, "a", nil)
	under := category(t, shop, "under", &a.ID)
	category(t, shop, "deep", &under.ID)
	last, err := shop.Admin.CreateCategoryWithResponse(t.Context(), nil, client.CategoryCreate{
		Name: "last", Slug: "last", ParentID: &a.ID, SortOrder: ptr[int32](2),
	})
	require.NoError(t, err)
	require.Equal(t, http.StatusCreated, last.StatusCode())
	require.Equal(t, "a(under(deep) last) b", tree(shop.Guest))

	hidden, err := shop.Admin.UpdateCategoryWithApplicationMergePatchPlusJSONBodyWithResponse(t.Context(), "under", nil, client.CategoryPatch{IsActive: ptr(false)})
	require.NoError(t, err)
	require.False(t, hidden.JSON200.IsActive)
	require.Equal(t, "a(last) b", tree(shop.Guest), "what is below a hidden one is hidden with it")
	require.Equal(t, "a(under(deep) last) b", tree(shop.Staff))

	require.Equal(t, http.StatusOK, move(t, shop, a.ID, &b.ID).StatusCode())
	require.Equal(t, "b(a(under(deep) last))", tree(shop.Staff), "what is below moves along")
	require.Nil(t, move(t, shop, under.ID, nil).JSON200.ParentID)
	require.Equal(t, "b(a(last)) under(deep)", tree(shop.Staff))
}

func TestATreeOfCategoriesHasNoCircleAndNoEnd(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, shoptest.WithoutJobs())
	var path []client.Category
	for i := range 20 {
		var parent *uuid.UUID
		if i > 0 {
			parent = &path[i-1].ID
		}
		path = append(path, category(t, shop, fmt.Sprintf("level-%02d", i), parent))
	}
	refused := func(status int, problem *client.UnprocessableResult, code string) {
		t.Helper()
		require.Equal(t, http.StatusUnprocessableEntity, status)
		require.Equal(t, "parentId "+code, problem.Errors[0].Field+" "+problem.Errors[0].Code)
	}
	for _, below := range []int{3, 4, 19} {
		got := move(t, shop, path[3].ID, &path[below].ID)
		refused(got.StatusCode(), got.ApplicationProblemJSON422, "category_cycle")
	}
	deeper, err := shop.Admin.CreateCategoryWithResponse(t.Context(), nil, client.CategoryCreate{Name: "x", Slug: "x", ParentID: &path[19].ID})
	require.NoError(t, err)
	refused(deeper.StatusCode(), deeper.ApplicationProblemJSON422, "category_too_deep")
	other := category(t, shop, "other", nil)
	got := move(t, shop, path[0].ID, &other.ID)
	refused(got.StatusCode(), got.ApplicationProblemJSON422, "category_too_deep")
	got = move(t, shop, path[1].ID, &other.ID)
	require.Equal(t, http.StatusOK, got.StatusCode(), "as deep as it was")
}

func TestMovesAtOnceNeverMakeACircle(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, shoptest.WithoutJobs())
	var all []client.Category
	for i := range 6 {
		all = append(all, category(t, shop, fmt.Sprintf("c-%d", i), nil))
	}
	for round := range 10 {
		shoptest.Together(12, func(i int) {
			from, to := all[i%len(all)], all[rand.IntN(len(all))]
			if got := move(t, shop, from.ID, &to.ID); got != nil && got.StatusCode() != http.StatusOK && got.StatusCode() != http.StatusUnprocessableEntity {
				t.Errorf("answered %d: %s", got.StatusCode(), got.Body)
			}
		})
		var reachable int
		require.NoError(t, shop.DB.QueryRow(t.Context(), `
			WITH RECURSIVE down AS (
				SELECT id FROM categories WHERE parent_id IS NULL
				UNION ALL SELECT c.id FROM down JOIN categories c ON c.parent_id = down.id
			) SELECT count(*) FROM down`).Scan(&reachable))
		require.Equal(t, len(all), reachable, "round %d: whatever is in a circle is below nothing", round)
	}
}

func TestACategoryIsDeletedWhenItIsEmpty(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, shoptest.WithoutJobs())
	product := shop.Product(1)
	full := product.CategoryID
	child := category(t, shop, "child", &full)
	grandchild := category(t, shop, "grandchild", &child.ID)
	target := category(t, shop, "target", nil)
	remove := func(id uuid.UUID, moveTo *string) *client.DeleteCategoryResponse {
		got, err := shop.Admin.DeleteCategoryWithResponse(t.Context(), id.String(), &client.DeleteCategoryParams{MoveTo: moveTo})
		require.NoError(t, err)
		return got
	}
	before := contents(t, shop)
	require.Equal(t, "category_not_empty", remove(full, nil).ApplicationProblemJSON409.Code)
	require.Equal(t, "category_not_empty", remove(child.ID, nil).ApplicationProblemJSON409.Code)
	for name, moveTo := range map[string]string{
		"itself": full.String(), "below": child.ID.String(), "further below": grandchild.Slug, "unknown": uuid.NewString(), "unknown slug": "nothing",
	} {
		got := remove(full, &moveTo)
		require.Equal(t, http.StatusUnprocessableEntity, got.StatusCode(), name)
		require.Equal(t, client.FieldLocationQUERY, got.ApplicationProblemJSON422.Errors[0].In)
		require.Equal(t, "moveTo", got.ApplicationProblemJSON422.Errors[0].Field)
	}
	require.Equal(t, before, contents(t, shop))

	got := remove(full, ptr("target"))
	require.Equal(t, http.StatusNoContent, got.StatusCode(), string(got.Body))
	require.Empty(t, got.Body)
	require.Equal(t, target.ID, shop.ReadProduct(product.ID).CategoryID)
	moved, err := shop.Guest.GetCategoryWithResponse(t.Context(), "child")
	require.NoError(t, err)
	require.Equal(t, target.ID, *moved.JSON200.ParentID)
	require.Equal(t, http.StatusNotFound, remove(full, nil).StatusCode())
	require.Equal(t, http.StatusNoContent, remove(grandchild.ID, nil).StatusCode())
}

func TestWhatIsInACategoryFitsWhereTheCategoryWouldNot(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, shoptest.WithoutJobs())
	var deepest *uuid.UUID
	for level := range 20 {
		deepest = ptr(category(t, shop, fmt.Sprintf("level-%d", level+1), deepest).ID)
	}
	product := shop.Product(1)
	got, err := shop.Admin.DeleteCategoryWithResponse(t.Context(), product.CategoryID.String(), &client.DeleteCategoryParams{MoveTo: ptr(deepest.String())})
	require.NoError(t, err)
	require.Equal(t, http.StatusNoContent, got.StatusCode(), string(got.Body))
	require.Equal(t, *deepest, shop.ReadProduct(product.ID).CategoryID)

	parent := category(t, shop, "parent", nil)
	category(t, shop, "child", &parent.ID)
	got, err = shop.Admin.DeleteCategoryWithResponse(t.Context(), "parent", &client.DeleteCategoryParams{MoveTo: ptr("level-20")})
	require.NoError(t, err)
	require.Equal(t, "category_too_deep", got.ApplicationProblemJSON422.Errors[0].Code, string(got.Body))
	got, err = shop.Admin.DeleteCategoryWithResponse(t.Context(), "parent", &client.DeleteCategoryParams{MoveTo: ptr("level-19")})
	require.NoError(t, err)
	require.Equal(t, http.StatusNoContent, got.StatusCode(), string(got.Body))
}

func TestACategoryThatIsWrittenAsItWasHasNotChanged(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, shoptest.WithoutJobs())
	admin := shop.Login("admin@example.com").AccessToken
	path := "/categories/" + category(t, shop, "shelf", nil).ID.String()
	change := func(body string) string {
		got := send(t, shop, call{method: http.MethodPatch, path: path, body: body, token: admin, media: mergePatch})
		require.Equal(t, http.StatusOK, got.status, got.body)
		return got.header.Get("ETag")
	}
	first := change(`{"sortOrder":7}`)
	require.Equal(t, first, change(`{"sortOrder":7,"name":"shelf","parentId":null}`))
	require.NotEqual(t, first, change(`{"sortOrder":8}`))
}

func TestNoProductIsLeftBehindInADeletedCategory(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, shoptest.WithoutJobs())
	target := category(t, shop, "target", nil)
	for range 10 {
		old := category(t, shop, "old-"+uuid.NewString(), nil)
		shoptest.Together(6, func(i int) {
			if i == 0 {
				got, err := shop.Admin.DeleteCategoryWithResponse(t.Context(), old.ID.String(), &client.DeleteCategoryParams{MoveTo: &target.Slug})
				if err != nil || got.StatusCode() != http.StatusNoContent {
					t.Errorf("delete: %v %s", err, got.Body)
				}
				return
			}
			made, err := shop.Admin.CreateProductWithResponse(t.Context(), nil, client.ProductCreate{
				Name: "n", SKU: uuid.NewString(), Price: "1", CategoryID: old.ID,
			})
			if err != nil || (made.StatusCode() != http.StatusCreated && made.StatusCode() != http.StatusUnprocessableEntity) {
				t.Errorf("create: %v %s", err, made.Body)
			}
		})
	}
}
