package scale

import (
	"bytes"
	"strings"
	"time"

	"github.com/google/uuid"

	"cartwright/gen/db"
	"cartwright/internal/money"
)

// writer makes rows of products.
type writer struct {
	categories []uuid.UUID
	pictures   []string // absolute
	currency   money.Currency
	today      time.Time
}

func (s Shop) writer(categories []uuid.UUID) writer {
	pictures := make([]string, len(s.Pictures))
	for i, path := range s.Pictures {
		pictures[i] = strings.TrimSuffix(s.BaseURL, "/") + path
	}
	return writer{categories: categories, pictures: pictures, currency: s.Currency, today: s.Now().UTC().Truncate(24 * time.Hour)}
}

func (w writer) write(numbers []int) *rows {
	r := &rows{
		products:  make([]db.ScaleProductCopyParams, 0, len(numbers)),
		variants:  make([]db.ScaleVariantCopyParams, 0, 3*len(numbers)),
		images:    make([]db.ScaleImageCopyParams, 0, 2*len(numbers)),
		levels:    make([]db.ScaleLevelCopyParams, 0, 3*len(numbers)),
		movements: make([]db.ScaleMovementCopyParams, 0, 3*len(numbers)),
	}
	for _, n := range numbers {
		w.add(r, newProduct(n))
	}
	return r
}

// What an absent field means, as in the spec.
const defaultLowStockThreshold = 5

func (w writer) add(r *rows, p product) {
	created := w.today.Add(-p.age)
	r.products = append(r.products, db.ScaleProductCopyParams{
		ID: p.id, CategoryID: w.categories[p.category], Name: p.name, Slug: p.slug, Description: &p.description,
		ShortDescription: &p.short, Status: p.status, TrackInventory: p.tracked,
		LowStockThreshold: defaultLowStockThreshold, Dimensions: p.dimensions, IsFeatured: p.featured,
		CreatedAt: created, UpdatedAt: created,
	})
	for i, v := range p.variants {
		w.addVariant(r, p.id, i, v, created)
	}
	for i, image := range p.images {
		if len(w.pictures) == 0 {
			break
		}
		r.images = append(r.images, db.ScaleImageCopyParams{
			ID: image.id, ProductID: p.id, URL: w.pictures[image.picture%uint64(len(w.pictures))], AltText: &p.name,
			SortOrder: int32(i), CreatedAt: created,
		})
	}
}

func (w writer) addVariant(r *rows, product uuid.UUID, place int, v variant, created time.Time) {
	r.variants = append(r.variants, db.ScaleVariantCopyParams{
		ID: v.id, ProductID: product, IsDefault: place == 0, Name: v.name, SKU: v.sku,
		PriceMinor: toMinor(v.figure, w.currency), ComparePriceMinor: toOptionalMinor(v.compare, w.currency),
		CostPriceMinor: toOptionalMinor(v.cost, w.currency), Currency: string(w.currency), Weight: &v.weight,
		Options: encode(v.options), SortOrder: int32(place), CreatedAt: created, UpdatedAt: created,
	})
	r.levels = append(r.levels, db.ScaleLevelCopyParams{VariantID: v.id, OnHand: int32(v.quantity)})
	if v.quantity != 0 {
		r.movements = append(r.movements, db.ScaleMovementCopyParams{
			ID: v.movement, VariantID: v.id, Quantity: int32(v.quantity), Reason: "INITIAL", CreatedAt: created,
		})
	}
}

// encode writes options as a JSON object. Neither names nor values have anything to escape.
func encode(options []option) []byte {
	var text bytes.Buffer
	text.WriteByte('{')
	for i, o := range options {
		if i > 0 {
			text.WriteByte(',')
		}
		text.WriteString(`"` + o.name + `":"` + o.value + `"`)
	}
	text.WriteByte('}')
	return text.Bytes()
}
