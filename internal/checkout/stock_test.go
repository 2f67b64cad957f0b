package checkout_test

import (
	"context"
	"math/rand/v2"
	"net/http"
	"net/url"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"cartwright/gen/client"
	"cartwright/internal/app/shoptest"
)

// stock is how many of a product are on hand and not sold, and how many of them are reserved.
func stock(t *testing.T, shop *shoptest.Shop, product uuid.UUID) [2]int32 {
	t.Helper()
	var onHand, reserved int32
	require.NoError(t, shop.DB.QueryRow(context.Background(), `SELECT s.on_hand - s.allocated, s.reserved FROM stock_levels s
		JOIN product_variants v ON v.id = s.variant_id WHERE v.product_id = $1`, product).Scan(&onHand, &reserved))
	return [2]int32{onHand, reserved}
}

func cancel(t *testing.T, shop *shoptest.Shop, order uuid.UUID) client.Order {
	t.Helper()
	cancelled, err := shop.Staff.CancelOrderWithResponse(t.Context(), order, nil, client.OrderCancel{})
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, cancelled.StatusCode(), string(cancelled.Body))
	return *cancelled.JSON200
}

// Buyers whose carts hold the same variants in any order wait for each other, never in a circle.
func TestSixtyFourBuyersOfOverlappingCartsSellAllThereIs(t *testing.T) {
	t.Parallel()
	const buyers, units = 64, 20
	shop := setup(t)
	products := make([]client.Product, 6)
	for i := range products {
		products[i] = shop.Product(units)
	}
	carts, wanted := make([]uuid.UUID, buyers), map[uuid.UUID]int32{}
	for i := range carts {
		rand.Shuffle(len(products), func(a, b int) { products[a], products[b] = products[b], products[a] })
		some := products[:3+i%4]
		carts[i] = shop.Cart(1, some...).ID
		for _, product := range some {
			wanted[product.ID]++
		}
	}
	statuses := make([]int, buyers)
	shoptest.Together(buyers, func(i int) {
		placed, err := shop.Place(t.Context(), carts[i])
		if err != nil {
			t.Error(err)
			return
		}
		if statuses[i] = placed.StatusCode(); statuses[i] == http.StatusCreated {
			answer, err := shop.Pay(t.Context(), placed.JSON201.ID, "pm_card_visa")
			if err != nil || answer.StatusCode() != http.StatusOK {
				t.Errorf("%v %s", err, answer.Body)
			}
		}
	})
	for i, status := range statuses {
		require.Contains(t, []int{http.StatusCreated, http.StatusConflict}, status, "buyer %d", i)
	}
	soldOut := 0
	for _, product := range products {
		now := stock(t, shop, product.ID)
		require.GreaterOrEqual(t, now[0], units-min(units, wanted[product.ID]))
		require.Zero(t, now[1])
		if now[0] == 0 {
			soldOut++
		}
	}
	require.NotZero(t, soldOut, "buyers were refused only for what was gone")
}

func TestCancellingGivesHeldStockBackOnce(t *testing.T) {
	t.Parallel()
	shop := setup(t)
	product := shop.Product(5)
	order := shop.Order(3, product)
	require.Equal(t, [2]int32{5, 3}, stock(t, shop, product.ID))
	for range 2 {
		require.Equal(t, client.OrderStatusCANCELLED, cancel(t, shop, order.ID).Status)
		require.Equal(t, [2]int32{5, 0}, stock(t, shop, product.ID))
	}
	refused, err := shop.Pay(t.Context(), order.ID, "pm_card_visa")
	require.NoError(t, err)
	require.Equal(t, "order_not_payable", refused.ApplicationProblemJSON409.Code)
}

func TestCancellingMakesSureThatTheBrowserCannotPayAnyMore(t *testing.T) {
	t.Parallel()
	shop := setup(t)
	order := shop.Order(1, shop.Product(5))
	intent := ask(t, shop, order.ID)
	cancel(t, shop, order.ID)
	inBrowser(t, shop, intent, "pm_card_visa", http.StatusBadRequest)
	require.Zero(t, captured(shop))
}

