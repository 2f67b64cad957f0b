package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"cartwright/gen/client"
	"cartwright/internal/app/shoptest"
)

// keyOf is an API key made by who asks, for these scopes.
func keyOf(t *testing.T, as *client.ClientWithResponses, scopes ...client.StaffPermission) client.APIKey {
	t.Helper()
	made, err := as.CreateAPIKeyWithResponse(t.Context(), client.APIKeyCreate{Name: "Warehouse", Scopes: scopes})
	require.NoError(t, err)
	require.Equal(t, http.StatusCreated, made.StatusCode(), string(made.Body))
	return *made.JSON201
}

// takesKey tells that the spec offers the operation to API keys.
func (o operation) takesKey() bool {
	for _, way := range *o.described.Security {
		if way["apiKey"] != nil {
			return true
		}
	}
	return false
}

func TestAKeyIsShownOnceAndWorksUntilItIsRevoked(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, shoptest.WithoutJobs())
	made := keyOf(t, shop.Admin, client.StaffPermissionOrdersRead)
	require.True(t, strings.HasPrefix(*made.Key, made.Prefix))
	require.True(t, strings.HasPrefix(made.Prefix, "ck_test_"), "payments are not real here")
	ask := func(header map[string]string) answer {
		return send(t, shop, call{method: http.MethodGet, path: "/orders", header: header})
	}
	ways := []map[string]string{
		{"Authorization": "Bearer " + *made.Key}, {"X-Api-Key": *made.Key},
		{"X-Api-Key": *made.Key, "Cookie": "cartwright_access=stale"},
	}
	for _, way := range ways {
		require.Equal(t, http.StatusOK, ask(way).status)
	}
	require.Equal(t, "invalid_token", requireProblem(t, ask(map[string]string{"X-Api-Key": made.Prefix}), http.StatusUnauthorized).Code)
	listed, err := shop.Admin.ListAPIKeysWithResponse(t.Context(), nil)
	require.NoError(t, err)
	require.NotContains(t, string(listed.Body), *made.Key)
	require.Len(t, listed.JSON200.Data, 1)
	require.NotNil(t, listed.JSON200.Data[0].LastUsedAt)
	revoke := func() *client.RevokeAPIKeyResponse {
		got, err := shop.Admin.RevokeAPIKeyWithResponse(t.Context(), made.ID, nil)
		require.NoError(t, err)
		return got
	}
	require.Equal(t, http.StatusNoContent, revoke().StatusCode())
	require.Equal(t, "api_key_not_found", revoke().ApplicationProblemJSON404.Code)
	for _, way := range ways {
		require.Equal(t, "invalid_token", requireProblem(t, ask(way), http.StatusUnauthorized).Code)
	}
}

func TestAKeyThatCannotBeIsNotMade(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, shoptest.WithoutJobs())
	create := func(as *client.ClientWithResponses, body client.APIKeyCreate) *client.CreateAPIKeyResponse {
		got, err := as.CreateAPIKeyWithResponse(t.Context(), body)
		require.NoError(t, err)
		return got
	}
	permit(t, shop, "staff@example.com", "settings:write", "orders:read")
	orders := []client.StaffPermission{client.StaffPermissionOrdersRead}
	more := create(shop.Staff, client.APIKeyCreate{Name: "erp", Scopes: append(orders, client.StaffPermissionRefundsWrite)})
	require.Equal(t, "scope_not_held", more.ApplicationProblemJSON403.Code)
	require.Equal(t, "scopes", more.ApplicationProblemJSON403.Errors[0].Field)
	for _, at := range []string{"2020-01-01T00:00:00Z", "2099-02-30T00:00:00Z", "2099-01-01T25:00:00Z", "tomorrow"} {
		got := create(shop.Staff, client.APIKeyCreate{Name: "erp", Scopes: orders, ExpiresAt: &at})
		require.Equal(t, "expiresAt", got.ApplicationProblemJSON422.Errors[0].Field, at)
	}
	manage := create(shop.Admin, client.APIKeyCreate{Name: "erp", Scopes: []client.StaffPermission{"staff:manage"}})
	require.Equal(t, http.StatusUnprocessableEntity, manage.StatusCode())
	for range 50 {
		made := create(shop.Staff, client.APIKeyCreate{Name: "erp", Scopes: orders, ExpiresAt: ptr("2099-01-01T01:00:00.5+01:00")})
		require.Equal(t, http.StatusCreated, made.StatusCode(), string(made.Body))
	}
	require.Equal(t, "too_many_api_keys", create(shop.Staff, client.APIKeyCreate{Name: "erp", Scopes: orders}).ApplicationProblemJSON409.Code)
}

