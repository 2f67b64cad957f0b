package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"

	"github.com/google/uuid"
)

// deal is one buyer's purchase, as the buyer knows of it.
type deal struct {
	*rand.Rand
	w      *world
	client *client
	email  string
	lines  []line
	// what the buyer was told
	mu        sync.Mutex
	cart      string
	key       string // of placing
	order     string // "" until it was told
	token     string
	asked     bool   // the cart was placed
	said      []byte // in answer to that
	soldOut   bool
	payKey    string // of the last try to pay
	method    string
	open      bool // a try to pay was not answered
	paid      bool
	cancelled bool
}

// line is so many of a product.
type line struct {
	product  product
	quantity int
}

// newDeal is a purchase that follows from chance.
func (w *world) newDeal(chance *rand.Rand, lines []line) *deal {
	d := &deal{Rand: chance, w: w, client: w.client, lines: lines, email: fmt.Sprintf("buyer-%d@example.com", chance.Uint32())}
	d.key = d.newKey()
	w.mu.Lock()
	defer w.mu.Unlock()
	w.deals = append(w.deals, d)
	return d
}

// newKey is an Idempotency-Key.
func (d *deal) newKey() string {
	var bytes [16]byte
	for i := range bytes {
		bytes[i] = byte(d.IntN(256))
	}
	return uuid.UUID(bytes).String()
}

// try asks once and looks whether the answer is one that may be.
func (d *deal) try(ctx context.Context, chance *rand.Rand, r request) answer {
	calm := d.w.isCalm()
	wait := patience
	if calm {
		wait = longest
	}
	waiting, stop := context.WithTimeout(ctx, wait)
	defer stop()
	a := d.client.ask(waiting, chance, r)
	calm = calm && d.w.isCalm()
	switch {
	case a.lost != nil:
		d.w.add("lost answers", 1)
		if calm && ctx.Err() == nil {
			d.w.fail("%s %s was not answered although nothing was down: %v", r.method, r.path, a.lost)
		}
	case a.status == http.StatusServiceUnavailable:
		d.w.add("503", 1)
		if calm {
			d.w.fail("%s %s answered 503 although nothing was down: %s", r.method, r.path, a.body)
		}
	case a.status >= http.StatusInternalServerError:
		d.w.add("500", 1)
		d.w.fail("%s %s answered %d: %s", r.method, r.path, a.status, a.body)
	}
	return a
}

// again tells whether the same request is to be asked again: nothing came back, or something that says so.
func (a answer) again() bool {
	return a.lost != nil || a.status >= http.StatusInternalServerError ||
		a.is(http.StatusConflict) && (a.code() == "idempotency_key_in_use" || a.code() == "payment_in_progress" || a.code() == "payment_ended")
}

// ask asks until it is answered, so often at most.
func (d *deal) ask(ctx context.Context, r request, times int) answer {
	for try := 0; ; try++ {
		a := d.try(ctx, d.Rand, r)
		if !a.again() || try+1 >= times || ctx.Err() != nil {
			return a
		}
		d.w.add("asked again", 1)
		pause(ctx, d.wait(try))
	}
}

// fill makes the cart. A line that may have been added is not added again.
func (d *deal) fill(ctx context.Context) error {
	var cart struct{ ID string }
	a := d.ask(ctx, request{method: http.MethodPost, path: "/carts", body: "{}"}, 20)
	if !a.is(http.StatusCreated) || a.into(&cart) != nil {
		return fmt.Errorf("no cart: %d %w %s", a.status, a.lost, a.body)
	}
	d.cart = cart.ID
	for _, l := range d.lines {
		a := d.ask(ctx, request{
			method: http.MethodPost, path: "/carts/" + d.cart + "/items", key: d.newKey(),
			body: fmt.Sprintf(`{"productId":%q,"quantity":%d}`, l.product.ID, l.quantity),
		}, 20)
		if !a.is(http.StatusCreated) {
			return fmt.Errorf("no line: %d %w %s", a.status, a.lost, a.body)
		}
	}
	return nil
}

// placing is the request that makes an order of the cart.
func (d *deal) placing(key string) request {
	return request{method: http.MethodPost, path: "/orders/from-cart", key: key, body: fmt.Sprintf(
		`{"cartId":%q,"email":%q,"shippingAddress":{"firstName":"John","lastName":"Doe","street1":"123 Main St",
		"city":"New York","state":"NY","postalCode":"10001","country":"US"}}`, d.cart, d.email)}
}

// place orders the cart under the deal's key, and asks so often at most.
func (d *deal) place(ctx context.Context, times int) {
	d.asked = true
	a := d.ask(ctx, d.placing(d.key), times)
	if !a.again() {
		d.said = a.body
	}
	d.placed(a)
}

// placed takes note of an answer to placing the cart.
func (d *deal) placed(a answer) {
	if a.again() {
		return
	}
	var order struct{ ID, OrderToken string }
	if a.is(http.StatusOK, http.StatusCreated) && a.into(&order) == nil {
		d.known(order.ID, order.OrderToken)
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	switch {
	case a.is(http.StatusConflict) && d.order == "":
		if !d.soldOut {
			d.w.add("sold out", 1)
		}
		d.soldOut = true
	default:
		d.w.fail("placing cart %s answered %d: %s", d.cart, a.status, a.body)
	}
}

// known takes note of the order that a cart became: always the same.
func (d *deal) known(order, token string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	switch {
	case d.order == "":
		d.order = order
		d.w.add("orders", 1)
	case d.order != order:
		d.w.fail("cart %s became order %s and order %s", d.cart, d.order, order)
	}
	if d.token == "" {
		d.token = token
	}
}
