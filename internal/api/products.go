package api

import (
	"context"
	"fmt"

	"cartwright/gen/oapi"
	"cartwright/internal/assortment"
	"cartwright/internal/catalog"
	"cartwright/internal/money"
	"cartwright/internal/page"
)

type products struct {
	catalog    *catalog.Service
	assortment *assortment.Service
	currency   money.Currency
}

// ListProducts pages through products, newest first.
func (p products) ListProducts(
	ctx context.Context, request oapi.ListProductsRequestObject,
) (oapi.ListProductsResponseObject, error) {
	params := request.Params
	status := catalog.Status(or(params.Status, ""))
	found, err := p.catalog.List(ctx, status, viewer(ctx), fromPage(params.Limit, params.Cursor))
	if err != nil {
		return nil, err
	}
	return oapi.ListProducts200JSONResponse{Body: toProductList(found, viewer(ctx))}, nil
}

// ListFeaturedProducts pages through the featured ones.
func (p products) ListFeaturedProducts(
	ctx context.Context, request oapi.ListFeaturedProductsRequestObject,
) (oapi.ListFeaturedProductsResponseObject, error) {
	found, err := p.catalog.Featured(ctx, fromPage(request.Params.Limit, request.Params.Cursor))
	if err != nil {
		return nil, err
	}
	return oapi.ListFeaturedProducts200JSONResponse{Body: toProductList(found, viewer(ctx))}, nil
}

// GetProduct reads one.
func (p products) GetProduct(
	ctx context.Context, request oapi.GetProductRequestObject,
) (oapi.GetProductResponseObject, error) {
	read := p.catalog.Get
	if viewer(ctx).Staff {
		read = p.catalog.GetToEdit
	}
	product, err := read(ctx, request.IDOrSlug, viewer(ctx))
	if err != nil {
		return nil, err
	}
	return oapi.GetProduct200JSONResponse{
		Body:    toProduct(product, viewer(ctx)),
		Headers: oapi.GetProduct200ResponseHeaders{ETag: versionTag(product.Version)},
	}, nil
}

// ListRelatedProducts reads what goes with one.
func (p products) ListRelatedProducts(
	ctx context.Context, request oapi.ListRelatedProductsRequestObject,
) (oapi.ListRelatedProductsResponseObject, error) {
	limit := int(or(request.Params.Limit, defaultRelated))
	found, err := p.catalog.Related(ctx, request.IDOrSlug, viewer(ctx), limit)
	if err != nil {
		return nil, err
	}
	return oapi.ListRelatedProducts200JSONResponse{
		Body: toProductList(page.Of[catalog.Product]{Items: found}, viewer(ctx)),
	}, nil
}

// CreateProduct puts a product on sale.
func (p products) CreateProduct(
	ctx context.Context, request oapi.CreateProductRequestObject,
) (oapi.CreateProductResponseObject, error) {
	product, err := fromProductCreate(*request.Body, p.currency)
	if err != nil {
		return nil, err
	}
	added, err := p.assortment.Add(ctx, product)
	if err != nil {
		return nil, err
	}
	return oapi.CreateProduct201JSONResponse{
		Body: toProduct(added, viewer(ctx)),
		Headers: oapi.CreateProduct201ResponseHeaders{
			Location: basePath + "/products/" + added.ID.String(), ETag: versionTag(added.Version),
		},
	}, nil
}

// UpdateProduct changes one.
func (p products) UpdateProduct(
	ctx context.Context, request oapi.UpdateProductRequestObject,
) (oapi.UpdateProductResponseObject, error) {
	change, err := fromProductPatch(*request.Body, p.currency)
	if err != nil {
		return nil, err
	}
	product, err := p.catalog.UpdateProduct(ctx, request.IDOrSlug, fromIfMatch(request.Params.IfMatch), change)
	if err != nil {
		return nil, err
	}
	return oapi.UpdateProduct200JSONResponse{
		Body:    toProduct(product, viewer(ctx)),
		Headers: oapi.UpdateProduct200ResponseHeaders{ETag: versionTag(product.Version)},
	}, nil
}

// ArchiveProduct takes one off sale for good.
func (p products) ArchiveProduct(
	ctx context.Context, request oapi.ArchiveProductRequestObject,
) (oapi.ArchiveProductResponseObject, error) {
	archive := func(product *catalog.ProductEdit) { product.Status = catalog.Archived }
	product, err := p.catalog.UpdateProduct(ctx, request.IDOrSlug, fromIfMatch(request.Params.IfMatch), archive)
	if err != nil {
		return nil, err
	}
	return oapi.ArchiveProduct200JSONResponse{
		Body:    toProduct(product, viewer(ctx)),
		Headers: oapi.ArchiveProduct200ResponseHeaders{ETag: versionTag(product.Version)},
	}, nil
}

