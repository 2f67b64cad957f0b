package checkout_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"cartwright/gen/client"
	"cartwright/internal/app/shoptest"
	"cartwright/internal/doctor"
	"cartwright/internal/payments/stripesim"
)

// dispute has the bank dispute an intent's payment, and the shop hear of it.
func dispute(t *testing.T, shop *shoptest.Shop, intent string, of stripesim.NewDispute) string {
	t.Helper()
	opened, err := shop.Stripe.OpenDispute(intent, of)
	require.NoError(t, err)
	drain(t, shop)
	return opened.ID
}

// decide has the bank decide a dispute, and the shop hear of it.
func decide(t *testing.T, shop *shoptest.Shop, dispute string, won bool) {
	t.Helper()
	require.NoError(t, shop.Stripe.DecideDispute(dispute, won))
	drain(t, shop)
}

// prove sends a dispute's evidence, as the shop's owner does in the dashboard.
func prove(t *testing.T, shop *shoptest.Shop, dispute, text string) {
	t.Helper()
	form := url.Values{"evidence[uncategorized_text]": {text}}
	answer := atStripe(shop, "sk_test_dashboard", "/v1/disputes/"+dispute, form)
	require.Equal(t, http.StatusOK, answer.Code, answer.Body)
}

// known is where a dispute stands here, and whether its money is gone and came back.
func known(t *testing.T, shop *shoptest.Shop, dispute string) string {
	t.Helper()
	return scan[string](t, shop, `SELECT status || CASE WHEN funds_withdrawn_at IS NULL THEN '' ELSE ' withdrawn' END
		|| CASE WHEN funds_reinstated_at IS NULL THEN '' ELSE ' reinstated' END FROM disputes WHERE dispute_id = $1`, dispute)
}

// happened are the types of what the history of an order tells staff, and why.
func happened(t *testing.T, shop *shoptest.Shop, order uuid.UUID) (events []string) {
	t.Helper()
	told, err := shop.Staff.ListOrderEventsWithResponse(t.Context(), order, nil)
	require.NoError(t, err)
	require.NotNil(t, told.JSON200, string(told.Body))
	for _, event := range told.JSON200.Data {
		text := event.Type
		if event.Reason != nil && event.Actor.Kind == client.OrderActorKindPAYMENTPROVIDER {
			text += ": " + *event.Reason
		}
		events = append(events, text)
	}
	return events
}

func TestNothingIsGivenBackWhileABankDecides(t *testing.T) {
	t.Parallel()
	shop := setup(t)
	lamp := shop.Product(9)
	order, intent := paid(t, shop, "pm_card_visa", 1, lamp)
	giveBack(t, shop, order, client.RefundCreate{Amount: money("1.00")})
	id := dispute(t, shop, intent, stripesim.NewDispute{Reason: "product_not_received"})
	refused := func(body client.RefundCreate) client.Problem {
		answer, err := shop.Staff.RefundOrderWithResponse(t.Context(), order.ID, nil, body)
		require.NoError(t, err)
		require.Equal(t, http.StatusConflict, answer.StatusCode(), string(answer.Body))
		return *answer.ApplicationProblemJSON409
	}
	due := scan[time.Time](t, shop, "SELECT evidence_due_by FROM disputes").UTC().Format(time.RFC3339)
	for _, body := range []client.RefundCreate{{}, {Amount: money("0.01")}, {Items: lines(order, 1), Restock: &yes}} {
		problem := refused(body)
		require.Equal(t, "payment_disputed", problem.Code)
		require.Contains(t, problem.Detail, due)
	}
	cancelled, err := shop.Staff.CancelOrderWithResponse(t.Context(), order.ID, nil, client.OrderCancel{})
	require.NoError(t, err)
	require.Equal(t, http.StatusConflict, cancelled.StatusCode(), string(cancelled.Body))
	require.Equal(t, "payment_disputed", cancelled.ApplicationProblemJSON409.Code)
	require.Equal(t, client.OrderStatusCONFIRMED, shop.ReadOrder(order.ID).Status)
	require.Equal(t, [2]int32{8, 0}, stock(t, shop, lamp.ID), "nothing came back to the shelf")
	require.Len(t, shop.Stripe.Refunds(), 1, "Stripe was not even asked")
	examined(t, shop)

	prove(t, shop, id, "It was sent.")
	drain(t, shop)
	require.Equal(t, "UNDER_REVIEW withdrawn", known(t, shop, id))
	require.Equal(t, "payment_disputed", refused(client.RefundCreate{}).Code)
	decide(t, shop, id, true)
	require.Equal(t, "WON withdrawn reinstated", known(t, shop, id))
	require.Equal(t, [3]string{"214.99", "0.00", "1.00"}, amounts(shop, order))
	cancel(t, shop, order.ID)
	becomes(t, shop, order.ID, client.OrderStatusCANCELLED, client.PaymentStatusREFUNDED)
	require.Equal(t, []string{
		"dispute_opened: 214.99 USD, product_not_received", "dispute_funds_withdrawn: 214.99 USD, product_not_received",
		"dispute_closed: 214.99 USD, product_not_received, won", "dispute_funds_reinstated: 214.99 USD, product_not_received",
	}, disputeEvents(t, shop, order.ID))

	told, err := shop.Guest.ListOrderEventsWithResponse(t.Context(), order.ID, nil)
	require.NoError(t, err)
	for _, event := range told.JSON200.Data {
		require.NotContains(t, event.Type, "dispute", "which is between the shop and the bank")
	}
}

