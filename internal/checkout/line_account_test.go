package checkout_test

import (
	"bytes"
	"net/http"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"cartwright/gen/client"
	"cartwright/internal/app/shoptest"
	"cartwright/internal/doctor"
)

// level is on hand, allocated, reserved and available of a product's default variant, as staff read it.
func level(t *testing.T, shop *shoptest.Shop, product client.Product) [4]int32 {
	t.Helper()
	got, err := shop.Staff.GetProductInventoryWithResponse(t.Context(), product.Slug)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, got.StatusCode(), string(got.Body))
	l := got.JSON200.Data[0]
	return [4]int32{l.OnHand, l.Allocated, l.Reserved, l.Available}
}

// account is of how many units of a line were cancelled, refunded before sending, sent and returned, and are to be sent.
func account(shop *shoptest.Shop, order client.Order, line int) [5]int32 {
	i := shop.ReadOrder(order.ID).Items[line]
	return [5]int32{i.CancelledQuantity, i.RefundedQuantity, i.FulfilledQuantity, i.ReturnedQuantity, i.QuantityToSend}
}

// sendSome sends so many of an order's first line, and answers the status.
func sendSome(t *testing.T, shop *shoptest.Shop, order client.Order, quantity int32) int {
	t.Helper()
	sent, err := shop.Staff.FulfillOrderWithResponse(t.Context(), order.ID, nil, client.OrderFulfill{
		Items: []client.FulfillmentItemInput{{OrderItemID: order.Items[0].ID, Quantity: quantity}},
	})
	require.NoError(t, err)
	return sent.StatusCode()
}

// cancelRest cancels so many of an order's first line, or all that is to be sent.
func cancelRest(t *testing.T, shop *shoptest.Shop, order client.Order, body client.OrderItemsCancel) *client.CancelOrderItemsResponse {
	t.Helper()
	cancelled, err := shop.Staff.CancelOrderItemsWithResponse(t.Context(), order.ID, nil, body)
	require.NoError(t, err)
	return cancelled
}

func closeReturn(t *testing.T, shop *shoptest.Shop, id uuid.UUID) client.Return {
	t.Helper()
	closed, err := shop.Staff.CloseReturnWithResponse(t.Context(), id, nil)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, closed.StatusCode(), string(closed.Body))
	return *closed.JSON200
}

// healthy has the doctor examine the shop.
func healthy(t *testing.T, shop *shoptest.Shop) {
	t.Helper()
	var out bytes.Buffer
	broken, err := doctor.Examine(t.Context(), shop.DB, &out)
	require.NoError(t, err)
	require.Zero(t, broken, out.String())
}

// A unit that was refunded and put back on the shelf is sold to somebody else, and sent once.
func TestARefundedUnitIsNeverSent(t *testing.T) {
	t.Parallel()
	shop := setup(t)
	lamp, table := shop.Product(1), shop.Product(5)
	first, _ := paid(t, shop, "pm_card_visa", 1, lamp, table)
	giveBack(t, shop, first, client.RefundCreate{Items: lines(first, 1)[:1], Restock: &yes})
	require.Equal(t, [5]int32{0, 1, 0, 0, 0}, account(shop, first, 0))
	require.Equal(t, [4]int32{1, 0, 0, 1}, level(t, shop, lamp))
	second, _ := paid(t, shop, "pm_card_visa", 1, lamp)
	require.Equal(t, http.StatusConflict, sendSome(t, shop, first, 1))
	require.Equal(t, http.StatusCreated, send(t, shop, first.ID).StatusCode())
	require.Equal(t, [5]int32{0, 1, 0, 0, 0}, account(shop, first, 0), "the table is sent without it")
	require.Equal(t, client.OrderStatusSHIPPED, shop.ReadOrder(first.ID).Status)
	require.Equal(t, http.StatusCreated, send(t, shop, second.ID).StatusCode())
	require.Equal(t, [4]int32{0, 0, 0, 0}, level(t, shop, lamp))
	healthy(t, shop)
}

