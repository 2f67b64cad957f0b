package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"
)

// reading asks for paths in turn and wants 200.
func reading(paths []string) ask {
	return func(ctx context.Context, c *client, i int) error {
		status, body, err := c.get(ctx, paths[i%len(paths)])
		if err == nil && status != http.StatusOK {
			err = fmt.Errorf("%s %w", paths[i%len(paths)], unexpected(status, body))
		}
		return err
	}
}

// products reads as many products as a busy shop shows on a day, once from the database and then as it goes on.
func (b *bench) products(ctx context.Context) error {
	paths := make([]string, len(b.goods.ids))
	for i, id := range b.goods.ids {
		paths[i] = "/products/" + id
	}
	first, err := b.until(16, len(paths)).run(ctx, reading(paths))
	if err != nil {
		return err
	}
	b.later(func(y calibration) row {
		return row{
			what: "product by id, the first time", measured: fmt.Sprintf("%.0f/s, p99 %s", first.rate(), millis(first.at(0.99))),
			ratio: fmt.Sprintf("%.3f", first.rate()/y.selectOnly),
		}
	})
	s, err := b.closed(16).run(ctx, reading(paths))
	if err != nil {
		return err
	}
	b.ofSelect(fmt.Sprintf("product by id, %d in turn, 16 connections", len(paths)), s, 0.10, 10*time.Millisecond)
	return nil
}

// page is what is read of a list.
type page struct {
	Data []struct {
		ID     string
		Price  json.Number
		Images []any
	}
	NextCursor string
}

func (b *bench) readPage(ctx context.Context, c *client, path string) (p page, err error) {
	status, body, err := c.get(ctx, path)
	if err != nil {
		return p, err
	}
	if status != http.StatusOK {
		return p, fmt.Errorf("%s %w", path, unexpected(status, body))
	}
	return p, json.Unmarshal(body, &p)
}

// lists reads the first fifty pages in turn.
func (b *bench) lists(ctx context.Context) error {
	c := &client{address: b.shop.address}
	defer c.close()
	paths := []string{"/products?limit=20"}
	for len(paths) < 50 {
		p, err := b.readPage(ctx, c, paths[len(paths)-1])
		if err != nil {
			return err
		}
		if len(p.Data) != 20 || p.Data[0].Price == "" || len(p.Data[0].Images) == 0 || p.NextCursor == "" {
			return errors.New("a page without twenty products, prices, images or a cursor")
		}
		paths = append(paths, "/products?limit=20&cursor="+p.NextCursor)
	}
	s, err := b.closed(16).run(ctx, reading(paths))
	if err != nil {
		return err
	}
	const rate, p99 = 600, 40
	b.later(func(y calibration) row {
		return row{
			what:     "list of 20 with prices and images, 50 pages in turn, 16 connections",
			measured: fmt.Sprintf("%.0f/s, p99 %s", s.rate(), millis(s.at(0.99))), target: "600/s, p99 40.0 ms",
			ratio:   fmt.Sprintf("%.4f × select", s.rate()/y.selectOnly),
			verdict: both(b.fast(y, s.rate(), rate), b.quick(y, inMillis(s.at(0.99)), p99)),
		}
	})
	return nil
}

// pages compares the first page with one far behind it.
func (b *bench) pages(ctx context.Context) error {
	c := &client{address: b.shop.address}
	defer c.close()
	const wanted = 2500 * 20
	path, seen := "/products?limit=100", 0
	var cursor string
	for seen < min(wanted, b.options.products*4/5) {
		p, err := b.readPage(ctx, c, path)
		if err != nil {
			return err
		}
		seen += len(p.Data)
		cursor = p.NextCursor
		path = "/products?limit=100&cursor=" + cursor
	}
	first, err := b.median(ctx, c, "/products?limit=20")
	if err != nil {
		return err
	}
	far, err := b.median(ctx, c, "/products?limit=20&cursor="+cursor)
	if err != nil {
		return err
	}
	ratio := float64(far) / float64(first)
	b.add(row{
		what: fmt.Sprintf("page %d by cursor against page 1", seen/20), measured: millis(far) + " against " + millis(first),
		target: "1.5 ×", ratio: fmt.Sprintf("%.2f", ratio), verdict: b.atMost(ratio, 1.5),
	})
	return nil
}

// median is how long one client waits for a path.
func (b *bench) median(ctx context.Context, c *client, path string) (time.Duration, error) {
	times := make([]time.Duration, 0, 200)
	for range cap(times) {
		began := time.Now()
		if err := reading([]string{path})(ctx, c, 0); err != nil {
			return 0, err
		}
		times = append(times, time.Since(began))
	}
	slices.Sort(times)
	return times[len(times)/2], nil
}

// statements counts what one request asks the database, for pages of different sizes, with nothing in the cache.
func (b *bench) statements(ctx context.Context) error {
	if !b.db.counted {
		b.report("statements per list of 1, 20, 100", "pg_stat_statements is not installed")
		return nil
	}
	for _, list := range []struct{ name, path string }{
		{"list", "/products?"}, {"search", "/products/search?sort=newest&q=" + b.terms()[0] + "&"},
	} {
		counts, err := b.counts(ctx, list.path, 1, 20, 100)
		if err != nil {
			return err
		}
		b.add(row{
			what: "statements per " + list.name + " of 1, 20, 100", measured: fmt.Sprint(counts), target: "constant",
			verdict: verdictOf(counts[0] > 0 && counts[0] == counts[1] && counts[1] == counts[2]),
		})
	}
	return nil
}

func (b *bench) counts(ctx context.Context, path string, sizes ...int) (counts []int, err error) {
	if err := b.db.count(ctx, "all"); err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, b.db.count(ctx, "none")) }()
	c := &client{address: b.shop.address}
	defer c.close()
	cursor := ""
	for _, size := range sizes {
		least := 0
		// The least of several: what runs beside the requests comes now and then. The first ones prepare statements.
		for try := range 4 {
			var n int
			if n, cursor, err = b.countOne(ctx, c, path+"limit="+strconv.Itoa(size), cursor); err != nil {
				return nil, err
			}
			if try > 1 && (least == 0 || n < least) {
				least = n
			}
		}
		counts = append(counts, least)
	}
	return counts, nil
}

// background are the statements that no request asks: search's upkeep, and its categories, read now and then.
const background = `name: Search(Stale|Words(New|Count|Learn)|Settings|Sold|Refresh|Reindex|Language|Categories)`

func (b *bench) countOne(ctx context.Context, c *client, path, cursor string) (n int, next string, err error) {
	if cursor != "" {
		path += "&cursor=" + cursor
	}
	// Every process forgets everything it keeps, and has done so some looks later.
	if _, err := b.db.conn.Exec(ctx, "INSERT INTO catalogue_changes (product_id) VALUES (NULL)"); err != nil {
		return 0, "", err
	}
	time.Sleep(500 * time.Millisecond)
	if _, err := b.db.conn.Exec(ctx, "SELECT pg_stat_statements_reset()"); err != nil {
		return 0, "", err
	}
	p, err := b.readPage(ctx, c, path)
	if err != nil {
		return 0, "", err
	}
	err = b.db.conn.QueryRow(ctx, `
		SELECT coalesce(sum(calls), 0) FROM pg_stat_statements
		WHERE query !~* 'pg_stat_statements|river|catalogue_changes|^(begin|commit|rollback)'
		  AND query !~ $1`, background).Scan(&n)
	return n, p.NextCursor, err
}
