package demo

import (
	"errors"

	"github.com/google/uuid"

	"cartwright/internal/assortment"
	"cartwright/internal/catalog"
)

func (s Shop) fromCategory(category category, place int, ids map[string]uuid.UUID) catalog.Category {
	image := s.imageURL(category.Image)
	made := catalog.Category{
		Name:        category.Name,
		Slug:        category.Slug,
		Description: &category.Description,
		Image:       &image,
		SortOrder:   int32(place),
		IsActive:    true,
	}
	if parent, ok := ids[category.Parent]; ok {
		made.ParentID = &parent
	}
	return made
}

// What an absent field means, as in the spec.
const defaultLowStockThreshold = 5

func (s Shop) fromProduct(product product, category uuid.UUID) (assortment.NewProduct, error) {
	made := assortment.NewProduct{NewProduct: catalog.NewProduct{
		Details: catalog.Details{
			CategoryID:        category,
			Name:              product.Name,
			Slug:              product.Slug,
			Description:       &product.Description,
			ShortDescription:  &product.ShortDescription,
			Status:            catalog.Active,
			TrackInventory:    true,
			LowStockThreshold: defaultLowStockThreshold,
			Dimensions:        &product.Dimensions,
			IsFeatured:        product.IsFeatured,
			SEOTitle:          optional(product.SEOTitle),
			SEODescription:    optional(product.SEODescription),
		},
		Images: s.fromPictures(product.Images),
	}}
	if product.Status != "" {
		made.Status = catalog.Status(product.Status)
	}
	if product.TrackInventory != nil {
		made.TrackInventory = *product.TrackInventory
	}
	if product.LowStockThreshold != nil {
		made.LowStockThreshold = *product.LowStockThreshold
	}
	for _, variant := range product.allVariants() {
		details, err := s.fromVariant(variant)
		if err != nil {
			return assortment.NewProduct{}, err
		}
		made.Variants = append(made.Variants, details)
		made.Quantities = append(made.Quantities, variant.InventoryQuantity)
	}
	return made, nil
}

func (s Shop) fromPictures(pictures []picture) []catalog.Image {
	made := make([]catalog.Image, len(pictures))
	for i, picture := range pictures {
		made[i] = catalog.Image{URL: s.imageURL(picture.File), AltText: &picture.AltText}
	}
	return made
}

func optional(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

// allVariants begins with the default one. Each has its prices.
func (p product) allVariants() []variant {
	main := variant{item: p.item, Name: p.Variant}
	if main.Name == "" {
		main.Name = p.Name
	}
	all := []variant{main}
	for _, other := range p.Variants {
		if other.followsPrice = other.Price == ""; other.followsPrice {
			other.Price, other.ComparePrice, other.CostPrice = p.Price, p.ComparePrice, p.CostPrice
		}
		all = append(all, other)
	}
	return all
}

func (s Shop) fromVariant(variant variant) (catalog.VariantDetails, error) {
	price, noPrice := toAmount(variant.Price, s.Currency)
	compare, noCompare := toOptionalAmount(variant.ComparePrice, s.Currency)
	cost, noCost := toOptionalAmount(variant.CostPrice, s.Currency)
	return catalog.VariantDetails{
		Name:         variant.Name,
		SKU:          variant.SKU,
		Price:        price,
		FollowsPrice: variant.followsPrice,
		ComparePrice: compare,
		CostPrice:    cost,
		Weight:       variant.Weight,
		Options:      variant.Options,
	}, errors.Join(noPrice, noCompare, noCost)
}
