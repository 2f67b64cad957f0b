package bulk

import (
	"encoding/json"

	"cartwright/internal/catalog"
)

// Row is what a line of a file says of a variant.
type Row struct {
	Line              int
	SKU               string
	ParentSKU         field[string] // null: this row is the product's own
	Name              field[string]
	Slug              field[string]
	Description       field[string]
	ShortDescription  field[string]
	Category          field[string] // its slug
	Status            field[string]
	Price             field[int64] // minor units, as all amounts; null: what the product costs
	ComparePrice      field[int64]
	CostPrice         field[int64]
	TrackInventory    field[bool]
	InventoryQuantity field[int32]
	AllowBackorder    field[bool]
	LowStockThreshold field[int32]
	Weight            field[float64]
	Dimensions        field[string]
	IsFeatured        field[bool]
	IsActive          field[bool]
	SEOTitle          field[string]
	SEODescription    field[string]
	Images            field[[]picture]
	ImageAltTexts     field[[]field[string]] // of CSV, one for each image
	VariantName       field[string]          // of the default variant; null: the product's
	Options           field[map[string]string]
	optionEdits       map[string]string // by CSV columns: "" takes the option away, others stay

	strict bool // NDJSON, where null is not just an empty cell
	size   int  // of the line, in bytes
}

// key is what the row's SKU is compared by.
func (r *Row) key() string { return catalog.Key(r.SKU) }

// parentKey is what the SKU of its product is compared by; "" without one.
func (r *Row) parentKey() string { return catalog.Key(r.ParentSKU.value) }

// picture is an image of a row.
type picture struct {
	URL     string        `json:"url"`
	AltText field[string] `json:"altText,omitzero"`
}

// field is a value that may also be absent, or null to clear what is there.
type field[T any] struct {
	set, null bool
	value     T
}

func given[T any](value T) field[T] { return field[T]{set: true, value: value} }

func cleared[T any]() field[T] { return field[T]{set: true, null: true} }

// UnmarshalJSON reads a member that is there; one that is not leaves the field unset.
func (f *field[T]) UnmarshalJSON(raw []byte) error {
	*f = cleared[T]()
	if string(raw) == "null" {
		return nil
	}
	f.null = false
	return json.Unmarshal(raw, &f.value)
}

// MarshalJSON writes the value, or null.
func (f field[T]) MarshalJSON() ([]byte, error) {
	if !f.has() {
		return []byte("null"), nil
	}
	written, err := plainJSON(f.value)
	return []byte(written), err
}

// has tells whether there is a value.
func (f field[T]) has() bool { return f.set && !f.null }

// over is what a stored value becomes.
func (f field[T]) over(stored T) T {
	if f.has() {
		return f.value
	}
	return stored
}

// overNullable is over for what may be null.
func (f field[T]) overNullable(stored *T) *T {
	switch {
	case !f.set:
		return stored
	case f.null:
		return nil
	}
	return &f.value
}
