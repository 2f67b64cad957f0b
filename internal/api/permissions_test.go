package api_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"cartwright/internal/app/shoptest"
	"cartwright/internal/auth"
)

func TestEveryOperationKeepsItsPermission(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, shoptest.WithoutJobs())
	shop.User("customer@example.com", auth.Customer)
	tokens := map[string]string{"guest": ""}
	for _, role := range []string{"customer", "staff", "admin"} {
		tokens[role] = shop.Login(role + "@example.com").AccessToken
	}
	holders := map[string]string{ // who else may, beside the admin
		"catalogue:read": "staff admin", "catalogue:write": "admin", "inventory:read": "staff admin", "inventory:write": "staff admin", "orders:read": "staff admin", "orders:write": "staff admin", "refunds:write": "staff admin",
		"public": "guest customer staff admin", "signed-in": "customer staff admin", "staff:manage": "admin", "settings:read": "admin", "settings:write": "admin",
	}
	leaves := []string{"logoutUser", "logoutEverywhere"} // its token is worth nothing after
	for _, o := range operations(t) {
		if o.id == "loginUser" || o.id == "refreshTokens" {
			continue // they answer 401 by themselves
		}
		for role, token := range tokens {
			t.Run(o.id+"/"+role, func(t *testing.T) {
				require.Contains(t, holders, o.permission)
				if token != "" && slices.Contains(leaves, o.id) {
					leaver := strings.ToLower(o.id) + "-" + role + "@example.com"
					shop.User(leaver, auth.Role(role))
					token = shop.Login(leaver).AccessToken
				}
				got := send(t, shop, call{method: o.method, path: o.address("", ""), token: token, body: "{}", media: o.media()})
				switch {
				case strings.Contains(holders[o.permission], role):
					require.NotContains(t, []int{http.StatusUnauthorized, http.StatusForbidden}, got.status, got.body)
				case role == "guest":
					require.Equal(t, "unauthenticated", requireProblem(t, got, http.StatusUnauthorized).Code)
					require.Contains(t, got.header.Get("WWW-Authenticate"), "Bearer")
				default:
					require.Equal(t, "forbidden", requireProblem(t, got, http.StatusForbidden).Code)
				}
			})
		}
	}
}

func TestABadTokenIsRefusedWhereverOneMeansSomething(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, shoptest.WithoutJobs())
	good := shop.Login("admin@example.com").AccessToken
	last := "A"
	if strings.HasSuffix(good, "A") {
		last = "Q"
	}
	bad := []string{
		"Bearer", "Bearer ", "Bearer x", "Basic " + good, "Bearer " + good[:len(good)-1] + last, "Bearer " + good + ".x",
		"Bearer " + shop.Login("admin@example.com").RefreshToken, good,
	}
	for _, o := range operations(t) {
		if o.described.Responses.Status(http.StatusUnauthorized) == nil || len(*o.described.Security) == 1 && o.permission == "public" {
			continue
		}
		t.Run(o.id, func(t *testing.T) {
			for _, header := range bad {
				got := send(t, shop, call{
					method: o.method, path: o.address("", ""), header: map[string]string{"Authorization": header},
				})
				require.Equal(t, "invalid_token", requireProblem(t, got, http.StatusUnauthorized).Code, header)
			}
		})
	}
}

func TestSigningInWorksWithAStaleTokenAtHand(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, shoptest.WithoutJobs())
	stale := map[string]string{"Authorization": "Bearer stale"}
	login := send(t, shop, call{
		method: http.MethodPost, path: "/auth/login", header: stale,
		body: `{"email":"admin@example.com","password":"` + shoptest.Password + `"}`,
	})
	require.Equal(t, http.StatusOK, login.status, login.body)
	refresh := send(t, shop, call{
		method: http.MethodPost, path: "/auth/refresh", header: stale,
		body: toJSON(t, map[string]string{"refreshToken": shop.Login("admin@example.com").RefreshToken}),
	})
	require.Equal(t, http.StatusOK, refresh.status, refresh.body)
}
