package app

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestOwnHosts_RefusesNamesThatOthersCanPointHere(t *testing.T) {
	t.Parallel()
	shop := ownHosts(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}), "https://shop.example.com:8443")
	for host, want := range map[string]int{
		"localhost:3000": http.StatusOK, "LOCALHOST": http.StatusOK, "shop.localhost:3000": http.StatusOK, "127.0.0.1:3000": http.StatusOK,
		"[::1]:3000": http.StatusOK, "192.168.1.7": http.StatusOK, "cartwright:3000": http.StatusOK, "host.docker.internal:3000": http.StatusOK,
		"shop.example.com": http.StatusOK, "Shop.Example.com.:3000": http.StatusOK,
		"evil.example": http.StatusMisdirectedRequest, "evil.example:3000": http.StatusMisdirectedRequest,
		"localhost.evil.example": http.StatusMisdirectedRequest, "127.0.0.1.nip.io:3000": http.StatusMisdirectedRequest,
		"evilshop.example.com": http.StatusMisdirectedRequest,
	} {
		request := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/api/v1/products", nil)
		request.Host = host
		answer := httptest.NewRecorder()
		shop.ServeHTTP(answer, request)
		require.Equal(t, want, answer.Code, host)
	}
}
