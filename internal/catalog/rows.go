package catalog

import (
	"encoding/json"
	"fmt"

	"github.com/google/uuid"

	"cartwright/gen/db"
	"cartwright/internal/media"
	"cartwright/internal/money"
)

// toProducts puts the rows of read together.
func toProducts(
	rows []db.ProductsByIDsRow, variants []db.VariantsByProductsRow, images []db.ImagesByProductsRow,
	pictures media.Addresses,
) (map[uuid.UUID]Product, error) {
	byID := make(map[uuid.UUID]*Product, len(rows))
	for _, row := range rows {
		byID[row.Product.ID] = toProduct(row)
	}
	for _, row := range variants {
		variant, err := toVariant(row.ProductVariant, row.Available)
		if err != nil {
			return nil, err
		}
		variant.AllowBackorder = row.AllowBackorder
		if product := byID[row.ProductVariant.ProductID]; product != nil {
			product.Variants = append(product.Variants, variant)
		}
	}
	for _, row := range images {
		if product := byID[row.ProductImage.ProductID]; product != nil {
			product.Images = append(product.Images, toImage(row, pictures))
		}
	}
	products := make(map[uuid.UUID]Product, len(byID))
	for id, product := range byID {
		if len(product.Variants) > 0 {
			products[id] = *product
		}
	}
	return products, nil
}

func toProduct(row db.ProductsByIDsRow) *Product {
	return &Product{
		ID: row.Product.ID,
		Category: Category{
			ID:          row.Product.CategoryID,
			Name:        row.CategoryName,
			Slug:        row.CategorySlug,
			Description: row.CategoryDescription,
			Image:       row.CategoryImage,
			ParentID:    row.CategoryParentID,
			SortOrder:   row.CategorySortOrder,
			IsActive:    row.CategoryIsActive,
			CreatedAt:   row.CategoryCreatedAt,
			Version:     row.CategoryVersion,
		},
		Details:   toDetails(row.Product),
		CreatedAt: row.Product.CreatedAt,
		UpdatedAt: row.Product.UpdatedAt,
		Version:   row.Product.Version,
	}
}

func toDetails(p db.Product) Details {
	return Details{
		CategoryID:        p.CategoryID,
		Name:              p.Name,
		Slug:              p.Slug,
		Description:       p.Description,
		ShortDescription:  p.ShortDescription,
		Status:            Status(p.Status),
		TrackInventory:    p.TrackInventory,
		LowStockThreshold: p.LowStockThreshold,
		Dimensions:        p.Dimensions,
		IsFeatured:        p.IsFeatured,
		SEOTitle:          p.SEOTitle,
		SEODescription:    p.SEODescription,
	}
}

func toVariant(row db.ProductVariant, available int32) (Variant, error) {
	var options map[string]string
	if err := json.Unmarshal(row.Options, &options); err != nil {
		return Variant{}, fmt.Errorf("read the options of variant %s: %w", row.ID, err)
	}
	currency := money.Currency(row.Currency)
	return Variant{
		ID:        row.ID,
		IsDefault: row.IsDefault,
		IsActive:  row.IsActive,
		Available: available,
		VariantDetails: VariantDetails{
			Name:         row.Name,
			SKU:          row.SKU,
			Price:        money.New(row.PriceMinor, currency),
			FollowsPrice: row.FollowsPrice,
			ComparePrice: toAmount(row.ComparePriceMinor, currency),
			CostPrice:    toAmount(row.CostPriceMinor, currency),
			Weight:       row.Weight,
			Options:      options,
			Inactive:     !row.IsActive,
		},
	}, nil
}

func fromVariant(variant VariantDetails) (db.VariantCreateParams, error) {
	sku, err := tidied("sku", variant.SKU)
	if err != nil {
		return db.VariantCreateParams{}, err
	}
	encoded, err := fromOptions(variant.Options)
	if err != nil {
		return db.VariantCreateParams{}, err
	}
	return db.VariantCreateParams{
		Name:              variant.Name,
		SKU:               sku,
		PriceMinor:        variant.Price.Minor,
		FollowsPrice:      variant.FollowsPrice,
		ComparePriceMinor: fromAmount(variant.ComparePrice),
		CostPriceMinor:    fromAmount(variant.CostPrice),
		Currency:          string(variant.Price.Currency),
		Weight:            variant.Weight,
		Options:           encoded,
		IsActive:          !variant.Inactive,
	}, nil
}

func toAmount(minor *int64, currency money.Currency) *money.Amount {
	if minor == nil {
		return nil
	}
	amount := money.New(*minor, currency)
	return &amount
}

func fromAmount(amount *money.Amount) *int64 {
	if amount == nil {
		return nil
	}
	return &amount.Minor
}

func mapSlice[A, B any](in []A, f func(A) B) []B {
	out := make([]B, len(in))
	for i, a := range in {
		out[i] = f(a)
	}
	return out
}
