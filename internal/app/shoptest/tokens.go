package shoptest

import (
	"encoding/json"
	"net/http"
	"regexp"
	"sync"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// OrderTokenHeader is where a guest shows the token of an order.
const OrderTokenHeader = "X-Order-Token"

// OrderToken is the token last handed out with a guest's order.
func (s *Shop) OrderToken(order uuid.UUID) string {
	s.t.Helper()
	token, ok := s.tokens.Load(order.String())
	require.True(s.t, ok, "no token was handed out with order %s", order)
	return token.(string)
}

// keepOrderToken keeps the token that an answer hands out, if it does.
func keepOrderToken(tokens *sync.Map, body []byte) {
	var order struct{ ID, OrderToken string }
	if json.Unmarshal(body, &order) == nil && order.OrderToken != "" {
		tokens.Store(order.ID, order.OrderToken)
	}
}

var ofOrder = regexp.MustCompile(`/orders/([0-9a-f-]{36})(?:/payment|/cancel|/reorder|/events|/fulfillments)?$`)

// sendOrderToken shows the token of the order that the request is about, unless it shows one already.
func (s *Shop) sendOrderToken(request *http.Request) {
	found := ofOrder.FindStringSubmatch(request.URL.Path)
	if found == nil || request.Header.Get(OrderTokenHeader) != "" {
		return
	}
	if token, ok := s.tokens.Load(found[1]); ok {
		request.Header.Set(OrderTokenHeader, token.(string))
	}
}
