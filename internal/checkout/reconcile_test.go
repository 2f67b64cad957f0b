package checkout_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"cartwright/gen/client"
	"cartwright/internal/app/shoptest"
	"cartwright/internal/payments"
)

// compare compares payments with Stripe's, and lets the minute pass until what disagreed is looked at again.
func compare(t *testing.T, shop *shoptest.Shop) {
	t.Helper()
	require.NoError(t, shop.Reconcile(t.Context()))
	lookTwice(t, shop)
}

func lookTwice(t *testing.T, shop *shoptest.Shop) {
	t.Helper()
	exec(t, shop, "UPDATE river_job SET state = 'available', scheduled_at = now() WHERE kind = 'payment_compare' AND state = 'scheduled'")
	require.Eventually(t, func() bool {
		return scan[int](t, shop, "SELECT count(*) FROM river_job WHERE kind = 'payment_compare' AND state <> 'completed'") == 0
	}, soon, tick)
}

// findings are those of a status, the newest first.
func findings(t *testing.T, shop *shoptest.Shop, status client.PaymentFindingStatus) []client.PaymentFinding {
	t.Helper()
	got, err := shop.Staff.ListPaymentFindingsWithResponse(t.Context(), &client.ListPaymentFindingsParams{Status: &status})
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, got.StatusCode(), string(got.Body))
	return got.JSON200.Data
}

// kinds are what open findings say of each intent.
func kinds(t *testing.T, shop *shoptest.Shop) map[string]client.PaymentFindingKind {
	t.Helper()
	open := map[string]client.PaymentFindingKind{}
	for _, finding := range findings(t, shop, client.PaymentFindingStatusOPEN) {
		open[finding.PaymentIntentID] = finding.Kind
	}
	return open
}

// intentOf is the intent of an order.
func intentOf(t *testing.T, shop *shoptest.Shop, order uuid.UUID) string {
	t.Helper()
	return scan[string](t, shop, "SELECT intent_id FROM payments WHERE order_id = $1", order)
}

// elsewhere makes an intent in the shop's Stripe account as somebody else may, and pays it unless told not to.
func elsewhere(t *testing.T, shop *shoptest.Shop, payment string, more ...string) string {
	t.Helper()
	form := url.Values{"amount": {"4200"}, "currency": {"usd"}, "payment_method_types[]": {"card"}, "payment_method": {"pm_card_visa"}, "confirm": {"true"}}
	if payment != "" {
		form.Set("metadata[payment_id]", payment)
	}
	if len(more) > 0 {
		form.Del("confirm")
	}
	answer := atStripe(shop, "sk_test_elsewhere", "/v1/payment_intents", form)
	require.Equal(t, http.StatusOK, answer.Code, answer.Body)
	all := shop.Stripe.Intents()
	return all[len(all)-1].ID
}

func TestPaymentsThatAgreeAreNoFinding(t *testing.T) {
	t.Parallel()
	shop := setup(t)
	product := shop.Product(50)
	order := func() uuid.UUID { return shop.Order(1, product).ID }
	require.NoError(t, shop.Reconcile(t.Context()), "a shop where nobody paid")
	paid, declined, asked, thinking, waiting, given, cancelled := order(), order(), order(), order(), order(), order(), order()
	require.True(t, pay(t, shop, paid, "pm_card_visa").Success)
	require.Equal(t, http.StatusPaymentRequired, status(t, shop, declined, "pm_card_chargeDeclined"))
	ask(t, shop, asked)
	pay(t, shop, thinking, "pm_usBankAccount_processing")
	pay(t, shop, waiting, "pm_card_authenticationRequired")
	pay(t, shop, given, "pm_card_visa")
	inDashboard(t, shop, intentOf(t, shop, given), "1000")
	ask(t, shop, cancelled)
	_, err := shop.Staff.CancelOrderWithResponse(t.Context(), cancelled, nil, client.OrderCancel{})
	require.NoError(t, err)
	elsewhere(t, shop, "", "unpaid")
	drain(t, shop)

	before := state(t, shop)
	for range 2 {
		compare(t, shop)
	}
	require.Equal(t, before, state(t, shop))
	require.Zero(t, scan[int](t, shop, "SELECT count(*) FROM payment_findings"))
	require.Zero(t, scan[int](t, shop, "SELECT count(*) FROM river_job WHERE kind = 'payment_compare'"))
}

