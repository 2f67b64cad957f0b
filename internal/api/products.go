package api

import (
	"context"

	"cartwright/gen/oapi"
	"cartwright/internal/assortment"
	"cartwright/internal/catalog"
	"cartwright/internal/money"
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
	return oapi.ListProducts200JSONResponse(toProductList(found, viewer(ctx))), nil
}

// ListFeaturedProducts pages through the featured ones.
func (p products) ListFeaturedProducts(
	ctx context.Context, request oapi.ListFeaturedProductsRequestObject,
) (oapi.ListFeaturedProductsResponseObject, error) {
	found, err := p.catalog.Featured(ctx, fromPage(request.Params.Limit, request.Params.Cursor))
	if err != nil {
		return nil, err
	}
	return oapi.ListFeaturedProducts200JSONResponse(toProductList(found, viewer(ctx))), nil
}

// GetProduct reads one.
func (p products) GetProduct(
	ctx context.Context, request oapi.GetProductRequestObject,
) (oapi.GetProductResponseObject, error) {
	product, err := p.catalog.Get(ctx, request.IDOrSlug, viewer(ctx))
	if err != nil {
		return nil, err
	}
	return oapi.GetProduct200JSONResponse(toProduct(product, viewer(ctx))), nil
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
		Body:    toProduct(added, viewer(ctx)),
		Headers: oapi.CreateProduct201ResponseHeaders{Location: basePath + "/products/" + added.ID.String()},
	}, nil
}

// What an absent field means.
const defaultLowStockThreshold = 5

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
		product.Variants = append(product.Variants, fromVariantCreate(i, variant, body.Price, amounts))
		product.Quantities = append(product.Quantities, or(variant.InventoryQuantity, 0))
	}
	return product, amounts.err()
}
