package scale

import (
	"context"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"cartwright/internal/money"
)

// writer makes rows of products.
type writer struct {
	pictures []string // absolute
	currency money.Currency
	today    time.Time
	lexicon  *lexicon
}

func (s Shop) writer(l *lexicon) writer {
	pictures := make([]string, len(s.Pictures))
	for i, path := range s.Pictures {
		pictures[i] = strings.TrimSuffix(s.BaseURL, "/") + path
	}
	return writer{lexicon: l, pictures: pictures, currency: s.Currency, today: s.Now().UTC().Truncate(24 * time.Hour)}
}

// rows are those of one chunk of products.
type rows struct {
	count                                                    int
	products, variants, images, levels, movements, documents *copied
}

func newRows(n int) *rows {
	return &rows{
		count: n,
		products: newCopied("products", 800*n, "id", "category_id", "name", "slug", "description", "short_description",
			"status", "track_inventory", "low_stock_threshold", "dimensions", "is_featured", "created_at", "updated_at"),
		variants: newCopied("product_variants", 600*n, "id", "product_id", "is_default", "name", "sku", "price_minor",
			"follows_price", "compare_price_minor", "cost_price_minor", "currency", "weight", "options", "sort_order", "created_at", "updated_at"),
		images:    newCopied("product_images", 400*n, "id", "product_id", "url", "alt_text", "sort_order", "created_at"),
		levels:    newCopied("stock_levels", 100*n, "variant_id", "on_hand", "low_stock_at"),
		movements: newCopied("stock_movements", 200*n, "id", "variant_id", "quantity", "reason", "created_at"),
		documents: newCopied("search_documents", 1500*n, "product_id", "words", "card", "prices", "price", "name_key",
			"sold", "created_at"),
	}
}

// runTx sends them, each table after those it refers to.
func (r *rows) runTx(ctx context.Context, tx pgx.Tx) error {
	for _, c := range []*copied{r.products, r.variants, r.images, r.levels, r.movements, r.documents} {
		if err := c.runTx(ctx, tx); err != nil {
			return err
		}
	}
	return nil
}

func (w writer) write(numbers []int) *rows {
	r := newRows(len(numbers))
	for _, n := range numbers {
		w.add(r, newProduct(n))
	}
	return r
}

// What an absent field means, as in the spec.
const defaultLowStockThreshold = 5

func (w writer) add(r *rows, p product) {
	created := w.today.Add(-p.age)
	c := r.products
	c.row()
	c.uuid(p.id)
	c.uuid(w.lexicon.categories[p.category].id)
	c.string(p.name)
	c.string(p.slug)
	c.string(p.description)
	c.string(p.short)
	c.string(p.status)
	c.bool(p.tracked)
	c.integer(defaultLowStockThreshold)
	optional(c, p.dimensions, c.string)
	c.bool(p.featured)
	c.time(created)
	c.time(created)
	for i, v := range p.variants {
		w.addVariant(r, p, i, v, created)
	}
	if len(w.pictures) > 0 {
		w.addImages(r, p, created)
	}
	if p.status == "ACTIVE" {
		w.addDocument(r.documents, p)
	}
}

func (w writer) addVariant(r *rows, p product, place int, v variant, created time.Time) {
	c := r.variants
	c.row()
	c.uuid(v.id)
	c.uuid(p.id)
	c.bool(place == 0)
	c.string(v.name)
	c.string(v.sku)
	c.bigint(toMinor(v.figure, w.currency))
	c.bool(place > 0 && v.figure == p.variants[0].figure)
	optional(c, toOptionalMinor(v.compare, w.currency), c.bigint)
	optional(c, toOptionalMinor(v.cost, w.currency), c.bigint)
	c.string(string(w.currency))
	c.double(v.weight)
	c.options(v.options)
	c.integer(int32(place))
	c.time(created)
	c.time(created)

	r.levels.row()
	r.levels.uuid(v.id)
	r.levels.integer(int32(v.quantity))
	if p.tracked && p.status == "ACTIVE" { // what is not sold is never low
		r.levels.integer(defaultLowStockThreshold)
	} else {
		r.levels.null()
	}
	if v.quantity == 0 {
		return
	}
	c = r.movements
	c.row()
	c.uuid(v.movement)
	c.uuid(v.id)
	c.integer(int32(v.quantity))
	c.string("INITIAL")
	c.time(created)
}

func (w writer) addImages(r *rows, p product, created time.Time) {
	c := r.images
	for i, image := range p.images {
		c.row()
		c.uuid(image.id)
		c.uuid(p.id)
		c.string(w.pictures[image.picture%uint64(len(w.pictures))])
		c.string(p.name)
		c.integer(int32(i))
		c.time(created)
	}
}
