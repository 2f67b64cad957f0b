package doctor_test

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"cartwright/gen/client"
	"cartwright/internal/app/shoptest"
	"cartwright/internal/doctor"
)

func examine(t *testing.T, shop *shoptest.Shop) (int, string) {
	t.Helper()
	var out bytes.Buffer
	broken, err := doctor.Examine(t.Context(), shop.DB, &out)
	require.NoError(t, err)
	return broken, out.String()
}

func explain(t *testing.T, shop *shoptest.Shop, what string) (int, string) {
	t.Helper()
	var out bytes.Buffer
	breaks, err := doctor.Explain(t.Context(), shop.DB, what, &out)
	require.NoError(t, err)
	return breaks, out.String()
}

// busy is a shop in which everything happened that moves stock, and its product.
func busy(t *testing.T) (*shoptest.Shop, client.Product) {
	t.Helper()
	shop := shoptest.New(t, shoptest.WithoutJobs(), shoptest.WithoutWebhooks())
	product := shop.Product(10)
	note := "two\nbroken"
	delta := int32(-2)
	adjusted, err := shop.Staff.AdjustProductInventoryWithResponse(t.Context(), product.Slug, nil,
		client.InventoryAdjustment{Delta: &delta, Reason: client.InventoryReasonDAMAGED, Note: &note})
	require.NoError(t, err)
	require.NotNil(t, adjusted.JSON200, string(adjusted.Body))
	sold, returned := shop.Order(3, product), shop.Order(1, product)
	shop.Order(1, product)
	for _, order := range []client.Order{sold, returned} {
		paid, err := shop.Pay(t.Context(), order.ID, "pm_card_visa")
		require.NoError(t, err)
		require.NotNil(t, paid.JSON200, string(paid.Body))
	}
	cancelled, err := shop.Staff.CancelOrderWithResponse(t.Context(), returned.ID, nil, client.OrderCancel{})
	require.NoError(t, err)
	require.NotNil(t, cancelled.JSON200, string(cancelled.Body))
	return shop, product
}

func TestAHealthyShopPassesAndEachUnitIsExplained(t *testing.T) {
	t.Parallel()
	shop, product := busy(t)
	broken, said := examine(t, shop)
	require.Zero(t, broken, said)
	breaks, story := explain(t, shop, product.SKU)
	require.Zero(t, breaks, story)
	for _, part := range []string{
		"8 on hand, 3 of them allocated and 1 reserved", "+10       10  INITIAL", "-2        8  DAMAGED by user:", ": two broken\n",
		"3 allocated to order ORD-", "(CONFIRMED)", "1 reserved by order ORD-", "Every unit is accounted for.",
	} {
		require.Contains(t, story, part)
	}
	_, again := explain(t, shop, product.Variants[0].ID.String())
	require.Equal(t, story, again)
	_, err := doctor.Explain(t.Context(), shop.DB, "no-such-sku", &bytes.Buffer{})
	require.ErrorIs(t, err, doctor.ErrUnknown)
}