// DeleteProduct deletes one that nobody ever ordered.
func (p products) DeleteProduct(
	ctx context.Context, request oapi.DeleteProductRequestObject,
) (oapi.DeleteProductResponseObject, error) {
	if err := p.catalog.DeleteProduct(ctx, request.IDOrSlug, fromIfMatch(request.Params.IfMatch)); err != nil {
		return nil, err
	}
	return oapi.DeleteProduct204Response{}, nil
}

// What an absent field means.
const (
	defaultLowStockThreshold = 5
	defaultRelated           = 8
)

func fromProductCreate(body oapi.ProductCreate, currency money.Currency) (assortment.NewProduct, error) {
	amounts := &amountReader{currency: currency}
	product := assortment.NewProduct{
		NewProduct: catalog.NewProduct{
			Details: catalog.Details{
				CategoryID:        body.CategoryID,
				Name:              body.Name,
				Slug:              or(body.Slug, ""),
				Description:       body.Description,
				ShortDescription:  body.ShortDescription,
				Status:            catalog.Status(or(body.Status, oapi.ProductStatusDRAFT)),
				TrackInventory:    or(body.TrackInventory, true),
				LowStockThreshold: or(body.LowStockThreshold, defaultLowStockThreshold),
				Dimensions:        body.Dimensions,
				IsFeatured:        or(body.IsFeatured, false),
				SEOTitle:          body.SEOTitle,
				SEODescription:    body.SEODescription,
			},
			Images: toSlice(body.Images, func(image oapi.ProductImageCreate) catalog.Image {
				return catalog.Image{URL: image.URL, AltText: image.AltText}
			}),
			Variants: []catalog.VariantDetails{{
				Name:         body.Name,
				SKU:          body.SKU,
				Price:        amounts.read("price", body.Price),
				ComparePrice: amounts.optional("comparePrice", body.ComparePrice),
				CostPrice:    amounts.optional("costPrice", body.CostPrice),
				Weight:       body.Weight,
			}},
		},
		Quantities: []int32{or(body.InventoryQuantity, 0)},
	}
	for i, variant := range body.Variants {
		details := fromVariantCreate(fmt.Sprintf("variants[%d].", i), variant, amounts)
		if details.FollowsPrice {
			details.Price = product.Variants[0].Price
		}
		product.Variants = append(product.Variants, details)
		product.Quantities = append(product.Quantities, or(variant.InventoryQuantity, 0))
		if or(variant.AllowBackorder, false) {
			product.Backorders = append(product.Backorders, i+1)
		}
	}
	if or(body.AllowBackorder, false) {
		product.Backorders = append(product.Backorders, 0)
	}
	return product, amounts.err()
}

// fromProductPatch reads a change. What it answers may run more than once.
func fromProductPatch(patch oapi.ProductPatch, currency money.Currency) (func(*catalog.ProductEdit), error) {
	amounts := &amountReader{currency: currency}
	price := amounts.optional("price", patch.Price)
	comparePrice := amounts.nullable("comparePrice", patch.ComparePrice)
	costPrice := amounts.nullable("costPrice", patch.CostPrice)
	return func(product *catalog.ProductEdit) {
		set(&product.CategoryID, patch.CategoryID)
		set(&product.Name, patch.Name)
		set(&product.Slug, patch.Slug)
		setOrClear(&product.Description, patch.Description)
		setOrClear(&product.ShortDescription, patch.ShortDescription)
		if patch.Status != nil {
			product.Status = catalog.Status(*patch.Status)
		}
		set(&product.TrackInventory, patch.TrackInventory)
		set(&product.LowStockThreshold, patch.LowStockThreshold)
		setOrClear(&product.Dimensions, patch.Dimensions)
		set(&product.IsFeatured, patch.IsFeatured)
		setOrClear(&product.SEOTitle, patch.SEOTitle)
		setOrClear(&product.SEODescription, patch.SEODescription)
		set(&product.Default.SKU, patch.SKU)
		set(&product.Default.Price, price)
		setOrClear(&product.Default.ComparePrice, comparePrice)
		setOrClear(&product.Default.CostPrice, costPrice)
		setOrClear(&product.Default.Weight, patch.Weight)
	}, amounts.err()
}
