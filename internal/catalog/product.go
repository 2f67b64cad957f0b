package catalog

import (
	"time"

	"github.com/google/uuid"

	"cartwright/internal/money"
)

// Status says who sees a product.
type Status string

// The statuses of a product. Only an ACTIVE one is public and for sale.
const (
	Draft    Status = "DRAFT"
	Active   Status = "ACTIVE"
	Archived Status = "ARCHIVED"
)

// Category groups products.
type Category struct {
	ID          uuid.UUID
	Name        string
	Slug        string
	Description *string
	Image       *string
	ParentID    *uuid.UUID
	SortOrder   int32
	IsActive    bool
	CreatedAt   time.Time
	Version     int64
}

// Product is what the shop shows. Variants holds the default one first.
type Product struct {
	Details
	ID        uuid.UUID
	Category  Category
	Images    []Image
	Variants  []Variant
	CreatedAt time.Time
	UpdatedAt time.Time
	Version   int64 // how often it, its variants and its images were changed
}

// Default is the variant that stands for the product.
func (p *Product) Default() *Variant { return &p.Variants[0] }

// Details are the fields a product has before it is stored.
type Details struct {
	CategoryID        uuid.UUID
	Name              string
	Slug              string // "" derives one from the name
	Description       *string
	ShortDescription  *string
	Status            Status
	TrackInventory    bool
	LowStockThreshold int32
	Dimensions        *string
	IsFeatured        bool
	SEOTitle          *string
	SEODescription    *string
}

// Image is a picture of a product, in the order of SortOrder.
type Image struct {
	ID        uuid.UUID
	URL       string
	AltText   *string
	SortOrder int32
	Upload    *ImageUpload // nil for one that is somewhere else
}

// ImageUpload is what is known of a picture that the shop keeps itself.
type ImageUpload struct {
	Width, Height        int32 // of the one at Image.URL
	Small, Medium, Large string
}

// Variant is the sellable thing.
type Variant struct {
	VariantDetails
	ID        uuid.UUID
	IsDefault bool
	IsActive  bool
	Available int32 // units that can be sold now; 0 also for a product that is not tracked
	// AllowBackorder lets more be sold than there is.
	AllowBackorder bool
}

// VariantDetails are the fields a variant has before it is stored.
type VariantDetails struct {
	Name         string
	SKU          string
	Price        money.Amount
	FollowsPrice bool // it has no price of its own: Price is the product's
	ComparePrice *money.Amount
	CostPrice    *money.Amount // staff only
	Weight       *float64
	Options      map[string]string
	Inactive     bool // not for sale
}

// Viewer says how much of the catalogue a reader sees.
type Viewer struct{ Staff bool }

// sees tells whether the viewer may know of a product with this status.
func (v Viewer) sees(status Status) bool { return v.Staff || status == Active }
