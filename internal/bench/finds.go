package main

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"cartwright/internal/scale"
)

// terms are words to search for: the most common, some of every frequency, pairs, beginnings and slips.
func (b *bench) terms() []string {
	all := scale.Words()
	var terms []string
	add := func(from []string, change func(i int, word string) string) {
		for i, word := range from {
			terms = append(terms, change(i, word))
		}
	}
	same := func(_ int, word string) string { return word }
	add(all[:40], same)
	add(every(all[40:], 80), same)
	add(every(all[:400], 60), func(i int, word string) string { return word + " " + all[(i*37+11)%900] })
	add(every(all[:900], 40), func(_ int, word string) string { return word[:min(len(word), 3)] })
	add(every(all[:900], 40), slip)
	return terms
}

// every is n of all, evenly spread.
func every(all []string, n int) []string {
	some := make([]string, n)
	for i := range some {
		some[i] = all[i*len(all)/n]
	}
	return some
}

// slip leaves out a letter of a long word.
func slip(i int, word string) string {
	if len(word) < 6 {
		return word
	}
	at := 2 + i%3
	return word[:at] + word[at+1:]
}

// searches are the terms as requests, every other one with filters or an order, and lists by price from the
// middle of all prices on.
func (b *bench) searches() []string {
	filters := []string{
		"", "&inStock=true", "", "&minPrice=10&maxPrice=60", "", "&sort=price_asc", "", "&category=" + b.goods.categories[0],
		"", "&featured=true", "", "&inStock=true&minPrice=0&sort=newest", "", "&category=" + b.goods.categories[7] + "&inStock=true",
	}
	if b.answers("/products/search?limit=1&option.color=Red") {
		filters = append(filters, "", "&option.color=Red", "", "&option.size=M&option.color=Black&inStock=true")
	}
	var paths []string
	for i, term := range b.terms() {
		paths = append(paths, "/products/search?limit=20&q="+url.QueryEscape(term)+filters[i%len(filters)])
	}
	return append(paths, "/products/search?limit=20&minPrice=39&sort=price_asc", "/products/search?limit=20&maxPrice=39&sort=price_desc")
}

// answers tells whether the shop knows this already.
func (b *bench) answers(path string) bool {
	ctx, cancel := context.WithTimeout(context.Background(), answerIn)
	defer cancel()
	c := &client{address: b.shop.address}
	defer c.close()
	status, _, err := c.get(ctx, path)
	return err == nil && status == http.StatusOK
}

func (b *bench) search(ctx context.Context) error {
	const rate = 20
	paths := b.searches()
	l := b.open(rate, len(paths))
	s, err := l.run(ctx, reading(paths))
	if err != nil {
		return err
	}
	target := 50 * time.Millisecond
	if b.options.products > 300_000 {
		target = 120 * time.Millisecond
	}
	b.within(fmt.Sprintf("search with facets, %d terms in turn, %.0f/s", len(paths), l.rate), s, target)
	s, err = b.closed(2).run(ctx, reading(paths))
	if err != nil {
		return err
	}
	b.report("the same, 2 connections without a pause", fmt.Sprintf("%.0f/s, p95 %s", s.rate(), millis(s.at(0.95))))
	return nil
}

func (b *bench) suggest(ctx context.Context) error {
	var paths []string
	for i, term := range b.terms() {
		word, _, _ := strings.Cut(term, " ")
		paths = append(paths, "/search/suggest?q="+url.QueryEscape(word[:min(len(word), 2+i%5)]))
	}
	if !b.answers(paths[0]) {
		b.report("suggest", "not there yet")
		return nil
	}
	const rate = 50
	l := b.open(rate, len(paths))
	s, err := l.run(ctx, reading(paths))
	if err == nil {
		b.within(fmt.Sprintf("suggest, %d beginnings in turn, %.0f/s", len(paths), l.rate), s, 15*time.Millisecond)
	}
	return err
}