// status pays and answers how that was answered.
func status(t *testing.T, shop *shoptest.Shop, order uuid.UUID, method string) int {
	t.Helper()
	paid, err := shop.Pay(t.Context(), order, method)
	require.NoError(t, err)
	return paid.StatusCode()
}

func TestWhatNobodyWasToldIsFoundByComparing(t *testing.T) {
	t.Parallel()
	wire := &line{match: creating}
	shop := setup(t, shoptest.WithoutWebhooks(), shoptest.WithStripeFront(wire.front))
	succeeded, _ := paidUnheard(t, shop)
	given := shop.Order(1, shop.Product(5))
	pay(t, shop, given.ID, "pm_card_visa")
	inDashboard(t, shop, intentOf(t, shop, given.ID), "1000")
	lost := shop.Order(1, shop.Product(5))
	wire.cut.Store(true)
	asked, err := shop.Guest.PayOrderWithResponse(t.Context(), lost.ID, nil, client.PaymentCreate{})
	require.NoError(t, err)
	require.Equal(t, http.StatusServiceUnavailable, asked.StatusCode())
	wire.cut.Store(false)

	require.NoError(t, shop.Reconcile(t.Context()))
	require.Equal(t, client.PaymentStatusPENDING, shop.ReadOrder(succeeded.ID).PaymentStatus, "a first look may come before the news")
	lookTwice(t, shop)
	require.Equal(t, client.PaymentStatusPAID, shop.ReadOrder(succeeded.ID).PaymentStatus)
	require.Equal(t, client.PaymentStatusPARTIALLYREFUNDED, shop.ReadOrder(given.ID).PaymentStatus)
	all := shop.Stripe.Intents()
	require.Equal(t, all[len(all)-1].ID, intentOf(t, shop, lost.ID), "the answer that named it was lost")

	found := map[string]client.PaymentFinding{}
	for _, finding := range findings(t, shop, client.PaymentFindingStatusRESOLVED) {
		found[finding.PaymentIntentID] = finding
	}
	require.Len(t, found, 3)
	first, second := found[intentOf(t, shop, succeeded.ID)], found[intentOf(t, shop, given.ID)]
	require.Equal(t, client.PaymentFindingKindSTATUS, first.Kind)
	require.Equal(t, succeeded.ID, *first.OrderID)
	require.Equal(t, []string{"CREATED", "succeeded"}, []string{first.Shop.Status, first.Stripe.Status})
	require.NotNil(t, first.ResolvedAt)
	require.Equal(t, client.PaymentFindingKindREFUNDED, second.Kind)
	require.Equal(t, "0.00 10.00", fmt.Sprint(second.Shop.RefundedAmount, " ", second.Stripe.RefundedAmount))
	require.Empty(t, kinds(t, shop))

	before := state(t, shop)
	compare(t, shop)
	require.Equal(t, before, state(t, shop))
	require.Len(t, findings(t, shop, client.PaymentFindingStatusRESOLVED), 3, "each is found once")
}

