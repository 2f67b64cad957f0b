package checkout_test

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"cartwright/gen/client"
	"cartwright/gen/db"
	"cartwright/internal/app/shoptest"
)

// lifetimes is how many orders live through random steps, and steps how many each.
const lifetimes, steps = 12, 14

// Whatever happens to an order, and in whatever order: each unit of a line is cancelled, refunded before it was sent, sent or
// to be sent, and the stock agrees. No step fails in a way that is not documented.
func TestWhateverHappensToAnOrderItsUnitsAddUp(t *testing.T) {
	t.Parallel()
	shop := setup(t)
	free := shop.Product(40, func(p *client.ProductCreate) { p.Price = "0" })
	products := []client.Product{shop.Product(40), shop.Product(40), free}
	methods := []string{"pm_card_visa", "pm_card_visa", "pm_card_refundFail"}
	for seed := range uint64(lifetimes) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			random := rand.New(rand.NewPCG(seed, 14))
			order, intent := paid(t, shop, methods[random.IntN(len(methods))], 1+random.Int32N(3), products...)
			h := history{t, shop, order, intent, random}
			all := []func() (string, int){h.send, h.sendAll, h.unsend, h.refundItems, h.refundItems, h.goodwill, h.cancelItems, h.cancelItems,
				h.ask, h.approve, h.receive, h.receive, h.refundReturn, h.closeReturn, h.dashboard, h.count}
			if seed%4 == 0 {
				all = append(all, h.refundAll, h.cancelOrder)
			}
			for range steps {
				step, status := all[random.IntN(len(all))]()
				require.Less(t, status, http.StatusInternalServerError, step)
				h.addsUp(step)
			}
		})
	}
	healthy(t, shop)
}

// history is an order that lives through random steps.
type history struct {
	t      *testing.T
	shop   *shoptest.Shop
	order  client.Order
	intent string
	random *rand.Rand
}

// addsUp holds the order's lines to their account, and the stock to them.
func (h history) addsUp(after string) {
	h.t.Helper()
	for _, i := range h.shop.ReadOrder(h.order.ID).Items {
		require.Equal(h.t, i.Quantity, i.CancelledQuantity+i.RefundedQuantity+i.FulfilledQuantity+i.QuantityToSend, "after %s: %+v", after, i)
		require.GreaterOrEqual(h.t, i.QuantityToSend, int32(0), after)
		require.LessOrEqual(h.t, i.ReturnedQuantity, i.FulfilledQuantity, after)
	}
	disagreements, err := db.New().StockDisagreements(h.t.Context(), h.shop.DB)
	require.NoError(h.t, err)
	require.Empty(h.t, disagreements, "after %s", after)
}

func (h history) line() uuid.UUID { return h.order.Items[h.random.IntN(len(h.order.Items))].ID }

func (h history) some() []client.FulfillmentItemInput {
	return []client.FulfillmentItemInput{{OrderItemID: h.line(), Quantity: 1 + h.random.Int32N(2)}}
}

func (h history) maybe() *bool {
	yes := h.random.IntN(2) == 0
	return &yes
}

func (h history) send() (string, int) {
	got, err := h.shop.Staff.FulfillOrderWithResponse(h.t.Context(), h.order.ID, nil, client.OrderFulfill{Items: h.some()})
	require.NoError(h.t, err)
	return "send", got.StatusCode()
}

func (h history) sendAll() (string, int) {
	got, err := h.shop.Staff.UpdateOrderStatusWithResponse(h.t.Context(), h.order.ID, nil, client.OrderStatusUpdate{Status: client.OrderStatusSHIPPED})
	require.NoError(h.t, err)
	return "send all", got.StatusCode()
}

func (h history) unsend() (string, int) {
	id, found := h.one("SELECT id FROM fulfillments WHERE order_id = $1 AND status = 'SENT' ORDER BY id")
	if !found {
		return "unsend nothing", 0
	}
	got, err := h.shop.Staff.CancelFulfillmentWithResponse(h.t.Context(), h.order.ID, id, nil)
	require.NoError(h.t, err)
	return "unsend", got.StatusCode()
}

func (h history) refundItems() (string, int) {
	body := client.RefundCreate{Restock: h.maybe()}
	for _, item := range h.some() {
		body.Items = append(body.Items, client.RefundItemInput(item))
	}
	return "refund items", h.refund(body)
}

func (h history) refund(body client.RefundCreate) int {
	got, err := h.shop.Staff.RefundOrderWithResponse(h.t.Context(), h.order.ID, nil, body)
	require.NoError(h.t, err)
	drain(h.t, h.shop)
	return got.StatusCode()
}