func TestWhateverIsBrokenIsNamed(t *testing.T) {
	t.Parallel()
	for name, broken := range map[string]struct {
		by, check string
		story     string // what the variant's explanation says of it
	}{
		"a unit out of nowhere": {
			"UPDATE stock_levels SET on_hand = on_hand + 1", "what is on hand", "8, but 9 are on hand: +1 without a cause",
		},
		"a movement that is lost": {
			"ALTER TABLE stock_movements DISABLE TRIGGER USER; DELETE FROM stock_movements WHERE reason = 'DAMAGED'",
			"what is on hand", "10, but 8 are on hand: -2 without a cause",
		},
		"a unit held by nobody": {
			"UPDATE stock_levels SET reserved = reserved + 1", "what is reserved", "hold 1, but 2 are reserved: +1 without a cause",
		},
		"a sale that moved nothing": {
			`UPDATE order_items SET fulfilled_quantity = quantity WHERE quantity = 3; UPDATE stock_levels SET allocated = allocated - 3`,
			"an order moved", "3 were sent and 0 came back, but it moved 0",
		},
		"a sale that nobody is to send": {
			"UPDATE order_items SET refunded_quantity = 1 WHERE quantity = 3",
			"what is allocated", "to be sent 2, but 3 are allocated: +1 without a cause",
		},
		"a unit that is to be sent although it was refunded": {
			`WITH one AS (
				INSERT INTO refunds (id, payment_id, refund_id, source, actor, amount_minor, status, created_at, updated_at)
				SELECT gen_random_uuid(), p.id, 're_1', 'SHOP', 'system', 1, 'SUCCEEDED', now(), now()
				FROM payments p JOIN orders o ON o.id = p.order_id WHERE o.status = 'CONFIRMED' RETURNING id)
			INSERT INTO refund_items (refund_id, order_item_id, quantity, amount_minor)
			SELECT one.id, i.id, 1, 1 FROM one CROSS JOIN order_items i WHERE i.quantity = 3`,
			"what was refunded of a line without a return is not to be sent", "",
		},
		"a dead order that holds units": {
			"UPDATE orders SET status = 'CANCELLED' WHERE status = 'PENDING'", "a reservation is where", "should hold nothing",
		},
		"a return of what was never sent": {
			`WITH one AS (INSERT INTO returns (id, order_id, return_number, status, actor, created_at, updated_at)
				SELECT gen_random_uuid(), order_id, 'R1', 'APPROVED', 'customer', now(), now() FROM order_items WHERE quantity = 3 RETURNING *)
			INSERT INTO return_items (return_id, order_item_id, quantity, reason)
			SELECT one.id, i.id, 3, 'OTHER' FROM one JOIN order_items i ON i.order_id = one.order_id WHERE i.quantity = 3`,
			"no more of a line is on returns", "",
		},
		"a unit that was sent by nobody": {
			"UPDATE order_items SET fulfilled_quantity = 1 WHERE quantity = 3", "what was sent of a line", "",
		},
		"an order that was sent by nobody": {
			"UPDATE orders SET fulfillment_status = 'PARTIAL' WHERE status = 'CONFIRMED'", "an order is fulfilled as far", "",
		},
		"a change without an event": {
			"UPDATE orders SET status = 'PROCESSING' WHERE status = 'CONFIRMED'", "an order stands where", "",
		},
		"a step that is none": {
			"ALTER TABLE order_events DISABLE TRIGGER USER; UPDATE order_events SET status = 'SHIPPED' WHERE type = 'placed'",
			"an order's history begins", "",
		},
		"an event that is lost": {
			"ALTER TABLE order_events DISABLE TRIGGER USER; DELETE FROM order_events WHERE type = 'placed'", "an order's history begins", "",
		},
		"a cart that does not know its order": {"UPDATE carts SET order_id = NULL", "a cart became one order", ""},
		"a line that is lost": {
			"UPDATE order_items SET quantity = quantity + 1 WHERE fulfilled_quantity = 0", "an order's lines make", "",
		},
		"a payment of another amount": {"UPDATE payments SET amount_minor = amount_minor + 1", "a payment asks for", ""},
		"an intent of two payments": {
			`ALTER TABLE payments DROP CONSTRAINT payments_intent_once; UPDATE payments SET intent_id = 'pi_same'`, "an intent is of one", "",
		},
		"an order that was paid twice": {
			`DROP INDEX payments_one_live_per_order;
			INSERT INTO payments (id, order_id, intent_id, status, amount_minor, currency, created_at, updated_at)
			SELECT gen_random_uuid(), order_id, 'pi_again', status, amount_minor, currency, now(), now() FROM payments WHERE refunded_minor = 0 LIMIT 1`,
			"an order is paid once", "",
		},
		"money that is held for nobody": {"UPDATE payments SET status = 'AUTHORIZED'", "an authorized order has its money held", ""},
		"goods that are sent on trust": {
			`UPDATE payments SET status = 'AUTHORIZED';
			UPDATE orders o SET payment_status = 'AUTHORIZED', status = 'SHIPPED' FROM payments p WHERE p.order_id = o.id`,
			"an authorized order has its money held", "",
		},
		"a paid order without money":    {"UPDATE payments SET status = 'FAILED'", "a paid order has its money", ""},
		"money without an order":        {"UPDATE orders SET payment_status = 'PENDING' WHERE status = 'CONFIRMED'", "a paid order has its money", ""},
		"money that is said to be back": {"UPDATE orders SET payment_status = 'REFUNDED' WHERE status = 'CONFIRMED'", "an order is given back", ""},
		"a refund that nobody counted": {
			`INSERT INTO refunds (id, payment_id, refund_id, source, actor, amount_minor, status, created_at, updated_at)
			SELECT gen_random_uuid(), p.id, 're_1', 'SHOP', 'system', 1, 'SUCCEEDED', now(), now()
			FROM payments p JOIN orders o ON o.id = p.order_id WHERE o.status = 'CONFIRMED'`, "a payment is given back", "",
		},
		"a loss that nobody took": {"UPDATE payments SET lost_minor = 1", "a payment lost what", ""},
		"a dispute that nobody was told of": {
			`INSERT INTO disputes (id, payment_id, dispute_id, amount_minor, currency, reason, status, opened_at, updated_at)
			SELECT gen_random_uuid(), id, 'dp_' || id, 1, currency, 'general', 'UNDER_REVIEW', now(), now() FROM payments`,
			"an order's history tells of its disputes", "",
		},
		"money of a dead order":            {"UPDATE refunds SET status = 'FAILED'", "the money of a cancelled order", ""},
		"a confirmation that is forgotten": {"DELETE FROM river_job WHERE kind = 'order_confirmation'", "an order that was bought", ""},
		"a job that nobody works": {
			"UPDATE river_job SET scheduled_at = now() - interval '2 hours' WHERE kind = 'payment_refund'", "no job is stuck", "",
		},
		"a job that was given up": {
			"UPDATE river_job SET state = 'discarded', finalized_at = now() WHERE kind = 'payment_refund'", "no job is stuck", "",
		},
		"a card that nobody proposes": {
			`WITH one AS (INSERT INTO payment_customers (user_id, request_id, created_at, updated_at)
				SELECT id, id, now(), now() FROM users LIMIT 1 RETURNING user_id)
			INSERT INTO cards (id, user_id, method_id, brand, last4, exp_month, exp_year, is_default, created_at)
			SELECT user_id, user_id, 'pm_1', 'visa', '4242', 1, 2040, false, now() FROM one`, "one of a customer's saved cards", "",
		},
		"a variant that is not counted": {
			`INSERT INTO product_variants (id, product_id, is_default, name, sku, price_minor, currency, created_at, updated_at)
			SELECT gen_random_uuid(), id, false, 'n', 'lost', 1, 'USD', now(), now() FROM products`, "every variant is counted", "",
		},
		"a product without a default variant": {"UPDATE product_variants SET is_default = false", "every product has one", ""},
		"another threshold":                   {"UPDATE stock_levels SET low_stock_at = 3", "a level is low where", ""},
		"a list of what is low that is not":   {"DELETE FROM stock_low", "what is low is listed", ""},
		"a product that nobody finds":         {"DELETE FROM search_documents", "what is for sale is found", ""},
		"a document of what is not for sale": {
			"ALTER TABLE products DISABLE TRIGGER USER; UPDATE products SET status = 'ARCHIVED'", "what is for sale is found", "",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			shop, product := busy(t)
			_, err := shop.DB.Pool().Exec(t.Context(), broken.by)
			require.NoError(t, err)
			found, said := examine(t, shop)
			require.NotZero(t, found, said)
			require.Contains(t, said, "BROKEN  "+broken.check)
			if broken.story != "" {
				breaks, story := explain(t, shop, product.SKU)
				require.NotZero(t, breaks, story)
				require.Contains(t, story, broken.story)
			}
		})
	}
}

