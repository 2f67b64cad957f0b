package stripemock_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cartwright/internal/payments/stripesim/stripemock"
)

func TestTheMockJudgesParameters(t *testing.T) {
	t.Parallel()
	baseURL := stripemock.Start(t)
	for form, status := range map[string]int{
		"amount=1999&currency=usd&automatic_payment_methods[enabled]=true": http.StatusOK,
		"amount=1999&currency=usd&surprise=1":                              http.StatusBadRequest,
		"currency=usd":                                                     http.StatusBadRequest,
	} {
		values, err := url.ParseQuery(form)
		require.NoError(t, err)
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, baseURL+"/v1/payment_intents", strings.NewReader(values.Encode()))
		require.NoError(t, err)
		req.Header.Set("Authorization", "Bearer sk_test_123")
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		resp, err := http.DefaultClient.Do(req)
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		assert.Equal(t, status, resp.StatusCode, form)
	}
}