func TestOneOfThreeIsSentAndTheOthersAreRefunded(t *testing.T) {
	t.Parallel()
	shop := setup(t)
	for name, restock := range map[string]bool{"for sale again": true, "written off": false} {
		t.Run(name, func(t *testing.T) {
			lamp := shop.Product(5)
			order, _ := paid(t, shop, "pm_card_visa", 3, lamp)
			require.Equal(t, http.StatusCreated, sendSome(t, shop, order, 1))
			giveBack(t, shop, order, client.RefundCreate{Items: lines(order, 2), Restock: &restock})
			now := shop.ReadOrder(order.ID)
			require.Equal(t, client.FulfillmentStatusFULFILLED, now.FulfillmentStatus)
			require.Equal(t, client.OrderStatusSHIPPED, now.Status)
			require.Equal(t, [5]int32{0, 2, 1, 0, 0}, account(shop, order, 0))
			left := int32(4)
			if !restock {
				left = 2
			}
			require.Equal(t, [4]int32{left, 0, 0, left}, level(t, shop, lamp))
			require.Equal(t, "nothing_to_fulfill", send(t, shop, order.ID).ApplicationProblemJSON409.Code)
			delivered, err := shop.Staff.UpdateOrderStatusWithResponse(t.Context(), order.ID, nil, client.OrderStatusUpdate{Status: client.OrderStatusDELIVERED})
			require.NoError(t, err)
			require.Equal(t, http.StatusOK, delivered.StatusCode(), string(delivered.Body))
			healthy(t, shop)
		})
	}
}

// A refund that fails leaves its units as they are; refunding them again takes nothing off twice.
func TestUnitsOfARefundThatFailedAreTakenOffOnce(t *testing.T) {
	t.Parallel()
	shop := setup(t)
	lamp := shop.Product(5)
	order, _ := paid(t, shop, "pm_card_refundFail", 3, lamp)
	for range 2 {
		giveBack(t, shop, order, client.RefundCreate{Items: lines(order, 1), Restock: &yes})
		drain(t, shop)
		require.Equal(t, [5]int32{0, 1, 0, 0, 2}, account(shop, order, 0))
		require.Equal(t, [4]int32{5, 2, 0, 3}, level(t, shop, lamp))
	}
	healthy(t, shop)
}

// However all the money of an order that was not sent goes back, its units are for sale again.
func TestAFullRefundOfAnUnsentOrderFreesItsUnits(t *testing.T) {
	t.Parallel()
	shop := setup(t)
	for name, refund := range map[string]func(client.Order, string){
		"by the shop":           func(o client.Order, _ string) { giveBack(t, shop, o, client.RefundCreate{}) },
		"by its amount":         func(o client.Order, _ string) { giveBack(t, shop, o, client.RefundCreate{Amount: &o.TotalAmount}) },
		"in Stripe's dashboard": func(_ client.Order, intent string) { inDashboard(t, shop, intent, "") },
		"in parts, as goodwill": func(o client.Order, intent string) {
			giveBack(t, shop, o, client.RefundCreate{Amount: money("5")})
			inDashboard(t, shop, intent, "")
		},
		"line by line, all of one": func(o client.Order, _ string) {
			giveBack(t, shop, o, client.RefundCreate{Items: lines(o, 3), Restock: &yes})
		},
	} {
		t.Run(name, func(t *testing.T) {
			lamp := shop.Product(3)
			order, intent := paid(t, shop, "pm_card_visa", 3, lamp)
			refund(order, intent)
			drain(t, shop)
			becomes(t, shop, order.ID, client.OrderStatusREFUNDED, client.PaymentStatusREFUNDED)
			require.Equal(t, [5]int32{0, 3, 0, 0, 0}, account(shop, order, 0))
			require.Equal(t, [4]int32{3, 0, 0, 3}, level(t, shop, lamp))
			require.Equal(t, http.StatusConflict, send(t, shop, order.ID).StatusCode())
			healthy(t, shop)
		})
	}
}

