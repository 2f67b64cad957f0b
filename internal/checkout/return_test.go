package checkout_test

import (
	"net/http"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"cartwright/gen/client"
	"cartwright/internal/app/shoptest"
)

// sent is a guest's order of so many of a product, paid with a method, and sent.
func sent(t *testing.T, shop *shoptest.Shop, method string, quantity int32, product client.Product) client.Order {
	t.Helper()
	order, _ := paid(t, shop, method, quantity, product)
	fulfilled, err := shop.Staff.FulfillOrderWithResponse(t.Context(), order.ID, nil, client.OrderFulfill{})
	require.NoError(t, err)
	require.Equal(t, http.StatusCreated, fulfilled.StatusCode(), string(fulfilled.Body))
	return order
}

// returned is a return of so many of the order's line, of which so many came and so many are on the shelf again.
func returned(t *testing.T, shop *shoptest.Shop, order client.Order, quantity, came, restocked int32) client.Return {
	t.Helper()
	line := order.Items[0].ID
	asked, err := shop.Guest.RequestReturnWithResponse(t.Context(), order.ID, &client.RequestReturnParams{XOrderToken: order.OrderToken},
		client.ReturnCreate{Items: []client.ReturnItemInput{{OrderItemID: line, Quantity: quantity, Reason: client.ReturnReasonDAMAGED}}})
	require.NoError(t, err)
	require.Equal(t, http.StatusCreated, asked.StatusCode(), string(asked.Body))
	require.Nil(t, asked.JSON201.Items[0].RestockedQuantity, "for staff alone")
	approved, err := shop.Staff.ApproveReturnWithResponse(t.Context(), asked.JSON201.ID, nil)
	require.NoError(t, err)
	require.Equal(t, client.ReturnStatusAPPROVED, approved.JSON200.Status)
	for field, body := range map[string]client.ReturnReceiptItem{
		"items[0].receivedQuantity":  {OrderItemID: line, ReceivedQuantity: quantity + 1},
		"items[0].restockedQuantity": {OrderItemID: line, ReceivedQuantity: 0, RestockedQuantity: new(int32(1))},
	} {
		wrong, err := shop.Staff.ReceiveReturnWithResponse(t.Context(), asked.JSON201.ID, nil, client.ReturnReceive{Items: []client.ReturnReceiptItem{body}})
		require.NoError(t, err)
		require.GreaterOrEqual(t, wrong.StatusCode(), http.StatusConflict)
		require.Contains(t, string(wrong.Body), field, "a field is named as it was sent")
	}
	received, err := shop.Staff.ReceiveReturnWithResponse(t.Context(), asked.JSON201.ID, nil, client.ReturnReceive{
		Items: []client.ReturnReceiptItem{{OrderItemID: line, ReceivedQuantity: came, RestockedQuantity: &restocked}},
	})
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, received.StatusCode(), string(received.Body))
	return *received.JSON200
}

// refundReturn refunds a return, and answers the status and, of a conflict, its code.
func refundReturn(t *testing.T, shop *shoptest.Shop, id uuid.UUID, body client.ReturnRefund) (int, string) {
	t.Helper()
	got, err := shop.Staff.RefundReturnWithResponse(t.Context(), id, nil, body)
	require.NoError(t, err)
	if got.ApplicationProblemJSON409 != nil {
		return got.StatusCode(), got.ApplicationProblemJSON409.Code
	}
	return got.StatusCode(), ""
}

func readReturn(t *testing.T, shop *shoptest.Shop, id uuid.UUID) client.Return {
	t.Helper()
	got, err := shop.Staff.GetReturnWithResponse(t.Context(), id)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, got.StatusCode(), string(got.Body))
	return *got.JSON200
}