// disputeEvents are those of an order's history that are about disputes.
func disputeEvents(t *testing.T, shop *shoptest.Shop, order uuid.UUID) []string {
	t.Helper()
	return slices.DeleteFunc(happened(t, shop, order), func(event string) bool { return len(event) < 7 || event[:7] != "dispute" })
}

func TestWhatABankTookForGoodIsNotGivenBackAgain(t *testing.T) {
	t.Parallel()
	shop := setup(t)
	lamp := shop.Product(9)
	order, intent := paid(t, shop, "pm_card_visa", 1, lamp)
	decide(t, shop, dispute(t, shop, intent, stripesim.NewDispute{Amount: 1599}), false)
	require.Equal(t, [3]string{"200.00", "0.00", "0.00"}, amounts(shop, order))
	require.Equal(t, client.PaymentStatusPAID, shop.ReadOrder(order.ID).PaymentStatus, "the shop gave nothing back")
	require.Equal(t, "refund_exceeds_payment", notGivenBack(t, shop, order, client.RefundCreate{Amount: money("200.01")}))
	decide(t, shop, dispute(t, shop, intent, stripesim.NewDispute{Amount: 5000}), false)
	giveBack(t, shop, order, client.RefundCreate{})
	require.Equal(t, [3]string{"0.00", "0.00", "150.00"}, amounts(shop, order))
	require.Equal(t, client.PaymentStatusPARTIALLYREFUNDED, shop.ReadOrder(order.ID).PaymentStatus)
	require.Equal(t, "nothing_to_refund", notGivenBack(t, shop, order, client.RefundCreate{}))
	_, err := shop.DB.Exec(t.Context(), "UPDATE payments SET refunded_minor = refunded_minor + 1 WHERE lost_minor > 0")
	require.ErrorContains(t, err, "payments_refunds_and_losses_within_amount")

	t.Run("also of what is cancelled", func(t *testing.T) {
		order, intent := paid(t, shop, "pm_card_visa", 1, lamp)
		decide(t, shop, dispute(t, shop, intent, stripesim.NewDispute{Amount: 599}), false)
		cancel(t, shop, order.ID)
		becomes(t, shop, order.ID, client.OrderStatusCANCELLED, client.PaymentStatusPARTIALLYREFUNDED)
		require.Equal(t, [3]string{"0.00", "0.00", "210.00"}, amounts(shop, order))
	})
	t.Run("however much the bank says it is", func(t *testing.T) {
		order, intent := paid(t, shop, "pm_card_visa", 1, lamp)
		giveBack(t, shop, order, client.RefundCreate{Amount: money("100.00")})
		id := dispute(t, shop, intent, stripesim.NewDispute{Amount: 599})
		exec(t, shop, "UPDATE disputes SET amount_minor = 99999 WHERE dispute_id = $1", id)
		decide(t, shop, id, false)
		require.Equal(t, [3]string{"110.00", "0.00", "100.00"}, amounts(shop, order), "what Stripe says of it now counts")
	})
}

