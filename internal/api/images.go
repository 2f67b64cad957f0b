package api

import (
	"context"

	"cartwright/gen/oapi"
	"cartwright/internal/catalog"
)

type images struct{ catalog *catalog.Service }

// AddProductImage shows a picture that is kept somewhere else.
func (i images) AddProductImage(
	ctx context.Context, request oapi.AddProductImageRequestObject,
) (oapi.AddProductImageResponseObject, error) {
	now, id, err := i.catalog.AddImage(ctx, request.IDOrSlug, fromIfMatch(request.Params.IfMatch), catalog.NewImage{
		URL: request.Body.URL, AltText: request.Body.AltText, Position: request.Body.Position,
	})
	if err != nil {
		return nil, err
	}
	return oapi.AddProductImage201JSONResponse{
		Body: toImage(now.Of(id)), Headers: oapi.AddProductImage201ResponseHeaders{ETag: versionTag(now.Version)},
	}, nil
}

// UploadProductImage shows a picture that the shop has just been given to keep.
func (i images) UploadProductImage(
	ctx context.Context, request oapi.UploadProductImageRequestObject,
) (oapi.UploadProductImageResponseObject, error) {
	picture, err := keptPicture(ctx)
	if err != nil {
		return nil, err
	}
	form := formIn(ctx)
	now, id, err := i.catalog.AddImage(ctx, request.IDOrSlug, fromIfMatch(request.Params.IfMatch), catalog.NewImage{
		Picture: &picture, AltText: form.text("altText"), Position: form.integer("position"),
	})
	if err != nil {
		return nil, err
	}
	return oapi.UploadProductImage201JSONResponse{
		Body: toImage(now.Of(id)), Headers: oapi.UploadProductImage201ResponseHeaders{ETag: versionTag(now.Version)},
	}, nil
}

// UpdateProductImage changes what is said of a picture, or its place.
func (i images) UpdateProductImage(
	ctx context.Context, request oapi.UpdateProductImageRequestObject,
) (oapi.UpdateProductImageResponseObject, error) {
	describe := func(altText **string) { setOrClear(altText, request.Body.AltText) }
	now, err := i.catalog.UpdateImage(ctx, request.IDOrSlug, request.ImageID, fromIfMatch(request.Params.IfMatch),
		catalog.ImageChange{Describe: describe, Position: request.Body.Position})
	if err != nil {
		return nil, err
	}
	return oapi.UpdateProductImage200JSONResponse{
		Body: toImage(now.Of(request.ImageID)), Headers: oapi.UpdateProductImage200ResponseHeaders{ETag: versionTag(now.Version)},
	}, nil
}

// DeleteProductImage takes a picture away.
func (i images) DeleteProductImage(
	ctx context.Context, request oapi.DeleteProductImageRequestObject,
) (oapi.DeleteProductImageResponseObject, error) {
	left, err := i.catalog.DeleteImage(ctx, request.IDOrSlug, request.ImageID, fromIfMatch(request.Params.IfMatch))
	if err != nil {
		return nil, err
	}
	return oapi.DeleteProductImage200JSONResponse{
		Body: toImageList(left.All), Headers: oapi.DeleteProductImage200ResponseHeaders{ETag: versionTag(left.Version)},
	}, nil
}

// ReorderProductImages puts pictures in order.
func (i images) ReorderProductImages(
	ctx context.Context, request oapi.ReorderProductImagesRequestObject,
) (oapi.ReorderProductImagesResponseObject, error) {
	ordered, err := i.catalog.ReorderImages(ctx, request.IDOrSlug, fromIfMatch(request.Params.IfMatch), request.Body.ImageIds)
	if err != nil {
		return nil, err
	}
	return oapi.ReorderProductImages200JSONResponse{
		Body: toImageList(ordered.All), Headers: oapi.ReorderProductImages200ResponseHeaders{ETag: versionTag(ordered.Version)},
	}, nil
}

func toImageList(images []catalog.Image) oapi.ProductImageList {
	return oapi.ProductImageList{Data: toSlice(images, toImage)}
}

func toImage(i catalog.Image) oapi.ProductImage {
	image := oapi.ProductImage{ID: i.ID, URL: i.URL, AltText: i.AltText, SortOrder: i.SortOrder}
	if upload := i.Upload; upload != nil {
		image.Width, image.Height = &upload.Width, &upload.Height
		image.Thumbnails = &oapi.ProductImageThumbnails{Small: upload.Small, Medium: upload.Medium, Large: upload.Large}
	}
	return image
}