func TestAReturnGivesBackWhatCameOfIt(t *testing.T) {
	t.Parallel()
	shop := setup(t)
	lamp := shop.Product(9)
	order := sent(t, shop, "pm_card_visa", 3, lamp)
	require.Equal(t, [2]int32{6, 0}, stock(t, shop, lamp.ID))
	one := returned(t, shop, order, 3, 2, 1)
	require.Equal(t, client.ReturnStatusRECEIVED, one.Status)
	require.Equal(t, [2]int32{7, 0}, stock(t, shop, lamp.ID), "one is written off")
	require.Equal(t, "Return "+one.ReturnNumber, scan[string](t, shop, "SELECT note FROM stock_movements WHERE note LIKE 'Return %'"))

	status, code := refundReturn(t, shop, one.ID, client.ReturnRefund{Amount: money("500")})
	require.Equal(t, http.StatusConflict, status)
	require.Equal(t, "return_worth_exceeded", code)
	status, _ = refundReturn(t, shop, one.ID, client.ReturnRefund{Fee: money("5"), Amount: money("1")})
	require.Equal(t, http.StatusUnprocessableEntity, status)
	status, _ = refundReturn(t, shop, one.ID, client.ReturnRefund{Fee: money("5")})
	require.Equal(t, http.StatusCreated, status)
	require.Equal(t, client.ReturnStatusREFUNDED, readReturn(t, shop, one.ID).Status)
	require.Equal(t, [3]string{"220.99", "0.00", "426.98"}, amounts(shop, order), "two of three lamps, less the fee")
	_, code = refundReturn(t, shop, one.ID, client.ReturnRefund{})
	require.Equal(t, "transition_not_allowed", code)
	require.Equal(t, "refund_exceeds_order", notGivenBack(t, shop, order, client.RefundCreate{Items: lines(order, 2)}), "two were refunded")

	another := returned(t, shop, order, 1, 1, 1)
	require.Equal(t, [2]int32{8, 0}, stock(t, shop, lamp.ID))
	giveBack(t, shop, order, client.RefundCreate{Items: lines(order, 1)})
	_, code = refundReturn(t, shop, another.ID, client.ReturnRefund{})
	require.Equal(t, "nothing_to_refund", code, "it was refunded without its return")
	closed, err := shop.Staff.CloseReturnWithResponse(t.Context(), another.ID, nil)
	require.NoError(t, err)
	require.Equal(t, client.ReturnStatusCLOSED, closed.JSON200.Status)
	require.EqualValues(t, 42698+21599, refunded(shop))
}

func TestAReturnWhoseRefundFailedIsRefundedAgain(t *testing.T) {
	t.Parallel()
	shop := setup(t)
	order := sent(t, shop, "pm_card_refundFail", 1, shop.Product(9))
	one := returned(t, shop, order, 1, 1, 0)
	status, _ := refundReturn(t, shop, one.ID, client.ReturnRefund{})
	require.Equal(t, http.StatusCreated, status)
	drain(t, shop)
	require.Eventually(t, func() bool { return readReturn(t, shop, one.ID).Status == client.ReturnStatusRECEIVED }, soon, tick)
	require.Nil(t, readReturn(t, shop, one.ID).RefundID)
	status, _ = refundReturn(t, shop, one.ID, client.ReturnRefund{})
	require.Equal(t, http.StatusCreated, status)
}

func TestAReturnWhoseMoneyIsOnItsWayIsNotRefundedAgain(t *testing.T) {
	t.Parallel()
	shop := setup(t)
	order := sent(t, shop, "pm_card_pendingRefund", 2, shop.Product(9))
	one := returned(t, shop, order, 1, 1, 0)
	status, _ := refundReturn(t, shop, one.ID, client.ReturnRefund{Amount: money("1")})
	require.Equal(t, http.StatusCreated, status)
	now := readReturn(t, shop, one.ID)
	require.Equal(t, client.ReturnStatusRECEIVED, now.Status)
	require.NotNil(t, now.RefundID)
	status, code := refundReturn(t, shop, one.ID, client.ReturnRefund{Amount: money("1")})
	require.Equal(t, http.StatusConflict, status)
	require.Equal(t, "return_refund_pending", code)
	require.NoError(t, shop.Stripe.FinishRefund(shop.Stripe.Refunds()[0].ID, true))
	drain(t, shop)
	require.Equal(t, client.ReturnStatusREFUNDED, readReturn(t, shop, one.ID).Status)
}

func TestAReturnIsReceivedAndRefundedOnceHoweverManyDoSo(t *testing.T) {
	t.Parallel()
	shop := setup(t)
	lamp := shop.Product(9)
	order := sent(t, shop, "pm_card_visa", 2, lamp)
	one := returned(t, shop, order, 2, 2, 2)
	statuses := make([]int, 8)
	shoptest.Together(len(statuses), func(n int) {
		if n%2 == 0 {
			statuses[n], _ = refundReturn(t, shop, one.ID, client.ReturnRefund{})
			return
		}
		got, err := shop.Staff.ReceiveReturnWithResponse(t.Context(), one.ID, nil, client.ReturnReceive{
			Items: []client.ReturnReceiptItem{{OrderItemID: order.Items[0].ID, ReceivedQuantity: 2}},
		})
		if err == nil {
			statuses[n] = got.StatusCode()
		}
	})
	made := 0
	for _, status := range statuses {
		if status == http.StatusCreated {
			made++
			continue
		}
		require.Equal(t, http.StatusConflict, status)
	}
	require.Equal(t, 1, made)
	require.Equal(t, [2]int32{9, 0}, stock(t, shop, lamp.ID))
	require.EqualValues(t, captured(shop), refunded(shop))
}