func TestOrdersThatAreDueAreFoundHoweverMany(t *testing.T) {
	t.Parallel()
	shop := setup(t)
	product := shop.Product(5)
	due, inTime := shop.Order(1, product), shop.Order(1, product)
	// More than are looked at together have been due longer, and stay so.
	exec(t, shop, `INSERT INTO orders (id, cart_id, order_number, email, status, payment_status, fulfillment_status, currency,
			subtotal_minor, discount_minor, shipping_minor, tax_minor, total_minor, shipping_address, billing_address,
			expires_at, created_at, updated_at)
		SELECT gen_random_uuid(), gen_random_uuid(), 'X' || n, email, status, 'PAID', fulfillment_status, currency,
			subtotal_minor, discount_minor, shipping_minor, tax_minor, total_minor, shipping_address, billing_address,
			'2020-01-01', created_at, updated_at
		FROM orders, generate_series(1, 101) n WHERE id = $1`, due.ID)
	t.Cleanup(func() {
		drain(t, shop)
		exec(t, shop, "DELETE FROM orders WHERE order_number LIKE 'X%'")
	})
	exec(t, shop, "UPDATE orders SET expires_at = now() - interval '1 second' WHERE id = $1", due.ID)
	require.Eventually(t, func() bool {
		return scan[bool](t, shop, "SELECT EXISTS (SELECT FROM river_job WHERE kind = 'order_expire' AND args->>'orderId' = $1)", due.ID.String())
	}, 2*soon, tick, "it was not found")
	becomes(t, shop, due.ID, client.OrderStatusCANCELLED, client.PaymentStatusPENDING)
	require.Equal(t, [2]int32{5, 1}, stock(t, shop, product.ID))
	require.Equal(t, client.OrderStatusPENDING, shop.ReadOrder(inTime.ID).Status)
}

func TestAnUnpaidOrderExpiresAndGivesItsStockBack(t *testing.T) {
	t.Parallel()
	shop := setup(t)
	product := shop.Product(5)
	untouched, asked, declined := shop.Order(1, product), shop.Order(1, product), shop.Order(1, product)
	intent := ask(t, shop, asked.ID)
	_, err := shop.Pay(t.Context(), declined.ID, "pm_card_chargeDeclined")
	require.NoError(t, err)
	require.Equal(t, [2]int32{5, 3}, stock(t, shop, product.ID))
	for _, order := range []client.Order{untouched, asked, declined} {
		expire(t, shop, order.ID)
	}
	becomes(t, shop, untouched.ID, client.OrderStatusCANCELLED, client.PaymentStatusPENDING)
	becomes(t, shop, asked.ID, client.OrderStatusCANCELLED, client.PaymentStatusPENDING)
	becomes(t, shop, declined.ID, client.OrderStatusCANCELLED, client.PaymentStatusFAILED)
	require.Equal(t, [2]int32{5, 0}, stock(t, shop, product.ID))
	inBrowser(t, shop, intent, "pm_card_visa", http.StatusBadRequest)
}

// The job may come late, early or twice: an order in time and a paid order are left alone.
func TestExpiryLeavesPaidOrdersAndOrdersInTimeAlone(t *testing.T) {
	t.Parallel()
	shop := setup(t)
	product := shop.Product(5)
	paid, inTime := shop.Order(1, product), shop.Order(1, product)
	pay(t, shop, paid.ID, "pm_card_visa")
	expire(t, shop, paid.ID)
	look(t, shop, inTime.ID)
	require.Eventually(t, func() bool {
		return scan[int](t, shop, `SELECT count(*) FROM river_job WHERE kind = 'order_expire' AND
			(args->>'orderId' = $1 AND state = 'completed' OR args->>'orderId' = $2 AND state = 'scheduled')`,
			paid.ID.String(), inTime.ID.String()) == 2
	}, soon, tick)
	require.Equal(t, client.OrderStatusCONFIRMED, shop.ReadOrder(paid.ID).Status)
	require.Equal(t, client.OrderStatusPENDING, shop.ReadOrder(inTime.ID).Status)
	require.Equal(t, [2]int32{4, 1}, stock(t, shop, product.ID))
}

func TestCancellingAPaidOrderReturnsItsStockAndItsMoneyOnce(t *testing.T) {
	t.Parallel()
	shop := setup(t)
	product := shop.Product(5)
	order := shop.Order(2, product)
	pay(t, shop, order.ID, "pm_card_visa")
	require.Equal(t, [2]int32{3, 0}, stock(t, shop, product.ID))
	cancel(t, shop, order.ID)
	cancel(t, shop, order.ID)
	becomes(t, shop, order.ID, client.OrderStatusCANCELLED, client.PaymentStatusREFUNDED)
	require.Equal(t, [2]int32{5, 0}, stock(t, shop, product.ID))
	require.EqualValues(t, 43198, refunded(shop))

	// The job dies after Stripe's answer and runs again.
	exec(t, shop, "UPDATE refunds SET status = 'PENDING', refund_id = NULL")
	exec(t, shop, `UPDATE river_job SET state = 'available', finalized_at = NULL, attempt = 0, scheduled_at = now()
		WHERE kind = 'payment_refund'`)
	require.Eventually(t, func() bool {
		return scan[string](t, shop, "SELECT status FROM refunds") == "SUCCEEDED"
	}, soon, tick)
	require.Len(t, shop.Stripe.Refunds(), 1)
	require.EqualValues(t, 43198, refunded(shop))
}

