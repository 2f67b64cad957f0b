package api_test

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"cartwright/gen/client"
	"cartwright/internal/app/shoptest"
	"cartwright/internal/auth"
)

// window is a browser: it sends back what cookies it was given.
type window struct {
	t       *testing.T
	shop    *shoptest.Shop
	cookies map[string]*http.Cookie
	csrf    string
}

// storefront is where the pages of tests are.
const storefront = "http://localhost:4000"

// ask sends a call from a page of the storefront; header adds to it or takes its place.
func (w *window) ask(c call, header ...string) answer {
	w.t.Helper()
	sent := map[string]string{"Origin": storefront}
	var pairs []string
	for name, cookie := range w.cookies {
		if strings.HasPrefix("/api/v1"+c.path, cookie.Path) {
			pairs = append(pairs, name+"="+cookie.Value)
		}
	}
	if len(pairs) > 0 {
		sent["Cookie"] = strings.Join(pairs, "; ")
	}
	if c.method != http.MethodGet && w.csrf != "" {
		sent["X-CSRF-Token"] = w.csrf
	}
	maps.Copy(sent, c.header)
	for i := 0; i < len(header); i += 2 {
		sent[header[i]] = header[i+1]
	}
	maps.DeleteFunc(sent, func(_, value string) bool { return value == "" })
	c.header = sent
	got := send(w.t, w.shop, c)
	for _, cookie := range (&http.Response{Header: got.header}).Cookies() {
		if w.cookies[cookie.Name] = cookie; cookie.MaxAge < 0 {
			delete(w.cookies, cookie.Name)
		}
	}
	if token := got.header.Get("X-CSRF-Token"); token != "" {
		w.csrf = token
	}
	return got
}

var logIn = call{
	method: http.MethodPost, path: "/auth/login", body: `{"email":"browser@example.com","password":"` + shoptest.Password + `","session":"cookie"}`,
}

var readProfile = call{method: http.MethodGet, path: "/account"}

// open is a browser that is signed in.
func open(t *testing.T, shop *shoptest.Shop) *window {
	t.Helper()
	w := &window{t: t, shop: shop, cookies: map[string]*http.Cookie{}}
	got := w.ask(logIn)
	require.Equal(t, http.StatusNoContent, got.status, got.body)
	require.Len(t, w.cookies, 3)
	return w
}

func TestABrowserHoldsItsTokensWhereScriptsCannotReadThem(t *testing.T) {
	t.Parallel()
	for address, secure := range map[string]bool{"http://localhost:3000": false, "https://shop.example.com": true} {
		t.Run(address, func(t *testing.T) {
			t.Parallel()
			shop := shoptest.New(t, shoptest.WithoutJobs(), shoptest.WithPublicURL(address))
			shop.User("browser@example.com", auth.Customer)
			w := open(t, shop)
			for name, cookie := range w.cookies {
				require.Equal(t, name != "cartwright_csrf", cookie.HttpOnly, name)
				require.Equal(t, http.SameSiteLaxMode, cookie.SameSite, name)
				require.Equal(t, secure, cookie.Secure, name)
				require.Empty(t, cookie.Domain, name)
			}
			require.Equal(t, 900, w.cookies["cartwright_access"].MaxAge)
			require.Equal(t, "/api/v1/auth", w.cookies["cartwright_refresh"].Path)
			require.Equal(t, w.csrf, w.cookies["cartwright_csrf"].Value)
			require.Equal(t, http.StatusOK, w.ask(readProfile).status)
		})
	}
}

func TestACommandByCookieComesFromAPageThatKnowsItsToken(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, shoptest.WithoutJobs())
	shop.User("browser@example.com", auth.Admin)
	w, other := open(t, shop), open(t, shop)
	before := contents(t, shop)
	for _, o := range operations(t) {
		if len(*o.described.Security) == 1 && o.permission == "public" || o.method == http.MethodGet {
			continue
		}
		t.Run(o.id, func(t *testing.T) {
			c := o.as("", o.address("", ""), "{}")
			c.token = ""
			for name, token := range map[string]string{"none": "", "another session's": other.csrf, "a longer one": w.csrf + "A", "the tail": w.csrf[1:]} {
				got := w.ask(c, "X-CSRF-Token", token)
				require.Equal(t, "csrf_token_invalid", requireProblem(t, got, http.StatusForbidden).Code, name)
			}
			for _, origin := range []string{"https://evil.example", "null", "http://localhost:4000.evil.example", "https://localhost:4000", "http://localhost:4001"} {
				got := w.ask(c, "Origin", origin)
				require.Equal(t, "origin_not_allowed", requireProblem(t, got, http.StatusForbidden).Code, origin)
			}
			got := w.ask(c, "Origin", "", "Sec-Fetch-Site", "cross-site")
			require.Equal(t, "origin_not_allowed", requireProblem(t, got, http.StatusForbidden).Code)
		})
	}
	require.Equal(t, before, contents(t, shop))
	change := call{method: http.MethodPatch, path: "/account", media: mergePatch, body: `{"firstName":"Ada"}`}
	require.Equal(t, http.StatusOK, w.ask(change).status)
	require.Equal(t, http.StatusOK, w.ask(change, "Origin", "http://localhost:3000").status, "a page of the shop")
	require.Equal(t, http.StatusOK, w.ask(change, "Origin", "").status, "no page")
	bearer := call{method: http.MethodPatch, path: "/account", media: mergePatch, body: `{"firstName":"Ada"}`, token: shop.Login("browser@example.com").AccessToken}
	require.Equal(t, http.StatusOK, w.ask(bearer, "X-CSRF-Token", "", "Origin", "https://elsewhere.example").status, "no browser sends a header by itself")
}