// Of an order that was sent in part, a full refund frees the rest.
func TestAFullRefundOfAHalfSentOrderFreesTheRest(t *testing.T) {
	t.Parallel()
	shop := setup(t)
	lamp := shop.Product(3)
	order, intent := paid(t, shop, "pm_card_visa", 3, lamp)
	require.Equal(t, http.StatusCreated, sendSome(t, shop, order, 1))
	inDashboard(t, shop, intent, "")
	drain(t, shop)
	becomes(t, shop, order.ID, client.OrderStatusREFUNDED, client.PaymentStatusREFUNDED)
	require.Equal(t, client.FulfillmentStatusFULFILLED, shop.ReadOrder(order.ID).FulfillmentStatus)
	require.Equal(t, [5]int32{0, 2, 1, 0, 0}, account(shop, order, 0))
	require.Equal(t, [4]int32{2, 0, 0, 2}, level(t, shop, lamp))
	healthy(t, shop)
}

// A count finds what is there, with what is sold and not sent: only the rest is for sale.
func TestACountOfTheShelfSellsNothingTwice(t *testing.T) {
	t.Parallel()
	shop := setup(t)
	lamp := shop.Product(20)
	order, _ := paid(t, shop, "pm_card_visa", 3, lamp)
	shop.Order(2, lamp)
	require.Equal(t, [4]int32{20, 3, 2, 15}, level(t, shop, lamp))
	count := func(units int32) {
		counted, err := shop.Staff.AdjustProductInventoryWithResponse(t.Context(), lamp.Slug, nil,
			client.InventoryAdjustment{Quantity: &units, Reason: client.InventoryReasonCOUNTED})
		require.NoError(t, err)
		require.Equal(t, http.StatusOK, counted.StatusCode(), string(counted.Body))
	}
	count(20)
	require.Equal(t, [4]int32{20, 3, 2, 15}, level(t, shop, lamp))
	require.EqualValues(t, 15, shop.ReadProduct(lamp.ID).InventoryQuantity)
	count(3)
	require.Equal(t, [4]int32{3, 3, 2, -2}, level(t, shop, lamp), "what was not found is owed")
	require.Equal(t, http.StatusCreated, send(t, shop, order.ID).StatusCode(), "what is sold is sent first")
	require.Equal(t, [4]int32{0, 0, 2, -2}, level(t, shop, lamp))
	healthy(t, shop)
}

// Lines whose money is gone, or that never had any, are finished all the same.
func TestLinesWithoutMoneyAreFinished(t *testing.T) {
	t.Parallel()
	shop := setup(t)
	free := func(p *client.ProductCreate) { p.Price = "0" }
	t.Run("a line after goodwill gives back what is left", func(t *testing.T) {
		lamp := shop.Product(3)
		order, _ := paid(t, shop, "pm_card_visa", 1, lamp)
		giveBack(t, shop, order, client.RefundCreate{Amount: money("5")})
		require.Equal(t, "210.99", giveBack(t, shop, order, client.RefundCreate{Items: lines(order, 1), Restock: &yes}).Amount.String())
		require.Equal(t, [4]int32{3, 0, 0, 3}, level(t, shop, lamp))
	})
	t.Run("a free line that was not sent is cancelled", func(t *testing.T) {
		gift, lamp := shop.Product(3, free), shop.Product(3)
		order, _ := paid(t, shop, "pm_card_visa", 1, gift, lamp)
		cancelled := cancelRest(t, shop, order, client.OrderItemsCancel{Items: []client.FulfillmentItemInput{{OrderItemID: order.Items[0].ID, Quantity: 1}}})
		require.Equal(t, http.StatusOK, cancelled.StatusCode(), string(cancelled.Body))
		require.Equal(t, [5]int32{1, 0, 0, 0, 0}, account(shop, order, 0))
		require.Equal(t, [4]int32{3, 0, 0, 3}, level(t, shop, gift))
		require.Equal(t, [3]string{"215.99", "0.00", "0.00"}, amounts(shop, order))
		require.Equal(t, http.StatusCreated, send(t, shop, order.ID).StatusCode())
	})
	t.Run("a return of a refunded line is closed", func(t *testing.T) {
		lamp := shop.Product(3)
		order := sent(t, shop, "pm_card_visa", 1, lamp)
		giveBack(t, shop, order, client.RefundCreate{})
		one := returned(t, shop, order, 1, 1, 1)
		require.Equal(t, [4]int32{3, 0, 0, 3}, level(t, shop, lamp))
		status, code := refundReturn(t, shop, one.ID, client.ReturnRefund{})
		require.Equal(t, http.StatusConflict, status)
		require.Equal(t, "nothing_to_refund", code)
		require.Equal(t, client.ReturnStatusCLOSED, closeReturn(t, shop, one.ID).Status)
	})
	t.Run("a return of a free line is closed", func(t *testing.T) {
		gift, lamp := shop.Product(3, free), shop.Product(3)
		order, _ := paid(t, shop, "pm_card_visa", 1, gift, lamp)
		require.Equal(t, http.StatusCreated, send(t, shop, order.ID).StatusCode())
		one := returned(t, shop, order, 1, 1, 1)
		_, code := refundReturn(t, shop, one.ID, client.ReturnRefund{})
		require.Equal(t, "nothing_to_refund", code)
		require.Equal(t, client.ReturnStatusCLOSED, closeReturn(t, shop, one.ID).Status)
		require.Equal(t, [4]int32{3, 0, 0, 3}, level(t, shop, gift))
	})
	t.Run("a return of what was refunded in part gives back the rest", func(t *testing.T) {
		order := sent(t, shop, "pm_card_visa", 2, shop.Product(3))
		giveBack(t, shop, order, client.RefundCreate{Items: lines(order, 1)})
		one := returned(t, shop, order, 2, 2, 2)
		status, _ := refundReturn(t, shop, one.ID, client.ReturnRefund{})
		require.Equal(t, http.StatusCreated, status)
		require.Equal(t, client.ReturnStatusREFUNDED, readReturn(t, shop, one.ID).Status)
		require.Equal(t, client.OrderStatusREFUNDED, shop.ReadOrder(order.ID).Status)
	})
	healthy(t, shop)
}

