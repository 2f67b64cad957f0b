package api_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/alicebob/miniredis/v2"
	"github.com/stretchr/testify/require"

	"cartwright/gen/client"
	"cartwright/internal/app/shoptest"
	"cartwright/internal/auth"
)

// everywhere makes the test's own machine a proxy whose word counts.
var everywhere = shoptest.WithEdge("https://shop.example.com", []string{"127.0.0.0/8", "::1"}, nil)

func loginAs(email, password string) call {
	return call{method: http.MethodPost, path: "/auth/login", body: fmt.Sprintf(`{"email":%q,"password":%q}`, email, password)}
}

// from is the call as if it came from the i-th address.
func (c call) from(i int) call {
	c.header = map[string]string{"X-Forwarded-For": fmt.Sprintf("198.%d.%d.%d", 18+i>>16, i>>8&255, i&255)}
	return c
}

func TestForgedAddressesDoNotWidenTheLoginLimit(t *testing.T) {
	t.Parallel()
	for name, options := range map[string][]shoptest.Option{
		"that nobody believes": {}, "that a trusted proxy vouches for": {everywhere},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			shop := shoptest.New(t, append(options, shoptest.WithoutJobs(), shoptest.WithLimits(0))...)
			shop.User("victim@example.com", auth.Customer)
			before, checked := shop.PasswordHashes(), 0
			for i := range 1000 {
				spelling := []string{"victim@example.com", "Victim@example.com", "VICTIM@EXAMPLE.COM"}[i%3]
				got := send(t, shop, loginAs(spelling, "a guess").from(i))
				if got.status == http.StatusUnauthorized {
					checked++
					continue
				}
				requireLimited(t, got)
			}
			require.EqualValues(t, checked, shop.PasswordHashes()-before)
			require.LessOrEqual(t, shop.PasswordHashes()-before, int64(10))
			require.Positive(t, checked)
			requireLimited(t, send(t, shop, loginAs("victim@example.com", shoptest.Password).from(1001)))
		})
	}
}

func TestSigningInRightForgivesNothing(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, everywhere, shoptest.WithoutJobs(), shoptest.WithLimits(0))
	shop.User("victim@example.com", auth.Customer)
	shop.User("thief@example.com", auth.Customer)
	guesses := 0
	for i := range 40 { // each guess behind a success
		send(t, shop, loginAs("thief@example.com", shoptest.Password).from(i))
		if send(t, shop, loginAs("victim@example.com", "a guess").from(i)).status == http.StatusUnauthorized {
			guesses++
		}
	}
	require.Equal(t, 4, guesses, "five at once, of which one was the victim's own")
	require.Equal(t, http.StatusOK, send(t, shop, loginAs("staff@example.com", shoptest.Password).from(99)).status,
		"who is not tried can sign in")
}

func TestAnAddressIsLimitedWhateverTheAccount(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, shoptest.WithoutJobs(), shoptest.WithLimits(0))
	before := shop.PasswordHashes()
	for i := range 300 {
		send(t, shop, loginAs(fmt.Sprintf("customer-%d@example.com", i), "a guess").from(i))
	}
	hashes := shop.PasswordHashes() - before
	require.Greater(t, hashes, int64(30))
	require.LessOrEqual(t, hashes, int64(100))
}

func TestEveryOperationIsLimitedAndSaysSo(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, shoptest.WithoutJobs(), shoptest.WithLimits(4)) // two at once: its users have signed in
	held := contents(t, shop)
	for _, o := range operations(t) {
		documented := o.described.Responses.Value("429") != nil
		exempt := o.described.Extensions["x-rate-limit"] == "none"
		require.NotEqual(t, exempt, documented, "%s documents 429 where it answers it", o.id)
		if exempt {
			require.Equal(t, "receiveStripeWebhook", o.id, "an event that is refused comes late or never")
			continue
		}
		got := send(t, shop, o.good(t, "not even a token"))
		requireLimited(t, got)
		require.Equal(t, `"default";q=4;w=900`, got.header.Get("RateLimit-Policy"), o.id)
	}
	require.Equal(t, held, contents(t, shop))
	event := operation{id: "receiveStripeWebhook", method: http.MethodPost, path: "/webhooks/stripe"}
	for _, o := range operations(t) {
		if o.id == event.id {
			event = o
		}
	}
	for range 5 {
		got := send(t, shop, event.good(t, ""))
		require.Equal(t, http.StatusOK, got.status, got.body)
		require.Empty(t, got.header.Get("RateLimit"))
	}
	for _, path := range []string{"/healthz", "/readyz", "/docs", "/openapi.yaml"} {
		got := sendWith(t, plain, shop, call{method: http.MethodGet, path: path})
		require.Equal(t, http.StatusOK, got.status, "what keeps the process alive is not counted: %s", path)
	}
}

