package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// The ways in which an order is paid, or not.
const (
	visa         = "pm_card_visa"
	declined     = "pm_card_chargeDeclined"
	authenticate = "pm_card_authenticationRequired"
	bank         = "pm_usBankAccount"
	slowRefund   = "pm_card_pendingRefund"
)

// paying asks to pay the order; "" asks for a client secret.
func (d *deal) paying(method, key string) request {
	body := "{}"
	if method != "" {
		body = fmt.Sprintf(`{"paymentMethodId":%q}`, method)
	}
	return request{method: http.MethodPost, path: "/orders/" + d.order + "/payment", key: key, order: d.token, body: body}
}

// paidAnswer is what paying answers.
type paidAnswer struct {
	Success       bool
	PaymentIntent struct{ ID, Status, ClientSecret string }
}

// pay pays with a method, under a new key, and asks so often at most.
func (d *deal) pay(ctx context.Context, method string, times int) (told paidAnswer) {
	d.mu.Lock()
	d.payKey, d.method, d.open = d.newKey(), method, true
	d.mu.Unlock()
	return d.payAgain(ctx, times)
}

// payAgain asks the same again.
func (d *deal) payAgain(ctx context.Context, times int) (told paidAnswer) {
	a := d.ask(ctx, d.paying(d.method, d.payKey), times)
	d.mu.Lock()
	defer d.mu.Unlock()
	if a.again() {
		return told
	}
	d.open = false
	switch {
	case a.is(http.StatusOK) && a.into(&told) == nil:
		if told.Success && !d.paid {
			d.paid = true
			d.w.add("paid", 1)
		}
	case a.is(http.StatusPaymentRequired):
		d.w.add("declined", 1)
	case a.is(http.StatusConflict) && (a.code() == "order_not_payable" || a.code() == "order_already_paid"):
	default:
		d.w.fail("paying order %s by %s answered %d: %s", d.order, d.method, a.status, a.body)
	}
	return told
}

// inBrowser confirms an intent as Stripe.js does: the shop hears of it by an event only.
func (d *deal) inBrowser(ctx context.Context, told paidAnswer, method string) {
	form := url.Values{"client_secret": {told.PaymentIntent.ClientSecret}, "payment_method": {method}, "use_stripe_sdk": {"true"}}
	asked, err := http.NewRequestWithContext(ctx, http.MethodPost,
		"http://"+d.w.sim.api+"/v1/payment_intents/"+told.PaymentIntent.ID+"/confirm", strings.NewReader(form.Encode()))
	if err != nil {
		return
	}
	asked.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	asked.SetBasicAuth("pk_test_browser", "")
	if response, err := d.w.client.http.Do(asked); err == nil { // a browser may fail
		_, _ = io.Copy(io.Discard, response.Body)
		_ = response.Body.Close()
	}
}

// cancel has staff cancel the order, which gives back what was paid.
func (d *deal) cancel(ctx context.Context, times int) {
	a := d.ask(ctx, request{method: http.MethodPost, path: "/orders/" + d.order + "/cancel", body: `{"reason":"changed my mind"}`, key: d.newKey(), admin: true}, times)
	switch {
	case a.is(http.StatusOK):
		d.mu.Lock()
		defer d.mu.Unlock()
		d.cancelled = true
		d.w.add("cancelled", 1)
	case a.again():
	case a.is(http.StatusUnauthorized): // the admin's token has run out; see settle
	default:
		d.w.fail("cancelling order %s answered %d: %s", d.order, a.status, a.body)
	}
}

// wait is how long a buyer waits before asking again.
func (d *deal) wait(try int) time.Duration {
	return time.Duration(20+d.IntN(60)) * time.Millisecond * time.Duration(min(try+1, 6))
}

// pause waits; it is false when ctx ended meanwhile.
func pause(ctx context.Context, wait time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(wait):
		return true
	}
}