func TestWhatCannotBeExplainedWaitsForAPersonUntilItAgrees(t *testing.T) {
	t.Parallel()
	shop := setup(t)
	product := shop.Product(50)
	buy := func() (uuid.UUID, string) {
		order := shop.Order(1, product)
		pay(t, shop, order.ID, "pm_card_visa")
		return order.ID, intentOf(t, shop, order.ID)
	}
	change := func(order uuid.UUID, set string) {
		exec(t, shop, "UPDATE payments SET "+set+" WHERE order_id = $1", order)
	}
	differs, amount := buy()
	gone, duplicate := buy()
	refunded, more := buy()
	open := shop.Order(1, product)
	ask(t, shop, open.ID)
	unpaid := intentOf(t, shop, open.ID)
	drain(t, shop)
	orphan := elsewhere(t, shop, uuid.NewString())
	foreign := elsewhere(t, shop, "") // of whoever shares the account
	for range 110 {
		elsewhere(t, shop, "", "unpaid")
	}
	change(differs, "amount_minor = amount_minor - 1")
	change(gone, "intent_id = 'pi_of_nobody'")
	change(refunded, "refunded_minor = 100")
	change(open.ID, "status = 'SUCCEEDED'")
	for range 2 {
		compare(t, shop)
		require.Equal(t, map[string]client.PaymentFindingKind{
			amount: client.PaymentFindingKindAMOUNT, "pi_of_nobody": client.PaymentFindingKindUNKNOWNINTENT,
			duplicate: client.PaymentFindingKindDUPLICATEINTENT, more: client.PaymentFindingKindREFUNDED,
			unpaid: client.PaymentFindingKindSTATUS, orphan: client.PaymentFindingKindUNKNOWNPAYMENT,
		}, kinds(t, shop))
	}
	for _, finding := range findings(t, shop, client.PaymentFindingStatusOPEN) {
		require.Equal(t, finding.PaymentIntentID != orphan, finding.Shop != nil && finding.OrderID != nil)
		require.Equal(t, finding.PaymentIntentID != "pi_of_nobody", finding.Stripe != nil)
	}

	change(differs, "amount_minor = amount_minor + 1")
	change(gone, "intent_id = '"+duplicate+"'")
	change(refunded, "refunded_minor = 0")
	change(open.ID, "status = 'CREATED'")
	inDashboard(t, shop, orphan, "")
	drain(t, shop)
	compare(t, shop)
	require.Empty(t, kinds(t, shop))
	require.Len(t, findings(t, shop, client.PaymentFindingStatusRESOLVED), 6)
	inDashboard(t, shop, foreign, "") // which the books of this shop do not know
}

func TestWhatStaffDismissedIsFoundAgainOnlyWhenItDiffersElsewhere(t *testing.T) {
	t.Parallel()
	shop := setup(t)
	order := shop.Order(1, shop.Product(5))
	pay(t, shop, order.ID, "pm_card_visa")
	exec(t, shop, "UPDATE payments SET amount_minor = amount_minor - 1")
	compare(t, shop)
	open := findings(t, shop, client.PaymentFindingStatusOPEN)
	require.Len(t, open, 1)
	dismissed, err := shop.Staff.DismissPaymentFindingWithResponse(t.Context(), open[0].ID, nil, client.PaymentFindingDismissal{Note: "A cent."})
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, dismissed.StatusCode(), string(dismissed.Body))
	compare(t, shop)
	require.Empty(t, kinds(t, shop))
	exec(t, shop, "UPDATE payments SET amount_minor = amount_minor - 1")
	compare(t, shop)
	require.Len(t, kinds(t, shop), 1)
	exec(t, shop, "UPDATE payments SET amount_minor = amount_minor + 2")
	compare(t, shop)
	require.Empty(t, kinds(t, shop))
}

func TestAPaymentInARequestsHandsIsLeftToIt(t *testing.T) {
	t.Parallel()
	wire := &line{match: confirming}
	shop := setup(t, shoptest.WithoutWebhooks(), shoptest.WithStripeFront(wire.front))
	held, moved := shop.Order(1, shop.Product(5)), shop.Order(1, shop.Product(5))
	wire.cut.Store(true)
	unavailable(t, shop, held.ID, "pm_card_visa")
	wire.cut.Store(false)
	exec(t, shop, "UPDATE payment_attempts SET lease_until = now() + interval '1 minute'")
	exec(t, shop, "UPDATE payments SET status = 'FAILED'")
	compare(t, shop)
	require.Equal(t, client.PaymentStatusPENDING, shop.ReadOrder(held.ID).PaymentStatus)

	intent := ask(t, shop, moved.ID)
	exec(t, shop, "UPDATE payments SET status = 'FAILED', intent_id = NULL WHERE order_id = $1", moved.ID)
	require.NoError(t, shop.Reconcile(t.Context()))
	inBrowser(t, shop, intent, "pm_card_visa", http.StatusOK)
	lookTwice(t, shop)
	require.Equal(t, client.PaymentStatusPENDING, shop.ReadOrder(moved.ID).PaymentStatus, "its news are on their way")
	require.Zero(t, scan[int](t, shop, "SELECT count(*) FROM payment_findings"))

	exec(t, shop, "UPDATE payment_attempts SET lease_until = now()")
	compare(t, shop)
	require.Equal(t, client.PaymentStatusPAID, shop.ReadOrder(held.ID).PaymentStatus)
	require.Equal(t, client.PaymentStatusPAID, shop.ReadOrder(moved.ID).PaymentStatus)
}