func (h history) goodwill() (string, int) {
	return "goodwill", h.refund(client.RefundCreate{Amount: money("50")})
}

func (h history) refundAll() (string, int) { return "refund all", h.refund(client.RefundCreate{}) }

func (h history) dashboard() (string, int) {
	atStripe(h.shop, "sk_test_dashboard", "/v1/refunds", map[string][]string{"payment_intent": {h.intent}, "amount": {"7000"}})
	drain(h.t, h.shop)
	return "refund in the dashboard", 0
}

func (h history) cancelItems() (string, int) {
	got := cancelRest(h.t, h.shop, h.order, client.OrderItemsCancel{Items: h.some(), Restock: h.maybe()})
	return "cancel items", got.StatusCode()
}

func (h history) cancelOrder() (string, int) {
	got, err := h.shop.Staff.CancelOrderWithResponse(h.t.Context(), h.order.ID, nil, client.OrderCancel{})
	require.NoError(h.t, err)
	return "cancel", got.StatusCode()
}

func (h history) ask() (string, int) {
	got, err := h.shop.Guest.RequestReturnWithResponse(h.t.Context(), h.order.ID, &client.RequestReturnParams{XOrderToken: h.order.OrderToken},
		client.ReturnCreate{Items: []client.ReturnItemInput{{OrderItemID: h.line(), Quantity: 1, Reason: client.ReturnReasonDAMAGED}}})
	require.NoError(h.t, err)
	if got.JSON201 != nil {
		return h.approve()
	}
	return "ask for a return", got.StatusCode()
}

// one is a row of the order's, if there is any.
func (h history) one(sql string) (id uuid.UUID, found bool) {
	h.t.Helper()
	found = h.shop.DB.QueryRow(h.t.Context(), sql+" LIMIT 1", h.order.ID).Scan(&id) == nil
	return id, found
}

func (h history) ofReturn(status string) (uuid.UUID, bool) {
	return h.one("SELECT id FROM returns WHERE order_id = $1 AND status = '" + status + "' ORDER BY id")
}

func (h history) approve() (string, int) {
	id, found := h.ofReturn("REQUESTED")
	if !found {
		return "approve nothing", 0
	}
	got, err := h.shop.Staff.ApproveReturnWithResponse(h.t.Context(), id, nil)
	require.NoError(h.t, err)
	return "approve a return", got.StatusCode()
}

func (h history) receive() (string, int) {
	id, found := h.ofReturn("APPROVED")
	if !found {
		return "receive nothing", 0
	}
	item := client.ReturnReceiptItem{ReceivedQuantity: 1, RestockedQuantity: new(int32)}
	item.OrderItemID, _ = h.one("SELECT order_item_id FROM return_items i JOIN returns r ON r.id = i.return_id WHERE r.order_id = $1 AND r.status = 'APPROVED' ORDER BY r.id")
	*item.RestockedQuantity = h.random.Int32N(2)
	got, err := h.shop.Staff.ReceiveReturnWithResponse(h.t.Context(), id, nil, client.ReturnReceive{Items: []client.ReturnReceiptItem{item}})
	require.NoError(h.t, err)
	require.Equal(h.t, http.StatusOK, got.StatusCode(), "what is on a return can come: %s", got.Body)
	return "receive a return", got.StatusCode()
}

func (h history) refundReturn() (string, int) {
	id, found := h.ofReturn("RECEIVED")
	if !found {
		return "refund no return", 0
	}
	status, _ := refundReturn(h.t, h.shop, id, client.ReturnRefund{})
	drain(h.t, h.shop)
	return "refund a return", status
}

func (h history) closeReturn() (string, int) {
	id, found := h.ofReturn("RECEIVED")
	if !found {
		return "close no return", 0
	}
	got, err := h.shop.Staff.CloseReturnWithResponse(h.t.Context(), id, nil)
	require.NoError(h.t, err)
	return "close a return", got.StatusCode()
}

// count has somebody find fewer or more units on the shelf than there should be.
func (h history) count() (string, int) {
	units := 20 + h.random.Int32N(30)
	got, err := h.shop.Staff.AdjustVariantInventoryWithResponse(h.t.Context(), h.order.Items[0].ProductID.String(), h.order.Items[0].VariantID, nil,
		client.InventoryAdjustment{Quantity: &units, Reason: client.InventoryReasonCOUNTED})
	require.NoError(h.t, err)
	return "count", got.StatusCode()
}
