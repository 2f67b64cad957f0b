package catalog

import (
	"context"
	"fmt"
	"math"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"cartwright/gen/db"
	"cartwright/internal/page"
)

// CreateCategory stores a category; id and time are set here. ErrCategorySlugTaken,
// ErrCategoryNameTaken, or an Invalid error for an unknown parent, one that is deep down already, or a
// reserved slug.
func (s *Service) CreateCategory(ctx context.Context, category Category) (created Category, err error) {
	if reservedCategory(category.Slug) {
		return Category{}, errSlugReserved
	}
	category.ID = uuid.Must(uuid.NewV7())
	err = s.db.InTx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		if category.ParentID != nil {
			if err := s.lockTree(ctx, tx); err != nil {
				return err
			}
			if err := s.fits(ctx, tx, category.ID, *category.ParentID, "parentId"); err != nil {
				return err
			}
		}
		created, err = s.insertCategory(ctx, tx, category)
		return err
	})
	return created, err
}

func (s *Service) insertCategory(ctx context.Context, tx pgx.Tx, category Category) (Category, error) {
	row, err := s.q.CategoryCreate(ctx, tx, db.CategoryCreateParams{
		ID:          category.ID,
		Name:        category.Name,
		Slug:        category.Slug,
		Description: category.Description,
		Image:       category.Image,
		ParentID:    category.ParentID,
		SortOrder:   category.SortOrder,
		IsActive:    category.IsActive,
		Now:         s.now(),
	})
	if err != nil {
		return Category{}, refused(fmt.Errorf("create category: %w", err))
	}
	return Category(row), nil
}

// Category finds a category by id or slug. What is below a hidden category is hidden with it.
func (s *Service) Category(ctx context.Context, idOrSlug string, viewer Viewer) (Category, error) {
	var id uuid.UUID
	if readsAsID(idOrSlug) {
		id = uuid.MustParse(idOrSlug)
	}
	row, err := s.q.CategoryGet(ctx, s.db, db.CategoryGetParams{ID: id, Slug: idOrSlug, IncludeHidden: viewer.Staff})
	if err != nil {
		return Category{}, missing(err, ErrCategoryNotFound, "read the category")
	}
	return Category(row), nil
}

// Categories is one page by sort order, then name, of those that the viewer sees in the tree.
func (s *Service) Categories(ctx context.Context, viewer Viewer, request page.Request) (page.Of[Category], error) {
	const list = "categories"
	after := place{SortOrder: math.MinInt32}
	if request.Cursor != "" {
		if err := s.pages.Decode(list, request.Cursor, &after); err != nil {
			return page.Of[Category]{}, err
		}
	}
	size := request.Size()
	rows, err := s.q.CategoryList(ctx, s.db, db.CategoryListParams{
		IncludeHidden: viewer.Staff, AfterSortOrder: after.SortOrder, AfterName: after.Name, PageLimit: int32(size) + 1,
	})
	if err != nil {
		return page.Of[Category]{}, fmt.Errorf("list categories: %w", err)
	}
	categories := mapSlice(rows, func(row db.Category) Category { return Category(row) })
	return page.Cut(s.pages, list, categories, size, func(c Category) any { return place{c.SortOrder, c.Name} })
}

// place is where a page of categories ends.
type place struct {
	SortOrder int32
	Name      string
}
