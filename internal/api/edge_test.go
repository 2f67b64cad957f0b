package api

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/stretchr/testify/require"

	"cartwright/internal/money"
	"cartwright/internal/payments"
	"cartwright/openapi"
)

// What the rest of the package cannot be asked from outside.

func TestEveryOperationEndsInTime(t *testing.T) {
	t.Parallel()
	spec, err := openapi.Document()
	require.NoError(t, err)
	contract, err := loadContract(spec)
	require.NoError(t, err)
	for _, known := range contract.operations {
		if known.streams {
			continue // for as long as something moves
		}
		want := 15 * time.Second
		switch known.id {
		case "payOrder", "cancelOrder", "captureOrder", "fulfillOrder", "updateOrderStatus", "refundOrder", "refundReturn",
			"replayStripeEvent", "createCardSetup", "getCardSetup", "deleteCard":
			want = 45 * time.Second
		}
		if known.id == "uploadProductImage" {
			want = 5 * time.Minute
		}
		t.Run(known.id, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				start := time.Now()
				recorder := httptest.NewRecorder()
				c := echo.New().NewContext(httptest.NewRequest(http.MethodGet, "/", nil), recorder)
				c.Set(operationKey, known)
				err := deadline(func(c echo.Context) error {
					<-c.Request().Context().Done()
					return c.Request().Context().Err()
				})(c)
				require.ErrorIs(t, err, context.DeadlineExceeded)
				require.Equal(t, want, time.Since(start))
				problemWriter{slog.New(slog.DiscardHandler), securityLog{logger: slog.New(slog.DiscardHandler)}}.write(err, c)
				require.Equal(t, http.StatusServiceUnavailable, recorder.Code)
				require.Equal(t, "1", recorder.Header().Get("Retry-After"))
				require.Contains(t, recorder.Body.String(), `"code":"unavailable"`)
			})
		})
	}
}

func TestTheValuesOfABodyAreCounted(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{
		`1`: 1, `""`: 1, `[1]`: 2, `[1,2,3]`: 4, `{"a":1}`: 2, `{"a":{"b":[true,null]},"c":"d"}`: 6,
		`"[{,"`: 1, `["\",[{","\\",1]`: 4, `[ 1 , "," ]`: 3, "[" + strings.Repeat("1,", 4999) + "1]": 5001,
	} {
		require.Equal(t, want, countValues([]byte(text)), text[:min(len(text), 40)])
	}
}

func TestAClientSecretIsAnsweredWhileItIsOfUse(t *testing.T) {
	t.Parallel()
	for status, present := range map[payments.IntentStatus]bool{
		payments.IntentRequiresMethod: true, payments.IntentRequiresConfirmation: true, payments.IntentRequiresAction: true,
		payments.IntentProcessing: true, payments.IntentRequiresCapture: false,
		payments.IntentSucceeded: false, payments.IntentCanceled: false,
	} {
		shown := toIntent(&payments.Intent{
			ID: "pi_1", Status: status, ClientSecret: "pi_1_secret_2", Amount: money.Amount{Minor: 1, Currency: "USD"},
		})
		require.Equal(t, present, shown.ClientSecret != nil, status)
	}
}