// sellsMeanwhile is a screen on which the first line takes as long as a sale.
type sellsMeanwhile struct {
	bytes.Buffer
	sell func()
}

func (s *sellsMeanwhile) Write(p []byte) (int, error) {
	if s.sell != nil {
		s.sell()
		s.sell = nil
	}
	return s.Buffer.Write(p)
}

func TestWhatIsSoldMeanwhileIsNoBreak(t *testing.T) {
	t.Parallel()
	shop, product := busy(t)
	out := &sellsMeanwhile{sell: func() {
		order := shop.Order(1, product)
		paid, err := shop.Pay(t.Context(), order.ID, "pm_card_visa")
		require.NoError(t, err)
		require.NotNil(t, paid.JSON200, string(paid.Body))
	}}
	breaks, err := doctor.Explain(t.Context(), shop.DB, product.SKU, out)
	require.NoError(t, err)
	require.Zero(t, breaks, out.String())
	require.Nil(t, out.sell)
}

func TestOfManyBrokenThingsTheFirstAreNamedAndTheRestCounted(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, shoptest.WithoutJobs())
	shop.Product(10, func(p *client.ProductCreate) {
		for i := range 24 {
			sku := fmt.Sprintf("v-%02d", i)
			p.Variants = append(p.Variants, client.ProductVariantCreate{Name: sku, SKU: sku})
		}
	})
	_, err := shop.DB.Exec(t.Context(), "UPDATE stock_levels SET on_hand = on_hand + 1")
	require.NoError(t, err)
	broken, said := examine(t, shop)
	require.Equal(t, 1, broken, said)
	require.Contains(t, said, "v-18")
	require.NotContains(t, said, "v-20 ")
	require.Contains(t, said, "and 5 more\n")
}
