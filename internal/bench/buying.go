package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"sync/atomic"
	"time"
)

// lines is how many a cart gets.
const lines = 3

// buying fills carts and orders them.
func (b *bench) buying(ctx context.Context) error {
	n := max(1000, int(6000*b.table.yard.pace())) // what there is time for
	if b.options.short {
		n = 250
	}
	carts, err := b.carts(ctx, n)
	if err != nil {
		return err
	}
	// A line belongs to another cart than the one before it, and products are spread.
	l := b.until(16, n*lines)
	s, err := l.run(ctx, func(ctx context.Context, c *client, i int) error {
		return b.addItem(ctx, c, carts[i%n], b.goods.stocked[(i%n*lines+i/n)%len(b.goods.stocked)])
	})
	if err != nil {
		return err
	}
	b.ofUpdate("add to cart, 16 connections", s, 0.15, 25*time.Millisecond)
	// The carts that time was too short for would be orders of fewer lines.
	full := len(s.times) - 2*n
	if full < n {
		full -= l.workers
	}
	if full < n/10 {
		return fmt.Errorf("only %d carts were filled in time", full)
	}
	s, err = b.until(16, full).run(ctx, func(ctx context.Context, c *client, i int) error {
		_, err := b.place(ctx, c, carts[i], http.StatusCreated)
		return err
	})
	if err == nil {
		b.ofUpdate(fmt.Sprintf("order from a %d-line cart, 16 connections", lines), s, 0.10, 0)
	}
	return err
}

// until is a closed loop that ends when there is nothing left to do. It warms up with nothing, because each thing can
// be done once.
func (b *bench) until(workers, things int) load {
	l := b.closed(workers)
	l.warm, l.atMost, l.time = 0, things, 3*l.time
	return l
}

// carts makes empty ones.
func (b *bench) carts(ctx context.Context, n int) ([]string, error) {
	carts := make([]string, n)
	s, err := b.until(16, n).run(ctx, func(ctx context.Context, c *client, i int) (err error) {
		carts[i], err = b.created(ctx, c, "/carts", "{}")
		return err
	})
	if err == nil && len(s.times) < n {
		return nil, fmt.Errorf("only %d of %d carts were made in time", len(s.times), n)
	}
	return carts, err
}

// created posts what makes something and answers its id.
func (b *bench) created(ctx context.Context, c *client, path, body string) (string, error) {
	status, answer, err := c.post(ctx, path, body)
	if err != nil {
		return "", err
	}
	if status != http.StatusCreated {
		return "", fmt.Errorf("POST %s %w", path, unexpected(status, answer))
	}
	var made struct{ ID string }
	err = json.Unmarshal(answer, &made)
	return made.ID, err
}

func (b *bench) addItem(ctx context.Context, c *client, cart, product string) error {
	status, body, err := c.post(ctx, "/carts/"+cart+"/items", `{"productId":"`+product+`"}`)
	if err == nil && status != http.StatusCreated {
		err = fmt.Errorf("add to cart %w", unexpected(status, body))
	}
	return err
}

// place orders a cart and tells whether it went through; another status than the wanted ones is an error.
func (b *bench) place(ctx context.Context, c *client, cart string, wanted ...int) (bool, error) {
	status, body, err := c.post(ctx, "/orders/from-cart", `{"cartId":"`+cart+`","email":"customer-`+cart+`@example.com",
		"shippingAddress":{"firstName":"John","lastName":"Doe","street1":"123 Main St","city":"New York","state":"NY",
		"postalCode":"10001","country":"US"}}`)
	if err == nil && !slices.Contains(wanted, status) {
		err = fmt.Errorf("place an order %w", unexpected(status, body))
	}
	return status == http.StatusCreated, err
}

// hot compares buyers of one product with buyers of many, and then has more buyers than units.
func (b *bench) hot(ctx context.Context) error {
	n := 3000
	if b.options.short {
		n = 200
	}
	star := b.goods.stocked[0]
	if err := stock(ctx, b.db.conn, star, 10*n); err != nil {
		return err
	}
	spread, err := b.sell(ctx, n, func(i int) string { return b.goods.stocked[1+i%(len(b.goods.stocked)-1)] })
	if err != nil {
		return err
	}
	one, err := b.sell(ctx, n, func(int) string { return star })
	if err != nil {
		return err
	}
	ratio := one.rate() / spread.rate()
	b.add(row{
		what:     "all buyers on one product, 16 connections",
		measured: fmt.Sprintf("%.0f/s against %.0f/s spread out", one.rate(), spread.rate()), target: "0.60 × spread out",
		ratio: fmt.Sprintf("%.2f", ratio), verdict: b.atLeast(ratio, 0.6),
	})
	return b.rush(ctx, star)
}

// sell orders n carts of one line each.
func (b *bench) sell(ctx context.Context, n int, product func(i int) string) (sample, error) {
	carts, err := b.cartsOf(ctx, n, product)
	if err != nil {
		return sample{}, err
	}
	return b.until(16, n).run(ctx, func(ctx context.Context, c *client, i int) error {
		_, err := b.place(ctx, c, carts[i], http.StatusCreated)
		return err
	})
}

func (b *bench) cartsOf(ctx context.Context, n int, product func(i int) string) ([]string, error) {
	carts, err := b.carts(ctx, n)
	if err != nil {
		return nil, err
	}
	s, err := b.until(16, n).run(ctx, func(ctx context.Context, c *client, i int) error {
		return b.addItem(ctx, c, carts[i], product(i))
	})
	if err == nil && len(s.times) < n {
		err = fmt.Errorf("only %d of %d carts were filled in time", len(s.times), n)
	}
	return carts, err
}

// rush lets four times as many buyers as there are units buy at once: as many as there are units may be sold.
func (b *bench) rush(ctx context.Context, product string) error {
	const units, buyers = 50, 200
	carts, err := b.cartsOf(ctx, buyers, func(int) string { return product })
	if err != nil {
		return err
	}
	if err := stock(ctx, b.db.conn, product, units); err != nil {
		return err
	}
	var sold atomic.Int64
	_, err = b.until(32, buyers).run(ctx, func(ctx context.Context, c *client, i int) error {
		won, err := b.place(ctx, c, carts[i], http.StatusCreated, http.StatusConflict, http.StatusUnprocessableEntity)
		if won {
			sold.Add(1)
		}
		return err
	})
	if err != nil {
		return err
	}
	b.add(row{
		what: fmt.Sprintf("%d buyers on %d units", buyers, units), measured: fmt.Sprintf("%d sold", sold.Load()),
		target: fmt.Sprintf("exactly %d", units), verdict: verdictOf(sold.Load() == units),
	})
	return nil
}
