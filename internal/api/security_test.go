package api_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"cartwright/gen/client"
	"cartwright/internal/app"
	"cartwright/internal/app/shoptest"
	"cartwright/internal/auth"
)

// securityLine is a line of the security log.
type securityLine struct{ Msg, Event, Operation, Network, Request, User string }

// securityLines are those that were logged, in order.
func (h *heard) securityLines(t *testing.T) (lines []securityLine) {
	t.Helper()
	for text := range strings.SplitSeq(strings.TrimSpace(h.String()), "\n") {
		var line securityLine
		require.NoError(t, json.Unmarshal([]byte(text), &line))
		if line.Msg == "security event" {
			lines = append(lines, line)
		}
	}
	return lines
}

func TestSecurityLog_NamesWhatAttacksLookLike(t *testing.T) {
	t.Parallel()
	log := &heard{}
	shop := shoptest.New(t, shoptest.WithoutJobs(), shoptest.WithLimits(0), log.listening(), everywhere)
	shop.User("victim@example.com", auth.Customer)
	var victim uuid.UUID
	require.NoError(t, shop.DB.QueryRow(t.Context(), "SELECT id FROM users WHERE email = 'victim@example.com'").Scan(&victim))
	pair := shop.Login("victim@example.com")
	require.Empty(t, log.securityLines(t), "nothing is amiss so far")

	// A wrong password, of an account and of none.
	requireProblem(t, send(t, shop, loginAs("victim@example.com", "a guess").from(1)), http.StatusUnauthorized)
	requireProblem(t, send(t, shop, loginAs("nobody@example.com", "a guess").from(1)), http.StatusUnauthorized)
	// A refresh token, used twice.
	refresh := call{method: http.MethodPost, path: "/auth/refresh", body: toJSON(t, map[string]string{"refreshToken": pair.RefreshToken})}
	require.Equal(t, http.StatusOK, send(t, shop, refresh.from(1)).status)
	requireProblem(t, send(t, shop, refresh.from(1)), http.StatusUnauthorized)
	// What only staff may do.
	again := shop.Login("victim@example.com")
	listing := call{method: http.MethodGet, path: "/orders", token: again.AccessToken}
	requireProblem(t, send(t, shop, listing.from(1)), http.StatusForbidden)
	// Too many tries.
	for i := 0; ; i++ {
		if send(t, shop, loginAs("victim@example.com", "a guess").from(2+i)).status == http.StatusTooManyRequests {
			break
		}
		require.Less(t, i, 100)
	}

	lines := log.securityLines(t)
	network, user := "198.18.0.1", victim.String()
	for i, want := range []securityLine{
		{Event: "sign_in_failed", Operation: "loginUser", Network: network, User: user},
		{Event: "sign_in_failed", Operation: "loginUser", Network: network},
		{Event: "refresh_token_reused", Operation: "refreshTokens", Network: network, User: user},
		{Event: "forbidden", Operation: "listOrders", Network: network, User: user},
	} {
		got := lines[i]
		_, err := uuid.Parse(got.Request)
		require.NoError(t, err)
		got.Msg, got.Request = "", ""
		require.Equal(t, want, got)
	}
	require.Equal(t, "sign_in_locked_out", lines[len(lines)-1].Event)
	for _, name := range []string{"victim@", "nobody@", "a guess"} {
		require.NotContains(t, log.String(), name)
	}
}

func TestSecurityLog_TellsOfRefusedPayments(t *testing.T) {
	t.Parallel()
	log := &heard{}
	shop := shoptest.New(t, shoptest.WithoutJobs(), shoptest.WithoutWebhooks(), shoptest.WithFraud(app.FraudDefaults()), log.listening())
	product := shop.Product(1000)
	for i := 0; ; i++ {
		paid, err := shop.Pay(t.Context(), shop.Order(1, product).ID, "pm_card_chargeDeclined")
		require.NoError(t, err)
		if paid.StatusCode() == http.StatusTooManyRequests {
			break
		}
		require.Less(t, i, 100)
	}
	lines := log.securityLines(t)
	require.NotEmpty(t, lines)
	require.Equal(t, "payment_refused", lines[0].Event)
	require.Equal(t, "payOrder", lines[0].Operation)
	require.NotEmpty(t, lines[0].Network)
}

func TestSecurityLog_WarnsOnceOfForwardedHeadersFromAnUntrustedPeer(t *testing.T) {
	t.Parallel()
	log := &heard{}
	shop := shoptest.New(t, shoptest.WithoutJobs(), log.listening())
	const warning = "forwarded header from an untrusted peer"
	send(t, shop, call{method: http.MethodGet, path: "/products"})
	require.NotContains(t, log.String(), warning)
	for i := range 3 {
		send(t, shop, call{method: http.MethodGet, path: "/products"}.from(i))
	}
	require.Equal(t, 1, strings.Count(log.String(), warning))

	trusting := &heard{}
	shop = shoptest.New(t, shoptest.WithoutJobs(), trusting.listening(), everywhere)
	send(t, shop, call{method: http.MethodGet, path: "/products"}.from(1))
	require.NotContains(t, trusting.String(), warning)
}

func TestAuditLog_HasTheSignInsOfStaff(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, shoptest.WithoutJobs(), everywhere)
	shop.User("shopper@example.com", auth.Customer)
	admin := shop.User("boss@example.com", auth.Admin)
	var boss, shopper uuid.UUID
	require.NoError(t, shop.DB.QueryRow(t.Context(), "SELECT id FROM users WHERE email = 'boss@example.com'").Scan(&boss))
	require.NoError(t, shop.DB.QueryRow(t.Context(), "SELECT id FROM users WHERE email = 'shopper@example.com'").Scan(&shopper))
	require.Equal(t, http.StatusOK, send(t, shop, loginAs("boss@example.com", shoptest.Password).from(7)).status)
	requireProblem(t, send(t, shop, loginAs("boss@example.com", "a guess").from(8)), http.StatusUnauthorized)
	operation := "loginUser"
	found, err := admin.ListAuditEntriesWithResponse(t.Context(), &client.ListAuditEntriesParams{Operation: &operation})
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, found.StatusCode(), string(found.Body))
	of := map[string]int{}
	for _, entry := range found.JSON200.Data {
		of[entry.Actor]++
	}
	require.Equal(t, 2, of["user:"+boss.String()], "those that went well")
	require.NotContains(t, of, "user:"+shopper.String(), "of staff alone")
	entry := found.JSON200.Data[0]
	require.Equal(t, "user:"+boss.String(), entry.Actor)
	require.Equal(t, "198.18.0.7", *entry.Address)

	sessions, err := admin.ListSessionsWithResponse(t.Context())
	require.NoError(t, err)
	require.Equal(t, "198.18.0.7", *sessions.JSON200.Data[0].Network, "and the owner sees from where")
}
