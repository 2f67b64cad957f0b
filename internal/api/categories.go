package api

import (
	"context"

	"cartwright/gen/oapi"
	"cartwright/internal/catalog"
)

type categories struct{ service *catalog.Service }

// ListCategories pages through the categories by sort order, then name.
func (c categories) ListCategories(
	ctx context.Context, request oapi.ListCategoriesRequestObject,
) (oapi.ListCategoriesResponseObject, error) {
	found, err := c.service.Categories(ctx, viewer(ctx), fromPage(request.Params.Limit, request.Params.Cursor))
	if err != nil {
		return nil, err
	}
	return oapi.ListCategories200JSONResponse{
		Data: toSlice(found.Items, toCategory), NextCursor: optionalText(found.Next),
	}, nil
}

// CreateCategory adds a category.
func (c categories) CreateCategory(
	ctx context.Context, request oapi.CreateCategoryRequestObject,
) (oapi.CreateCategoryResponseObject, error) {
	category, err := c.service.CreateCategory(ctx, catalog.Category{
		Name:        request.Body.Name,
		Slug:        request.Body.Slug,
		Description: request.Body.Description,
		Image:       request.Body.Image,
		ParentID:    request.Body.ParentID,
		SortOrder:   or(request.Body.SortOrder, 0),
		IsActive:    or(request.Body.IsActive, true),
	})
	if err != nil {
		return nil, err
	}
	return oapi.CreateCategory201JSONResponse{
		Body:    toCategory(category),
		Headers: oapi.CreateCategory201ResponseHeaders{Location: basePath + "/categories/" + category.ID.String()},
	}, nil
}

// GetCategory reads one.
func (c categories) GetCategory(
	ctx context.Context, request oapi.GetCategoryRequestObject,
) (oapi.GetCategoryResponseObject, error) {
	category, err := c.service.Category(ctx, request.IDOrSlug, viewer(ctx))
	if err != nil {
		return nil, err
	}
	return oapi.GetCategory200JSONResponse(toCategory(category)), nil
}

func toCategory(c catalog.Category) oapi.Category {
	return oapi.Category{
		ID:          c.ID,
		Name:        c.Name,
		Slug:        c.Slug,
		Description: c.Description,
		Image:       c.Image,
		ParentID:    c.ParentID,
		SortOrder:   c.SortOrder,
		IsActive:    c.IsActive,
		CreatedAt:   c.CreatedAt.UTC(),
	}
}
