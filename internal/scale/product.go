package scale

import (
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
)

// product is what a number stands for.
type product struct {
	id                uuid.UUID
	category          int // a place in the tree
	name, slug        string
	description       string
	short             string
	status            string
	tracked, featured bool
	dimensions        *string
	age               time.Duration
	variants          []variant
	images            []image
}

// variant is one of a product's; the first is the default one.
type variant struct {
	id, movement  uuid.UUID
	name, sku     string
	figure        int
	compare, cost *int
	weight        float64
	options       []option
	quantity      int
}

type option struct{ name, value string }

type image struct {
	id      uuid.UUID
	picture uint64 // which of the shop's; to be taken modulo their number
}

// ageLimit is how far back the oldest products were added.
const ageLimit = 3 * 365 * 24 * time.Hour

// newProduct makes product number n.
func newProduct(n int) product {
	d := roll(4, uint64(n))
	t := shelves()
	place := t.draw(d)
	shelf := t.categories[place]
	noun := pick(d, shelf.goods)
	p := product{
		id:       newID(productID, n, 0),
		category: place,
		name:     newName(d, noun),
		status:   newStatus(d),
		tracked:  !d.permille(30),
		age:      time.Duration(d.below(int(ageLimit/time.Second))) * time.Second,
	}
	p.slug = strings.ReplaceAll(strings.ToLower(p.name), " ", "-") + "-" + strconv.Itoa(n)
	p.featured = d.permille(10) && p.status == "ACTIVE"
	if d.permille(600) {
		measures := strconv.Itoa(d.between(4, 90)) + " × " + strconv.Itoa(d.between(3, 60)) + " cm"
		p.dimensions = &measures
	}
	p.variants = newVariants(d, n, p, noun, shelf.group)
	p.short = sentence(d, d.between(5, 9), 0)
	p.description = newDescription(d, p.name)
	p.images = newImages(d, n)
	return p
}

func newStatus(d *dice) string {
	switch roll := d.below(1000); {
	case roll < 950:
		return "ACTIVE"
	case roll < 980:
		return "DRAFT"
	}
	return "ARCHIVED"
}

// newName is two to five words: "Velmora Compact Walnut Wall Clock".
func newName(d *dice, noun string) string {
	v := words()
	parts := []string{v.makers[v.maker.draw(d)]}
	switch roll := d.below(100); {
	case roll < 45:
		parts = append(parts, title(pick(d, adjectives)))
	case roll < 80:
		parts = append(parts, v.models[v.model.draw(d)])
	}
	if d.permille(350) {
		parts = append(parts, title(pick(d, materials)))
	}
	return strings.Join(append(parts, title(noun)), " ")
}

func title(text string) string { return strings.Join(capitalised(strings.Fields(text)), " ") }

// newDescription is 20 to 60 words, of which the first name the product.
func newDescription(d *dice, name string) string {
	var text strings.Builder
	text.WriteString("The " + name)
	left := d.between(20, 60) - 1 - strings.Count(name, " ") - 1
	for began := 1; left > 0; began = 0 {
		length := min(d.between(8, 14), left)
		if left-length < 4 {
			length = left
		}
		text.WriteString(" " + sentence(d, length, began))
		left -= length
	}
	return text.String()
}

// sentence is so many words. The first is capitalised unless the sentence has begun.
func sentence(d *dice, length, began int) string {
	v := words()
	var text strings.Builder
	for i := range length {
		word := v.content[v.word.draw(d)]
		if i+1 < length && d.permille(350) {
			word = pick(d, functionWords)
		}
		if i > 0 {
			text.WriteByte(' ')
		} else if began == 0 {
			word = capital(word)
		}
		text.WriteString(word)
	}
	text.WriteByte('.')
	return text.String()
}

func newImages(d *dice, n int) []image {
	images := make([]image, 1, 3)
	for len(images) < cap(images) && d.permille(300) {
		images = append(images, image{})
	}
	for i := range images {
		images[i] = image{id: newID(imageID, n, i), picture: d.next()}
	}
	return images
}
