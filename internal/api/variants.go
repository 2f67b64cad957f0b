package api

import (
	"context"
	"maps"
	"slices"

	"cartwright/gen/oapi"
	"cartwright/internal/assortment"
	"cartwright/internal/catalog"
	"cartwright/internal/money"
	"cartwright/internal/page"
)

// CreateVariant adds one to a product.
func (p products) CreateVariant(
	ctx context.Context, request oapi.CreateVariantRequestObject,
) (oapi.CreateVariantResponseObject, error) {
	amounts := &amountReader{currency: p.currency}
	variant := fromVariantCreate("", *request.Body, amounts)
	if err := amounts.err(); err != nil {
		return nil, err
	}
	product, err := p.assortment.AddVariant(ctx, assortment.AddVariant{
		Product: request.IDOrSlug, Match: fromIfMatch(request.Params.IfMatch),
		Variant: variant, Quantity: or(request.Body.InventoryQuantity, 0),
		AllowBackorder: or(request.Body.AllowBackorder, false),
	})
	if err != nil {
		return nil, err
	}
	return oapi.CreateVariant201JSONResponse{
		Body: toProduct(product, viewer(ctx)),
		Headers: oapi.CreateVariant201ResponseHeaders{
			Location: basePath + "/products/" + product.ID.String(), ETag: versionTag(product.Version),
		},
	}, nil
}

// UpdateVariant changes one.
func (p products) UpdateVariant(
	ctx context.Context, request oapi.UpdateVariantRequestObject,
) (oapi.UpdateVariantResponseObject, error) {
	change, err := fromVariantPatch(*request.Body, p.currency)
	if err != nil {
		return nil, err
	}
	match := fromIfMatch(request.Params.IfMatch)
	product, err := p.catalog.UpdateVariant(ctx, request.IDOrSlug, request.VariantID, match, change)
	if err != nil {
		return nil, err
	}
	return oapi.UpdateVariant200JSONResponse{
		Body:    toProduct(product, viewer(ctx)),
		Headers: oapi.UpdateVariant200ResponseHeaders{ETag: versionTag(product.Version)},
	}, nil
}

// DeleteVariant deletes one that nobody ever ordered.
func (p products) DeleteVariant(
	ctx context.Context, request oapi.DeleteVariantRequestObject,
) (oapi.DeleteVariantResponseObject, error) {
	match := fromIfMatch(request.Params.IfMatch)
	product, err := p.catalog.DeleteVariant(ctx, request.IDOrSlug, request.VariantID, match)
	if err != nil {
		return nil, err
	}
	return oapi.DeleteVariant200JSONResponse{
		Body:    toProduct(product, viewer(ctx)),
		Headers: oapi.DeleteVariant200ResponseHeaders{ETag: versionTag(product.Version)},
	}, nil
}

// fromVariantCreate reads a variant, whose fields are at this place of the body; without a price of its
// own it follows the product's.
func fromVariantCreate(at string, variant oapi.ProductVariantCreate, amounts *amountReader) catalog.VariantDetails {
	details := catalog.VariantDetails{
		Name:         variant.Name,
		SKU:          variant.SKU,
		FollowsPrice: variant.Price == nil,
		ComparePrice: amounts.optional(at+"comparePrice", variant.ComparePrice),
		CostPrice:    amounts.optional(at+"costPrice", variant.CostPrice),
		Weight:       variant.Weight,
		Options:      or(variant.Options, nil),
		Inactive:     !or(variant.IsActive, true),
	}
	if variant.Price != nil {
		details.Price = amounts.read(at+"price", *variant.Price)
	}
	return details
}