func TestNobodyCanPayAnIntentWhosePaymentHasEnded(t *testing.T) {
	t.Parallel()
	var shop *shoptest.Shop
	newsFirst := func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			next.ServeHTTP(w, r)
			if strings.HasSuffix(r.URL.Path, "/cancel") {
				_ = shop.Stripe.Drain(r.Context())
			}
		})
	}
	for name, option := range map[string]shoptest.Option{
		"without news": shoptest.WithoutWebhooks(), "its news overtake the answer": shoptest.WithStripeFront(newsFirst),
	} {
		shop = setup(t, option)
		order := shop.Order(1, shop.Product(5))
		intent := ask(t, shop, order.ID)
		exec(t, shop, "UPDATE payments SET status = 'CANCELLED', intent_id = NULL")
		compare(t, shop)
		now, known := shop.Stripe.Intent(intent.ID)
		require.True(t, known, name)
		require.EqualValues(t, "canceled", now.Status, name)
		require.Len(t, findings(t, shop, client.PaymentFindingStatusRESOLVED), 1, name)
		require.True(t, pay(t, shop, order.ID, "pm_card_visa").Success, "by another intent")
	}
}

func TestAnOldPaymentThatMayStillComeToSomethingIsCompared(t *testing.T) {
	t.Parallel()
	stripe := &listing{}
	shop := setup(t, shoptest.WithoutWebhooks(), shoptest.WithStripeFront(stripe.front))
	order, _ := paidUnheard(t, shop)
	exec(t, shop, "INSERT INTO sweeps VALUES ('payments', now() + interval '2 hours')") // as if it were long ago
	compare(t, shop)
	require.Equal(t, client.PaymentStatusPAID, shop.ReadOrder(order.ID).PaymentStatus)
}

func TestALateSuccessOfADeadOrderIsSettledOnceByComparing(t *testing.T) {
	t.Parallel()
	for name, left := range map[string]int{"reinstated": 1, "given back": 0} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			shop := setup(t, shoptest.WithoutWebhooks())
			product := shop.Product(1)
			order := shop.Order(1, product)
			thinking := pay(t, shop, order.ID, "pm_usBankAccount_processing")
			exec(t, shop, "UPDATE payments SET status = 'CANCELLED'")
			exec(t, shop, "UPDATE orders SET status = 'PENDING'")
			_, err := shop.Staff.CancelOrderWithResponse(t.Context(), order.ID, nil, client.OrderCancel{})
			require.NoError(t, err)
			becomes(t, shop, order.ID, client.OrderStatusCANCELLED, client.PaymentStatusPENDING)
			if left == 0 {
				shop.Order(1, product)
			}
			require.NoError(t, shop.Stripe.FinishProcessing(thinking.PaymentIntent.ID, true))
			for range 2 {
				compare(t, shop)
			}
			if left == 1 {
				becomes(t, shop, order.ID, client.OrderStatusCONFIRMED, client.PaymentStatusPAID)
				return
			}
			require.Eventually(t, func() bool { return len(shop.Stripe.Refunds()) == 1 }, soon, tick)
			require.NoError(t, shop.Stripe.FinishRefund(shop.Stripe.Refunds()[0].ID, true)) // of a bank's money
			compare(t, shop)
			becomes(t, shop, order.ID, client.OrderStatusCANCELLED, client.PaymentStatusREFUNDED)
			require.Equal(t, captured(shop), refunded(shop))
		})
	}
}

