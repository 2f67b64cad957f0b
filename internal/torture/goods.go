package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
)

// product is something to buy.
type product struct {
	ID       string
	Variants []struct{ ID string }
	units    int
}

// stock signs the admin in and fills the shop with what never sells out.
func (w *world) stock(ctx context.Context) error {
	if err := w.signIn(ctx); err != nil {
		return err
	}
	for i := range 12 {
		p, err := w.offer(ctx, fmt.Sprintf("plenty-%d", i), 1_000_000)
		if err != nil {
			return err
		}
		w.goods = append(w.goods, p)
	}
	return nil
}

func (w *world) signIn(ctx context.Context) error {
	var pair struct{ AccessToken string }
	err := w.set(ctx, "/auth/login", fmt.Sprintf(`{"email":%q,"password":%q}`, adminEmail, adminPassword), &pair)
	w.client.token = pair.AccessToken
	return err
}

// offer puts so many units of a product on sale.
func (w *world) offer(ctx context.Context, name string, units int) (p product, err error) {
	var category struct{ ID string }
	if err := w.set(ctx, "/categories", fmt.Sprintf(`{"name":%q,"slug":%q}`, name, name), &category); err != nil {
		return p, err
	}
	err = w.set(ctx, "/products", fmt.Sprintf(
		`{"name":%q,"slug":%q,"sku":%q,"price":19.99,"inventoryQuantity":%d,"categoryId":%q,"status":"ACTIVE"}`,
		name, name, name, units, category.ID), &p)
	p.units = units
	return p, err
}

// set asks for something that must succeed, as the admin.
func (w *world) set(ctx context.Context, path, body string, into any) error {
	chance := rand.New(rand.NewPCG(0, 0))
	told := w.client.ask(ctx, chance, request{method: http.MethodPost, path: path, body: body, admin: w.client.token != ""})
	if told.is(http.StatusUnauthorized) && path != "/auth/login" { // the token has run out
		w.client.token = ""
		if err := w.signIn(ctx); err != nil {
			return err
		}
		return w.set(ctx, path, body, into)
	}
	if !told.is(http.StatusOK, http.StatusCreated) {
		return fmt.Errorf("POST %s answered %d: %w: %s", path, told.status, told.lost, told.body)
	}
	return told.into(into)
}