// fromVariantPatch reads a change. What it answers may run more than once.
func fromVariantPatch(patch oapi.ProductVariantPatch, currency money.Currency) (func(*catalog.VariantDetails), error) {
	amounts := &amountReader{currency: currency}
	price := amounts.nullable("price", patch.Price)
	comparePrice := amounts.nullable("comparePrice", patch.ComparePrice)
	costPrice := amounts.nullable("costPrice", patch.CostPrice)
	return func(variant *catalog.VariantDetails) {
		set(&variant.Name, patch.Name)
		set(&variant.SKU, patch.SKU)
		if own, err := price.Get(); err == nil {
			variant.Price = own
		}
		if price.IsSpecified() {
			variant.FollowsPrice = price.IsNull()
		}
		setOrClear(&variant.ComparePrice, comparePrice)
		setOrClear(&variant.CostPrice, costPrice)
		setOrClear(&variant.Weight, patch.Weight)
		mergeOptions(&variant.Options, patch.Options)
		if patch.IsActive != nil {
			variant.Inactive = !*patch.IsActive
		}
	}, amounts.err()
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
		AllowBackorder:    main.AllowBackorder,
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
	var lowest, highest *money.Amount
	for _, variant := range p.Variants {
		if variant.IsActive || viewer.Staff {
			product.Variants = append(product.Variants, toVariant(variant, p.TrackInventory, viewer))
		}
		if variant.IsActive {
			lowest, highest = cheaper(lowest, variant.Price), dearer(highest, variant.Price)
		}
		product.InStock = product.InStock || (variant.IsActive && inStock(variant, p.TrackInventory))
	}
	if lowest != nil {
		product.PriceRange = &oapi.ProductPriceRange{Min: lowest.Number(), Max: highest.Number()}
	}
	if !viewer.Staff {
		spellAlike(product.Variants)
	}
	product.Options = toChoices(product.Variants)
	if viewer.Staff {
		product.CostPrice = toOptionalNumber(main.CostPrice)
	}
	return product
}

func cheaper(a *money.Amount, b money.Amount) *money.Amount {
	if a == nil || b.Minor < a.Minor {
		return &b
	}
	return a
}

func dearer(a *money.Amount, b money.Amount) *money.Amount {
	if a == nil || b.Minor > a.Minor {
		return &b
	}
	return a
}

func toVariant(v catalog.Variant, tracked bool, viewer catalog.Viewer) oapi.ProductVariant {
	variant := oapi.ProductVariant{
		ID:                v.ID,
		Name:              v.Name,
		SKU:               v.SKU,
		Price:             v.Price.Number(),
		ComparePrice:      toOptionalNumber(v.ComparePrice),
		Currency:          string(v.Price.Currency),
		InventoryQuantity: v.Available,
		AllowBackorder:    v.AllowBackorder,
		InStock:           inStock(v, tracked),
		Weight:            v.Weight,
		Options:           toOptions(v.Options),
		IsDefault:         v.IsDefault,
		IsActive:          v.IsActive,
	}
	if viewer.Staff {
		variant.CostPrice = toOptionalNumber(v.CostPrice)
		variant.FollowsPrice = &v.FollowsPrice
	}
	return variant
}

// spellAlike spells each option of these variants as the first of them that has it does: what differs by case alone is one
// choice to a shopper.
func spellAlike(variants []oapi.ProductVariant) {
	spelt := map[string]string{}
	as := func(key, text string) string {
		if first, ok := spelt[key]; ok {
			return first
		}
		spelt[key] = text
		return text
	}
	for i := range variants {
		options := make(oapi.VariantOptions, len(variants[i].Options))
		for _, name := range slices.Sorted(maps.Keys(variants[i].Options)) {
			value, key := variants[i].Options[name], catalog.Key(name)
			options[as(key, name)] = as(key+"\x00"+catalog.Key(value), value)
		}
		variants[i].Options = options
	}
}

// toChoices are the options that these variants offer, by name, each with its values in the order of the
// variants.
func toChoices(variants []oapi.ProductVariant) []oapi.ProductOption {
	values := map[string][]string{}
	for _, variant := range variants {
		for name, value := range variant.Options {
			if !slices.Contains(values[name], value) {
				values[name] = append(values[name], value)
			}
		}
	}
	choices := make([]oapi.ProductOption, 0, len(values))
	for _, name := range slices.Sorted(maps.Keys(values)) {
		choices = append(choices, oapi.ProductOption{Name: name, Values: values[name]})
	}
	return choices
}

// inStock holds for what can be sold now; what is not tracked or may be back-ordered always can.
func inStock(v catalog.Variant, tracked bool) bool {
	return !tracked || v.AllowBackorder || v.Available > 0
}