// What Stripe refuses to show says nothing of the payment that it was made for.
func TestAnIntentThatCannotBeReadIsNoneThatIsGone(t *testing.T) {
	t.Parallel()
	var blind atomic.Bool
	shop := setup(t, shoptest.WithStripeFront(func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if blind.Load() && r.Method == http.MethodGet && strings.HasPrefix(r.URL.Path, "/v1/payment_intents/") {
				w.WriteHeader(http.StatusBadRequest)
				_, _ = w.Write([]byte(`{"error":{"type":"invalid_request_error","message":"no"}}`))
				return
			}
			next.ServeHTTP(w, r)
		})
	}))
	order := shop.Order(1, shop.Product(5))
	ask(t, shop, order.ID)
	intent := intentOf(t, shop, order.ID)
	exec(t, shop, "INSERT INTO sweeps VALUES ('payments', now() + interval '2 hours')") // so that it is read by itself
	blind.Store(true)
	compare(t, shop)
	require.Equal(t, "CREATED", scan[string](t, shop, "SELECT status FROM payments"))
	require.Equal(t, map[string]client.PaymentFindingKind{intent: client.PaymentFindingKindUNKNOWNINTENT}, kinds(t, shop))
	blind.Store(false)
	compare(t, shop)
	require.Empty(t, kinds(t, shop))
	require.True(t, pay(t, shop, order.ID, "pm_card_visa").Success)
}

// What was read of an intent is no finding when its payment has moved by the time that it is locked.
func TestAPaymentThatMovesWhileItIsLookedAtIsLeftAlone(t *testing.T) {
	t.Parallel()
	var order uuid.UUID
	var meanwhile atomic.Pointer[func()]
	shop := setup(t, shoptest.WithoutWebhooks(), shoptest.WithStripeFront(func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			next.ServeHTTP(w, r)
			if do := meanwhile.Load(); do != nil && r.Method == http.MethodGet && strings.HasPrefix(r.URL.Path, "/v1/payment_intents/") {
				(*do)()
			}
		})
	}))
	order = shop.Order(1, shop.Product(5)).ID
	ask(t, shop, order)
	exec(t, shop, "UPDATE payments SET status = 'FAILED', intent_id = NULL")
	intent := shop.Stripe.Intents()[0].ID
	require.NoError(t, shop.Reconcile(t.Context()))
	moved := func() {
		exec(t, shop, "UPDATE payments SET status = 'CREATED', intent_id = $1, amount_minor = 1", intent)
	}
	meanwhile.Store(&moved)
	lookTwice(t, shop)
	meanwhile.Store(nil)
	require.Zero(t, scan[int](t, shop, "SELECT count(*) FROM payment_findings"))
	exec(t, shop, "UPDATE payments p SET amount_minor = o.total_minor FROM orders o WHERE o.id = p.order_id")
}

func TestAComparisonGoesThroughHourAfterHourOnce(t *testing.T) {
	t.Parallel()
	stripe := &listing{path: "/v1/payment_intents"}
	shop := setup(t, shoptest.WithoutWebhooks(), shoptest.WithStripeFront(stripe.front))
	paidUnheard(t, shop)
	exec(t, shop, "INSERT INTO sweeps VALUES ('payments', now() - interval '5 hours')")
	stripe.heard = nil
	stripe.refuse = func(asked url.Values) bool { return len(stripe.heard) == 3 }
	require.ErrorIs(t, shop.Reconcile(t.Context()), payments.ErrUnavailable)
	require.WithinDuration(t, time.Now().Add(-3*time.Hour), scan[time.Time](t, shop, "SELECT swept_until FROM sweeps"), time.Minute)
	stripe.refuse, stripe.heard = nil, nil
	require.NoError(t, shop.Reconcile(t.Context()))
	until := time.Now().Add(-4 * time.Hour).Unix() // the hour before is compared once more
	for _, asked := range stripe.heard {
		from, err := strconv.ParseInt(asked.Get("created[gte]"), 10, 64)
		require.NoError(t, err)
		require.InDelta(t, until, from, 60)
		until, err = strconv.ParseInt(asked.Get("created[lte]"), 10, 64)
		require.NoError(t, err)
		require.LessOrEqual(t, until-from, int64(2*time.Hour/time.Second))
	}
	require.InDelta(t, time.Now().Unix(), until, 60)
	require.Zero(t, scan[int](t, shop, "SELECT count(*) FROM payment_findings"), "a first look records nothing")
	compare(t, shop)
}