// What Stripe refuses to give back because it is disputed goes back once the bank has decided.
func TestTheMoneyOfACancelledOrderGoesBackOnceItsDisputeIsDecided(t *testing.T) {
	t.Parallel()
	shop := setup(t, shoptest.WithoutWebhooks())
	product := shop.Product(9)
	for won, end := range map[bool]client.PaymentStatus{true: client.PaymentStatusREFUNDED, false: client.PaymentStatusPAID} {
		order, intent := paid(t, shop, "pm_card_visa", 1, product)
		opened, err := shop.Stripe.OpenDispute(intent, stripesim.NewDispute{})
		require.NoError(t, err)
		cancel(t, shop, order.ID) // of the dispute nobody was told yet
		require.Eventually(t, func() bool {
			return scan[int](t, shop, `SELECT count(*) FROM refunds r JOIN payments p ON p.id = r.payment_id
				WHERE p.order_id = $1 AND r.failure = 'charge_disputed'`, order.ID) == 1
		}, soon, tick)
		tellAll(t, shop, opened.ID)
		examined(t, shop)
		require.NoError(t, shop.Stripe.DecideDispute(opened.ID, won))
		tellAll(t, shop, opened.ID)
		becomes(t, shop, order.ID, client.OrderStatusCANCELLED, end)
		require.Equal(t, "0.00", shop.ReadOrder(order.ID).RefundableAmount.String())
	}
	examined(t, shop)
}

func TestAnInquiryMayBecomeADispute(t *testing.T) {
	t.Parallel()
	shop := setup(t)
	product := shop.Product(9)
	order, intent := paid(t, shop, "pm_card_visa", 1, product)
	id := dispute(t, shop, intent, stripesim.NewDispute{Inquiry: true})
	require.Equal(t, "WARNING_NEEDS_RESPONSE", known(t, shop, id))
	require.Equal(t, "payment_disputed", notGivenBack(t, shop, order, client.RefundCreate{}))
	require.NoError(t, shop.Stripe.EscalateInquiry(id))
	drain(t, shop)
	require.Equal(t, "NEEDS_RESPONSE withdrawn", known(t, shop, id))
	prove(t, shop, id, "losing_evidence")
	drain(t, shop)
	require.Equal(t, "LOST withdrawn", known(t, shop, id))
	require.Equal(t, []string{
		"dispute_opened: 215.99 USD, fraudulent", "dispute_funds_withdrawn: 215.99 USD, fraudulent",
		"dispute_closed: 215.99 USD, fraudulent, lost",
	}, disputeEvents(t, shop, order.ID))
	require.Equal(t, "nothing_to_refund", notGivenBack(t, shop, order, client.RefundCreate{}))

	other, intent := paid(t, shop, "pm_card_createDisputeInquiry", 1, product)
	drain(t, shop)
	id = scan[string](t, shop, "SELECT dispute_id FROM disputes d JOIN payments p ON p.id = d.payment_id WHERE p.intent_id = $1", intent)
	decide(t, shop, id, false)
	require.Equal(t, "WARNING_CLOSED", known(t, shop, id), "a question that was dropped")
	giveBack(t, shop, other, client.RefundCreate{})
	examined(t, shop)
}

func TestADisputeThatIsWrittenDownMeanwhileRefusesTheRefund(t *testing.T) {
	t.Parallel()
	shop := setup(t, shoptest.WithoutJobs())
	order, _ := paid(t, shop, "pm_card_visa", 1, shop.Product(9))
	tx, err := shop.DB.Pool().Begin(t.Context())
	require.NoError(t, err)
	_, err = tx.Exec(t.Context(), "SELECT FROM payments FOR UPDATE")
	require.NoError(t, err)
	status := make(chan int, 1)
	go func() { status <- asked(shop, order, client.RefundCreate{}) }()
	require.Eventually(t, func() bool {
		return scan[int](t, shop, "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'") > 0
	}, soon, tick, "the refund waits for the payment")
	_, err = tx.Exec(t.Context(), `INSERT INTO disputes (id, payment_id, dispute_id, amount_minor, currency, reason, status, opened_at, updated_at)
		SELECT gen_random_uuid(), id, 'dp_1', 1, 'USD', 'general', 'NEEDS_RESPONSE', now(), now() FROM payments`)
	require.NoError(t, err)
	require.NoError(t, tx.Commit(t.Context()))
	require.Equal(t, http.StatusConflict, <-status)
	require.Empty(t, shop.Stripe.Refunds())
	exec(t, shop, "DELETE FROM disputes") // its books end with what happened
}

// examined holds a shop to what its doctor looks for.
func examined(t *testing.T, shop *shoptest.Shop) {
	t.Helper()
	var said strings.Builder
	broken, err := doctor.Examine(t.Context(), shop.DB, &said)
	require.NoError(t, err)
	require.Zero(t, broken, said.String())
}
