package api

import (
	"fmt"

	"cartwright/gen/oapi"
	"cartwright/internal/catalog"
	"cartwright/internal/money"
	"cartwright/internal/page"
)

// fromVariantCreate reads a variant; without a price of its own it costs what the product costs.
func fromVariantCreate(
	i int, variant oapi.ProductVariantCreate, productPrice money.Number, amounts *amountReader,
) catalog.VariantDetails {
	details := catalog.VariantDetails{
		Name:         variant.Name,
		SKU:          variant.SKU,
		ComparePrice: amounts.optional(fmt.Sprintf("variants[%d].comparePrice", i), variant.ComparePrice),
		Weight:       variant.Weight,
		Options:      or(variant.Options, nil),
	}
	if variant.Price != nil {
		details.Price = amounts.read(fmt.Sprintf("variants[%d].price", i), *variant.Price)
	} else {
		details.Price, _ = productPrice.In(amounts.currency) // its problem is reported as the product's
	}
	return details
}

func toProductList(found page.Of[catalog.Product], viewer catalog.Viewer) oapi.ProductList {
	return oapi.ProductList{
		Data:       toSlice(found.Items, func(p catalog.Product) oapi.Product { return toProduct(p, viewer) }),
		NextCursor: optionalText(found.Next),
	}
}

func toProduct(p catalog.Product, viewer catalog.Viewer) oapi.Product {
	main := p.Default()
	product := oapi.Product{
		ID:                p.ID,
		Name:              p.Name,
		Slug:              p.Slug,
		Description:       p.Description,
		ShortDescription:  p.ShortDescription,
		SKU:               main.SKU,
		Price:             main.Price.Number(),
		ComparePrice:      toOptionalNumber(main.ComparePrice),
		Currency:          string(main.Price.Currency),
		TrackInventory:    p.TrackInventory,
		InventoryQuantity: main.Available,
		LowStockThreshold: p.LowStockThreshold,
		Weight:            main.Weight,
		Dimensions:        p.Dimensions,
		CategoryID:        p.CategoryID,
		Category:          toCategory(p.Category),
		Status:            oapi.ProductStatus(p.Status),
		IsFeatured:        p.IsFeatured,
		SEOTitle:          p.SEOTitle,
		SEODescription:    p.SEODescription,
		Images:            toSlice(p.Images, toImage),
		Variants:          []oapi.ProductVariant{},
		CreatedAt:         p.CreatedAt.UTC(),
		UpdatedAt:         p.UpdatedAt.UTC(),
	}
	for _, variant := range p.Variants {
		if variant.IsActive || viewer.Staff {
			product.Variants = append(product.Variants, toVariant(variant, p.TrackInventory))
		}
		product.InStock = product.InStock || (variant.IsActive && inStock(variant, p.TrackInventory))
	}
	if viewer.Staff {
		product.CostPrice = toOptionalNumber(main.CostPrice)
	}
	return product
}

func toVariant(v catalog.Variant, tracked bool) oapi.ProductVariant {
	return oapi.ProductVariant{
		ID:                v.ID,
		Name:              v.Name,
		SKU:               v.SKU,
		Price:             v.Price.Number(),
		ComparePrice:      toOptionalNumber(v.ComparePrice),
		Currency:          string(v.Price.Currency),
		InventoryQuantity: v.Available,
		InStock:           inStock(v, tracked),
		Weight:            v.Weight,
		Options:           toOptions(v.Options),
		IsDefault:         v.IsDefault,
		IsActive:          v.IsActive,
	}
}

// inStock holds for what can be sold now; a product that is not tracked always can.
func inStock(v catalog.Variant, tracked bool) bool { return !tracked || v.Available > 0 }

func toImage(i catalog.Image) oapi.ProductImage {
	return oapi.ProductImage{ID: i.ID, URL: i.URL, AltText: i.AltText, SortOrder: i.SortOrder}
}