// What is on its way back is not put on the shelf by a refund too.
func TestWhatIsOnAReturnIsNotRestockedByARefund(t *testing.T) {
	t.Parallel()
	shop := setup(t)
	order := sent(t, shop, "pm_card_visa", 1, shop.Product(3))
	asked, err := shop.Guest.RequestReturnWithResponse(t.Context(), order.ID, &client.RequestReturnParams{XOrderToken: order.OrderToken},
		client.ReturnCreate{Items: []client.ReturnItemInput{{OrderItemID: order.Items[0].ID, Quantity: 1, Reason: client.ReturnReasonDAMAGED}}})
	require.NoError(t, err)
	require.Equal(t, http.StatusCreated, asked.StatusCode(), string(asked.Body))
	refused, err := shop.Staff.RefundOrderWithResponse(t.Context(), order.ID, nil, client.RefundCreate{Items: lines(order, 1), Restock: &yes})
	require.NoError(t, err)
	require.Equal(t, "restock_exceeds_order", refused.ApplicationProblemJSON409.Code)
	require.Equal(t, "Only 0 of this line can be restocked.", refused.ApplicationProblemJSON409.Detail)
	require.Zero(t, refunded(shop))
}

func TestTheRestOfAHalfSentOrderIsCancelled(t *testing.T) {
	t.Parallel()
	shop := setup(t)
	lamp, table := shop.Product(5), shop.Product(5)
	order, _ := paid(t, shop, "pm_card_visa", 3, lamp, table)
	require.Equal(t, http.StatusCreated, sendSome(t, shop, order, 1))
	tooMany := cancelRest(t, shop, order, client.OrderItemsCancel{Items: []client.FulfillmentItemInput{{OrderItemID: order.Items[0].ID, Quantity: 3}}})
	require.Equal(t, "fulfillment_exceeds_order", tooMany.ApplicationProblemJSON409.Code)
	cancelled := cancelRest(t, shop, order, client.OrderItemsCancel{})
	require.Equal(t, http.StatusOK, cancelled.StatusCode(), string(cancelled.Body))
	require.Equal(t, client.OrderStatusSHIPPED, cancelled.JSON200.Status)
	require.Equal(t, client.FulfillmentStatusFULFILLED, cancelled.JSON200.FulfillmentStatus)
	require.Equal(t, [5]int32{2, 0, 1, 0, 0}, account(shop, order, 0))
	require.Equal(t, [5]int32{3, 0, 0, 0, 0}, account(shop, order, 1))
	require.Equal(t, [4]int32{4, 0, 0, 4}, level(t, shop, lamp))
	require.Equal(t, [4]int32{5, 0, 0, 5}, level(t, shop, table))
	require.Eventually(t, func() bool { return shop.ReadOrder(order.ID).PaymentStatus == client.PaymentStatusPARTIALLYREFUNDED }, soon, tick)
	require.Equal(t, "nothing_to_cancel", cancelRest(t, shop, order, client.OrderItemsCancel{}).ApplicationProblemJSON409.Code)
	healthy(t, shop)
}