func TestAKeyIsWorthNothingWhereNoneIsOffered(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, shoptest.WithoutJobs())
	key := *keyOf(t, shop.Admin, allScopes()...).Key
	before, refused := contents(t, shop), 0
	for _, o := range operations(t) {
		if o.described.Responses.Status(http.StatusUnauthorized) == nil || len(*o.described.Security) == 1 && o.permission == "public" || o.takesKey() {
			continue
		}
		for _, header := range []map[string]string{{"Authorization": "Bearer " + key}, {"X-Api-Key": key}} {
			got := send(t, shop, call{method: o.method, path: o.address("", ""), header: header, body: "{}", media: o.media()})
			require.Equal(t, "invalid_token", requireProblem(t, got, http.StatusUnauthorized).Code, o.id)
			refused++
		}
	}
	require.Greater(t, refused, 40)
	require.Equal(t, before, contents(t, shop))
}

func allScopes() []client.StaffPermission {
	return []client.StaffPermission{
		client.StaffPermissionCatalogueRead, client.StaffPermissionCatalogueWrite, client.StaffPermissionInventoryRead,
		client.StaffPermissionInventoryWrite, client.StaffPermissionOrdersRead, client.StaffPermissionOrdersWrite,
		client.StaffPermissionRefundsWrite, client.StaffPermissionCustomersRead, client.StaffPermissionCustomersWrite,
		client.StaffPermissionReportsRead, client.StaffPermissionSettingsRead, client.StaffPermissionSettingsWrite,
	}
}

func TestAKeyIsACallerOfItsOwn(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, shoptest.WithoutJobs(), shoptest.WithoutWebhooks())
	made := keyOf(t, shop.Admin, client.StaffPermissionCatalogueWrite, client.StaffPermissionOrdersWrite)
	other := keyOf(t, shop.Admin, client.StaffPermissionCatalogueWrite)
	idempotency := uuid.NewString()
	create := func(token, slug string) answer {
		return send(t, shop, call{
			method: http.MethodPost, path: "/categories", token: token, body: fmt.Sprintf(`{"name":%q,"slug":%q}`, slug, slug),
		}.under(idempotency))
	}
	first := create(*made.Key, "first")
	require.Equal(t, http.StatusCreated, first.status, first.body)
	require.Equal(t, first.body, create(*made.Key, "first").body)
	for name, token := range map[string]string{"another-key": *other.Key, "who-made-it": shop.Login("admin@example.com").AccessToken} {
		got := create(token, name)
		require.Equal(t, http.StatusCreated, got.status, "%s: %s", name, got.body)
		require.Empty(t, got.header.Get("Idempotency-Replayed"))
	}

	order := shop.Order(1, shop.Product(1))
	cancelled := send(t, shop, call{method: http.MethodPost, path: "/orders/" + order.ID.String() + "/cancel", token: *made.Key, body: "{}"})
	require.Equal(t, http.StatusOK, cancelled.status, cancelled.body)
	var actor string
	require.NoError(t, shop.DB.QueryRow(t.Context(),
		`SELECT actor FROM order_events WHERE order_id = $1 ORDER BY sequence DESC LIMIT 1`, order.ID).Scan(&actor))
	require.Equal(t, "key:"+made.ID.String(), actor)
}

func TestAKeyHasALimitOfItsOwn(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, everywhere, shoptest.WithoutJobs(), shoptest.WithLimits(100))
	admin := shop.Login("admin@example.com").AccessToken
	key := *keyOf(t, shop.Admin, client.StaffPermissionOrdersRead).Key
	ask := func(token string) (allowed int) {
		for i := range 120 {
			if send(t, shop, call{method: http.MethodGet, path: "/orders", token: token}.from(i)).status == http.StatusOK {
				allowed++
			}
		}
		return allowed
	}
	require.InDelta(t, 50, ask(key), 10)
	require.InDelta(t, 50, ask(admin), 10, "who made it is not slowed down by it")
}

func TestAKeySeesOfTheCatalogueWhatItsScopesSay(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, shoptest.WithoutJobs())
	draft := client.ProductStatusDRAFT
	product := shop.Product(1, func(p *client.ProductCreate) { p.Status = &draft })
	for scope, want := range map[client.StaffPermission]int{
		client.StaffPermissionCatalogueRead: http.StatusOK, client.StaffPermissionOrdersRead: http.StatusNotFound,
	} {
		key := *keyOf(t, shop.Admin, scope).Key
		got := send(t, shop, call{method: http.MethodGet, path: "/products/" + product.Slug, header: map[string]string{"X-Api-Key": key}})
		require.Equal(t, want, got.status, got.body)
		if want == http.StatusOK {
			require.Equal(t, "private, no-cache", got.header.Get("Cache-Control"), "it is nobody else's")
		}
	}
	order := shop.Order(1, shop.Product(1))
	for scope, want := range map[client.StaffPermission]int{
		client.StaffPermissionOrdersRead: http.StatusOK, client.StaffPermissionCatalogueRead: http.StatusNotFound,
	} {
		key := *keyOf(t, shop.Admin, scope).Key
		require.Equal(t, want, send(t, shop, call{method: http.MethodGet, path: "/orders/" + order.ID.String(), token: key}).status)
	}
}
