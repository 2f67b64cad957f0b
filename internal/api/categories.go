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
	return oapi.ListCategories200JSONResponse{Body: oapi.CategoryList{
		Data: toSlice(found.Items, toCategory), NextCursor: optionalText(found.Next),
	}}, nil
}

// GetCategoryTree reads all of them.
func (c categories) GetCategoryTree(
	ctx context.Context, _ oapi.GetCategoryTreeRequestObject,
) (oapi.GetCategoryTreeResponseObject, error) {
	tree, err := c.service.Tree(ctx, viewer(ctx))
	if err != nil {
		return nil, err
	}
	return oapi.GetCategoryTree200JSONResponse{Body: oapi.CategoryTree{Data: toSlice(tree, toCategoryNode)}}, nil
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
		Body: toCategory(category),
		Headers: oapi.CreateCategory201ResponseHeaders{
			Location: basePath + "/categories/" + category.ID.String(), ETag: versionTag(category.Version),
		},
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
	return oapi.GetCategory200JSONResponse{
		Body: toCategory(category), Headers: oapi.GetCategory200ResponseHeaders{ETag: versionTag(category.Version)},
	}, nil
}

// UpdateCategory changes one, or moves it.
func (c categories) UpdateCategory(
	ctx context.Context, request oapi.UpdateCategoryRequestObject,
) (oapi.UpdateCategoryResponseObject, error) {
	patch := *request.Body
	match, moves := fromIfMatch(request.Params.IfMatch), patch.ParentID.IsSpecified()
	category, err := c.service.UpdateCategory(ctx, request.IDOrSlug, match, moves, func(category *catalog.Category) {
		set(&category.Name, patch.Name)
		set(&category.Slug, patch.Slug)
		setOrClear(&category.Description, patch.Description)
		setOrClear(&category.Image, patch.Image)
		setOrClear(&category.ParentID, patch.ParentID)
		set(&category.SortOrder, patch.SortOrder)
		set(&category.IsActive, patch.IsActive)
	})
	if err != nil {
		return nil, err
	}
	return oapi.UpdateCategory200JSONResponse{
		Body: toCategory(category), Headers: oapi.UpdateCategory200ResponseHeaders{ETag: versionTag(category.Version)},
	}, nil
}

// DeleteCategory deletes one, after moving what is in it.
func (c categories) DeleteCategory(
	ctx context.Context, request oapi.DeleteCategoryRequestObject,
) (oapi.DeleteCategoryResponseObject, error) {
	params := request.Params
	err := c.service.DeleteCategory(ctx, request.IDOrSlug, fromIfMatch(params.IfMatch), or(params.MoveTo, ""))
	if err != nil {
		return nil, err
	}
	return oapi.DeleteCategory204Response{}, nil
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

func toCategoryNode(n catalog.Node) oapi.CategoryNode {
	return oapi.CategoryNode{
		ID:          n.ID,
		Name:        n.Name,
		Slug:        n.Slug,
		Description: n.Description,
		Image:       n.Image,
		ParentID:    n.ParentID,
		SortOrder:   n.SortOrder,
		IsActive:    n.IsActive,
		CreatedAt:   n.CreatedAt.UTC(),
		Children:    toSlice(n.Children, toCategoryNode),
	}
}