func TestAnOrderOfWhichAllIsCancelledIsCancelled(t *testing.T) {
	t.Parallel()
	shop := setup(t)
	lamp := shop.Product(5)
	order, _ := paid(t, shop, "pm_card_visa", 3, lamp)
	no := false
	first := cancelRest(t, shop, order, client.OrderItemsCancel{Restock: &no, Items: []client.FulfillmentItemInput{{OrderItemID: order.Items[0].ID, Quantity: 1}}})
	require.Equal(t, http.StatusOK, first.StatusCode(), string(first.Body))
	require.Equal(t, client.OrderStatusCONFIRMED, first.JSON200.Status)
	require.Equal(t, [4]int32{4, 2, 0, 2}, level(t, shop, lamp), "it is written off")
	all := cancelRest(t, shop, order, client.OrderItemsCancel{})
	require.Equal(t, client.OrderStatusCANCELLED, all.JSON200.Status)
	require.Equal(t, [4]int32{4, 0, 0, 4}, level(t, shop, lamp))
	becomes(t, shop, order.ID, client.OrderStatusCANCELLED, client.PaymentStatusREFUNDED)
	require.EqualValues(t, captured(shop), refunded(shop))
	healthy(t, shop)
}

// What waits for stock is not sent before it is there, and until then no authorized money is taken for it.
func TestABackOrderIsSentOnceItIsThere(t *testing.T) {
	t.Parallel()
	shop := setup(t, shoptest.WithManualCapture())
	lamp := shop.Product(1, func(p *client.ProductCreate) { p.AllowBackorder = &yes })
	first, second := shop.Order(1, lamp), shop.Order(2, lamp)
	for _, order := range []client.Order{first, second} {
		pay(t, shop, order.ID, "pm_card_visa")
	}
	intent := *shop.ReadOrder(second.ID).StripePaymentIntentID
	require.Nil(t, shop.ReadOrder(first.ID).Items[0].BackorderedQuantity, "who bought first is served first")
	require.EqualValues(t, 2, *shop.ReadOrder(second.ID).Items[0].BackorderedQuantity)
	refused := send(t, shop, second.ID)
	require.Equal(t, http.StatusConflict, refused.StatusCode(), string(refused.Body))
	require.Equal(t, "insufficient_inventory", refused.ApplicationProblemJSON409.Code)
	require.Equal(t, "Only 1 of "+lamp.SKU+" are on hand. Receive the others first.", refused.ApplicationProblemJSON409.Detail)
	require.Equal(t, isAuthorized, stands(t, shop, second.ID))
	require.Zero(t, captures(t, shop, intent))
	units := int32(2)
	received, err := shop.Staff.AdjustProductInventoryWithResponse(t.Context(), lamp.Slug, nil,
		client.InventoryAdjustment{Delta: &units, Reason: client.InventoryReasonRECEIVED})
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, received.StatusCode(), string(received.Body))
	require.Nil(t, shop.ReadOrder(second.ID).Items[0].BackorderedQuantity)
	require.Equal(t, http.StatusCreated, send(t, shop, second.ID).StatusCode())
	require.Equal(t, http.StatusCreated, send(t, shop, first.ID).StatusCode())
	require.Equal(t, [4]int32{0, 0, 0, 0}, level(t, shop, lamp))
	healthy(t, shop)
}