func TestAClientIsToldHowMuchIsLeft(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, everywhere, shoptest.WithoutJobs(), shoptest.WithLimits(1000))
	got := send(t, shop, call{method: http.MethodGet, path: "/categories"}.from(1))
	require.Equal(t, http.StatusOK, got.status)
	require.Equal(t, `"default";q=1000;w=900`, got.header.Get("RateLimit-Policy"))
	require.Equal(t, `"default";r=499;t=2`, got.header.Get("RateLimit"))
	require.Empty(t, got.header.Get("Retry-After"))
	got = send(t, shop, loginAs("victim@example.com", "a guess").from(1))
	require.Equal(t, `"default";q=1000;w=900, "login";q=100;w=900`, got.header.Get("RateLimit-Policy"))
	require.Regexp(t, `^"default";r=498;t=[1-4], "login";r=49;t=18$`, got.header.Get("RateLimit"))
}

func TestAUserIsLimitedWhereverTheyAskFrom(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, everywhere, shoptest.WithoutJobs(), shoptest.WithLimits(100))
	token, allowed := shop.Login("admin@example.com").AccessToken, 0
	list := call{method: http.MethodGet, path: "/orders", token: token}
	for i := range 200 {
		if send(t, shop, list.from(i)).status == http.StatusOK {
			allowed++
		}
	}
	require.GreaterOrEqual(t, allowed, 50)
	require.LessOrEqual(t, allowed, 60)
}

func TestASessionIsRefreshedSoOftenAndItsTokenStaysGood(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, everywhere, shoptest.WithoutJobs(), shoptest.WithLimits(0))
	token, other, refreshed := shop.Login("admin@example.com").RefreshToken, shop.Login("admin@example.com").RefreshToken, 0
	refresh := func(token string, i int) answer {
		return send(t, shop, call{method: http.MethodPost, path: "/auth/refresh", body: toJSON(t, map[string]string{"refreshToken": token})}.from(i))
	}
	for i := range 80 {
		got := refresh(token, i)
		if got.status != http.StatusOK {
			requireLimited(t, got)
			continue
		}
		var pair client.TokenPair
		require.NoError(t, json.Unmarshal([]byte(got.body), &pair))
		token = pair.RefreshToken
		refreshed++
	}
	require.GreaterOrEqual(t, refreshed, 30)
	require.LessOrEqual(t, refreshed, 60)
	require.Equal(t, http.StatusOK, refresh(other, 81).status, "another session")
	var used int
	require.NoError(t, shop.DB.QueryRow(t.Context(), `SELECT count(*) FROM refresh_tokens WHERE used_at IS NOT NULL`).Scan(&used))
	require.Equal(t, refreshed+1, used, "whoever was refused keeps a good token")
}

func TestInstancesLimitTogetherAndAloneWithoutRedis(t *testing.T) {
	t.Parallel()
	redis := miniredis.RunT(t)
	start := func() *shoptest.Shop {
		return shoptest.New(t, everywhere, shoptest.WithoutJobs(), shoptest.WithLimits(0), shoptest.WithRedis("redis://"+redis.Addr()))
	}
	shops, tries := []*shoptest.Shop{start(), start()}, 0
	try := func(i int, email string) {
		got := send(t, shops[i%2], loginAs(email, "a guess").from(i))
		if got.status == http.StatusUnauthorized {
			tries++
			return
		}
		requireLimited(t, got)
	}
	for i := range 30 {
		try(i, "victim@example.com")
	}
	require.Equal(t, 5, tries, "both together")
	for _, key := range redis.Keys() {
		require.NotContains(t, key, "victim")
		require.NotContains(t, key, "198.")
	}
	redis.Close()
	for i := range 30 {
		try(i, "victim@example.com")
	}
	require.Equal(t, 5, tries, "what Redis told is not forgotten with it")
	for i := range 30 {
		try(i, "another@example.com")
	}
	require.Equal(t, 15, tries, "each alone")
}

var whole = regexp.MustCompile(`^[1-9]\d*$`)

// requireLimited holds a refusal to what each of them tells.
func requireLimited(t *testing.T, got answer) {
	t.Helper()
	require.Equal(t, "rate_limited", requireProblem(t, got, http.StatusTooManyRequests).Code)
	require.Regexp(t, whole, got.header.Get("Retry-After"))
	items := strings.Split(got.header.Get("RateLimit"), ", ")
	refused := items[len(items)-1]
	require.Contains(t, refused, ";r=0;t="+got.header.Get("Retry-After"))
	wait, err := strconv.Atoi(got.header.Get("Retry-After"))
	require.NoError(t, err)
	require.LessOrEqual(t, wait, 3600)
}