func TestOnlyAPageOfOursSignsInByCookie(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t)
	shop.User("browser@example.com", auth.Customer)
	w := &window{t: t, shop: shop, cookies: map[string]*http.Cookie{}}
	require.Equal(t, "origin_not_allowed", requireProblem(t, w.ask(logIn, "Origin", "https://evil.example"), http.StatusForbidden).Code)
	asked, err := shop.Guest.RegisterUserWithResponse(t.Context(), client.UserRegister{Email: "new@example.com", Password: shoptest.Password})
	require.NoError(t, err)
	require.Equal(t, http.StatusAccepted, asked.StatusCode())
	verify := call{method: http.MethodPost, path: "/auth/verify-email", body: toJSON(t, map[string]string{
		"token": mailed(t, shop, "new@example.com", verifySubject), "password": shoptest.Password, "session": "cookie",
	})}
	require.Equal(t, "origin_not_allowed", requireProblem(t, w.ask(verify, "Origin", "https://evil.example"), http.StatusForbidden).Code)
	require.Empty(t, w.cookies)
	require.Equal(t, http.StatusNoContent, w.ask(verify).status)
	require.Contains(t, w.ask(readProfile).body, "new@example.com")
}

func TestABrowserStaysSignedInUntilItSignsOut(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, shoptest.WithoutJobs())
	shop.User("browser@example.com", auth.Customer)
	w := open(t, shop)
	refresh := call{method: http.MethodPost, path: "/auth/refresh"}
	require.Equal(t, "csrf_token_invalid", requireProblem(t, w.ask(refresh, "X-CSRF-Token", ""), http.StatusForbidden).Code)
	require.Equal(t, "origin_not_allowed", requireProblem(t, w.ask(refresh, "Origin", "https://evil.example"), http.StatusForbidden).Code)
	old := w.cookies["cartwright_refresh"].Value
	require.Equal(t, http.StatusNoContent, w.ask(refresh).status)
	require.NotEqual(t, old, w.cookies["cartwright_refresh"].Value)
	require.Equal(t, http.StatusOK, w.ask(readProfile).status)

	out := w.ask(call{method: http.MethodPost, path: "/auth/logout"})
	require.Equal(t, http.StatusNoContent, out.status, out.body)
	require.Empty(t, w.cookies)
	require.Equal(t, http.StatusUnauthorized, w.ask(readProfile).status)

	t.Run("or its session ends elsewhere", func(t *testing.T) {
		w := open(t, shop)
		everywhere := open(t, shop).ask(call{method: http.MethodPost, path: "/auth/logout-everywhere"})
		require.Equal(t, http.StatusNoContent, everywhere.status, everywhere.body)
		products := call{method: http.MethodGet, path: "/products"}
		require.Equal(t, "invalid_token", requireProblem(t, w.ask(products), http.StatusUnauthorized).Code)
		require.NotContains(t, slices.Collect(maps.Keys(w.cookies)), "cartwright_access")
		require.Equal(t, http.StatusOK, w.ask(products).status, "as a guest")
		require.Equal(t, http.StatusUnauthorized, w.ask(refresh).status)
	})
	t.Run("and a token used twice ends it", func(t *testing.T) {
		w := open(t, shop)
		old := *w.cookies["cartwright_refresh"]
		require.Equal(t, http.StatusNoContent, w.ask(refresh).status)
		w.cookies["cartwright_refresh"] = &old
		require.Equal(t, http.StatusUnauthorized, w.ask(refresh).status)
		require.Equal(t, http.StatusUnauthorized, w.ask(readProfile).status)
	})
}

func TestWhatACookieIsAnsweredIsKeptByItsBrowserAlone(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, shoptest.WithoutJobs())
	shop.User("browser@example.com", auth.Customer)
	w := open(t, shop)
	guest := &window{t: t, shop: shop, cookies: map[string]*http.Cookie{}}
	for id, path := range kept(t, shop.Product(1)) {
		read := call{method: http.MethodGet, path: path}
		for who, keep := range map[*window]string{w: "private, no-cache", guest: "public, max-age=0, s-maxage=1"} {
			got := who.ask(read)
			require.Equal(t, http.StatusOK, got.status, id)
			require.Equal(t, keep, got.header.Get("Cache-Control"), id)
			require.Contains(t, got.header.Values("Vary"), "Authorization, Cookie, X-Api-Key", id)
		}
	}
}