// What somebody gives back by hand before the job does is not given back again, and the job ends: ours is no refund.
func TestARefundByHandBeforeTheJobIsTheRefund(t *testing.T) {
	t.Parallel()
	shop := setup(t)
	order := shop.Order(1, shop.Product(5))
	paid := pay(t, shop, order.ID, "pm_card_visa")
	inDashboard(t, shop, paid.PaymentIntent.ID, "")
	drain(t, shop)
	require.Equal(t, client.PaymentStatusREFUNDED, shop.ReadOrder(order.ID).PaymentStatus)
	refund := uuid.New()
	exec(t, shop, `INSERT INTO refunds (id, payment_id, source, actor, amount_minor, note, status, created_at, updated_at)
		SELECT $1, id, 'SHOP', 'system', amount_minor, 'decided just before', 'PENDING', now(), now() FROM payments`, refund)
	exec(t, shop, `INSERT INTO river_job (kind, args, state, max_attempts, queue, priority)
		VALUES ('payment_refund', jsonb_build_object('refundId', $1::text), 'available', 25, 'default', 1)`, refund.String())
	require.Eventually(t, func() bool {
		return scan[string](t, shop, "SELECT status || ' ' || coalesce(failure, '') FROM refunds WHERE id = $1", refund) == "FAILED charge_already_refunded"
	}, soon, tick)
	require.Equal(t, "SUCCEEDED", scan[string](t, shop, "SELECT status FROM refunds WHERE source = 'DASHBOARD'"))
	require.EqualValues(t, 21599, refunded(shop))
}

// late pays an order at Stripe that expired while the shop did not know of its intent: creation's answer was lost.
func late(t *testing.T, shop *shoptest.Shop, wire *line, product client.Product) (client.Order, func()) {
	t.Helper()
	order := shop.Order(3, product)
	wire.cut.Store(true)
	unavailable(t, shop, order.ID, "pm_card_visa")
	wire.cut.Store(false)
	exec(t, shop, "UPDATE payment_attempts SET lease_until = now()")
	intents := shop.Stripe.Intents()
	expire(t, shop, order.ID)
	becomes(t, shop, order.ID, client.OrderStatusCANCELLED, client.PaymentStatusPENDING)
	return order, func() {
		answer := atStripe(shop, "sk_test_dashboard", "/v1/payment_intents/"+intents[len(intents)-1].ID+"/confirm",
			url.Values{"payment_method": {"pm_card_visa"}, "return_url": {"https://shop.example"}})
		require.Equal(t, http.StatusOK, answer.Code, answer.Body)
		drain(t, shop)
	}
}

func TestMoneyForAnExpiredOrderBringsItBackIfItsStockCanBeHad(t *testing.T) {
	t.Parallel()
	wire := &line{match: creating}
	shop := setup(t, shoptest.WithStripeFront(wire.front))
	product := shop.Product(5)
	order, payLate := late(t, shop, wire, product)
	payLate()
	now := shop.ReadOrder(order.ID)
	require.Equal(t, client.OrderStatusCONFIRMED, now.Status)
	require.Equal(t, client.PaymentStatusPAID, now.PaymentStatus)
	require.Equal(t, [2]int32{2, 0}, stock(t, shop, product.ID))
	require.Zero(t, refunded(shop))
}

func TestMoneyForAnExpiredOrderGoesBackOnceIfItsStockIsGone(t *testing.T) {
	t.Parallel()
	wire := &line{match: creating}
	shop := setup(t, shoptest.WithStripeFront(wire.front))
	product := shop.Product(5)
	order, payLate := late(t, shop, wire, product)
	shop.Order(3, product)
	payLate()
	becomes(t, shop, order.ID, client.OrderStatusCANCELLED, client.PaymentStatusREFUNDED)
	require.NoError(t, shop.Stripe.Resend(of(shop, "payment_intent.succeeded")[0].ID))
	drain(t, shop)
	require.Equal(t, [2]int32{5, 3}, stock(t, shop, product.ID))
	require.EqualValues(t, captured(shop), refunded(shop))
	require.Len(t, shop.Stripe.Refunds(), 1)
}

func TestAnUntrackedProductNeverRunsOut(t *testing.T) {
	t.Parallel()
	shop := setup(t)
	untracked := false
	product := shop.Product(1, func(p *client.ProductCreate) { p.TrackInventory = &untracked })
	for range 3 {
		order := shop.Order(7, product)
		pay(t, shop, order.ID, "pm_card_visa")
	}
	require.Equal(t, [2]int32{1, 0}, stock(t, shop, product.ID))
}