// shutOut tries passwords of an account from elsewhere until none is compared any more.
func shutOut(t *testing.T, shop *shoptest.Shop, email string) {
	t.Helper()
	before := shop.PasswordHashes()
	for i := range 40 {
		send(t, shop, loginAs(email, "a guess").from(1000+i))
	}
	require.LessOrEqual(t, shop.PasswordHashes()-before, int64(10))
	requireLimited(t, send(t, shop, loginAs(email, "a guess").from(2000)))
}

func TestNobodyElsewhereShutsAnOwnerOut(t *testing.T) {
	t.Parallel()
	const email = "victim@example.com"
	shop := shoptest.New(t, everywhere, shoptest.WithLimits(0))
	shop.User(email, auth.Customer)
	home, away := loginAs("Victim@Example.com", shoptest.Password).from(1), loginAs(email, shoptest.Password).from(2)
	require.Equal(t, http.StatusOK, send(t, shop, home).status)
	shutOut(t, shop, email)
	require.Equal(t, http.StatusOK, send(t, shop, home).status, "where the owner signed in before")
	requireLimited(t, send(t, shop, away))

	t.Run("who sits there has ten tries as well", func(t *testing.T) {
		before := shop.PasswordHashes()
		for range 40 {
			send(t, shop, loginAs(email, "a guess").from(1))
		}
		require.LessOrEqual(t, shop.PasswordHashes()-before, int64(10))
		requireLimited(t, send(t, shop, home))
	})
	t.Run("what one signs in to makes no network known to another", func(t *testing.T) {
		shop.User("thief@example.com", auth.Customer)
		require.Equal(t, http.StatusOK, send(t, shop, loginAs("thief@example.com", shoptest.Password).from(3)).status)
		requireLimited(t, send(t, shop, loginAs(email, "a guess").from(3)))
	})
	t.Run("who has the address signs in anywhere", func(t *testing.T) {
		asked := call{method: http.MethodPost, path: "/auth/password-reset", body: toJSON(t, map[string]string{"email": email})}
		for i := range 20 { // also once others have asked for as many letters as there are
			send(t, shop, asked.from(1000+i))
		}
		set := toJSON(t, map[string]string{"token": mailed(t, shop, email, "Choose a new password"), "password": shoptest.Password})
		confirmed := send(t, shop, call{method: http.MethodPost, path: "/auth/password-reset/confirm", body: set}.from(2))
		require.Equal(t, http.StatusNoContent, confirmed.status, confirmed.body)
		require.Equal(t, http.StatusOK, send(t, shop, away).status)
		requireLimited(t, send(t, shop, loginAs(email, shoptest.Password).from(4)))
	})
}

func TestReadBody_KnowsWhoSendsItFirst(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, shoptest.WithoutJobs())
	unread := send(t, shop, call{method: http.MethodPost, path: "/products", body: "{"})
	requireProblem(t, unread, http.StatusUnauthorized)
	for name, header := range map[string]map[string]string{"unsigned": nil, "signed by another": {"Stripe-Signature": "t=1,v1=00"}} {
		got := send(t, shop, call{method: http.MethodPost, path: "/webhooks/stripe", body: `{"a":`, header: header})
		require.Equal(t, "webhook_signature_invalid", requireProblem(t, got, http.StatusBadRequest).Code, name)
	}
}

// Whoever has a /48 has 65,536 networks of one /64 each.
func TestLimits_NetworksOfOneSubscriberCountTogether(t *testing.T) {
	t.Parallel()
	const most = 20
	for pattern, quota := range map[string]int{"2001:db8::%x": most, "2001:db8:0:%x::1": 2 * most, "2001:db8:0:%x00::1": 4 * most} {
		t.Run(pattern, func(t *testing.T) {
			t.Parallel()
			shop := shoptest.New(t, everywhere, shoptest.WithoutJobs(), shoptest.WithLimits(most))
			served := 0
			for i := range 100 {
				got := send(t, shop, call{method: http.MethodGet, path: "/products", header: map[string]string{"X-Forwarded-For": fmt.Sprintf(pattern, i)}})
				if got.status == http.StatusOK {
					served++
					continue
				}
				requireLimited(t, got)
			}
			require.Equal(t, (quota+1)/2, served, "half of it at once")
			got := send(t, shop, call{method: http.MethodGet, path: "/products", header: map[string]string{"X-Forwarded-For": "2001:db8:1::1"}})
			require.Equal(t, http.StatusOK, got.status, "another subscriber")
		})
	}
}
