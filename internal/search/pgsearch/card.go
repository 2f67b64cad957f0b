package pgsearch

import (
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
)

// row is a document that matches. Its card is read only as far as it is asked for.
type row struct {
	id        uuid.UUID
	price     int64
	sold      int64
	createdAt time.Time
	card
}

// card is what a document says about itself; search_refresh writes it.
type card struct {
	inStock, featured bool
	category          string // id
	prices            string // separated by U+001F, ascending
	name              string // folded
	stems             string // lexemes of the name, separated by spaces
	options           string // name U+001F value, separated by U+001D
}

func readCard(text string) (c card) {
	next := func() string {
		field, rest, _ := strings.Cut(text, "\x1e")
		text = rest
		return field
	}
	flags := next()
	c.inStock = strings.HasPrefix(flags, "!in")
	c.featured = strings.HasSuffix(flags, "*")
	c.category, c.prices, c.name, c.stems, c.options = next(), next(), next(), next(), next()
	return c
}

// eachPrice calls back with every price, ascending, until it answers false.
func (c *card) eachPrice(with func(int64) bool) {
	for rest := c.prices; rest != ""; {
		var field string
		field, rest, _ = strings.Cut(rest, "\x1f")
		price, err := strconv.ParseInt(field, 10, 64)
		if err != nil || !with(price) {
			return
		}
	}
}

// priced holds when a variant costs between these, both included.
func (c *card) priced(from, to int64) (found bool) {
	c.eachPrice(func(price int64) bool {
		found = price >= from && price <= to
		return !found && price <= to
	})
	return found
}

// eachOption calls back with every name and value as the shop writes them, and both in one.
func (c *card) eachOption(with func(both string)) {
	for rest := c.options; rest != ""; {
		var both string
		both, rest, _ = strings.Cut(rest, "\x1d")
		with(both)
	}
}
