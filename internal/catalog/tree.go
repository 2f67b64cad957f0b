package catalog

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"cartwright/gen/db"
	"cartwright/internal/errs"
	"cartwright/internal/postgres"
)

// maxLevels is how deep the tree of categories goes.
const maxLevels = 20

// Node is a category with those below it.
type Node struct {
	Category
	Children []Node
}

// Tree is every category below the one it belongs to, each level by sort order, then name. What is
// below a hidden category is hidden with it.
func (s *Service) Tree(ctx context.Context, viewer Viewer) ([]Node, error) {
	rows, err := s.q.CategoryAll(ctx, s.db, viewer.Staff)
	if err != nil {
		return nil, fmt.Errorf("read the categories: %w", err)
	}
	below := map[uuid.UUID][]Category{}
	for _, row := range rows {
		var parent uuid.UUID // none, for those at the top
		if row.ParentID != nil {
			parent = *row.ParentID
		}
		below[parent] = append(below[parent], Category(row))
	}
	return branches(below, uuid.Nil), nil
}

func branches(below map[uuid.UUID][]Category, parent uuid.UUID) []Node {
	return mapSlice(below[parent], func(category Category) Node {
		return Node{Category: category, Children: branches(below, category.ID)}
	})
}

// UpdateCategory changes a category and answers it as it is then. change is as in UpdateProduct; moves
// says that it may change the parent. ErrCategoryNotFound, ErrStale, ErrCategorySlugTaken,
// ErrCategoryNameTaken, or an Invalid error.
func (s *Service) UpdateCategory(
	ctx context.Context, idOrSlug string, match Match, moves bool, change func(*Category),
) (updated Category, err error) {
	err = s.db.InTx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		if moves {
			if err := s.lockTree(ctx, tx); err != nil {
				return err
			}
		}
		found, err := s.Category(ctx, idOrSlug, Viewer{Staff: true})
		if err != nil {
			return err
		}
		row, err := s.q.CategoryLock(ctx, tx, found.ID)
		if err != nil {
			return missing(err, ErrCategoryNotFound, "lock the category")
		}
		if err := match.check(row.Version); err != nil {
			return err
		}
		category := Category(row)
		change(&category)
		if reflect.DeepEqual(category, Category(row)) {
			updated = category
			return nil
		}
		if moves && category.ParentID != nil {
			if err := s.fits(ctx, tx, category.ID, *category.ParentID, "parentId"); err != nil {
				return err
			}
		}
		if category.Slug != row.Slug && reservedCategory(category.Slug) {
			return errSlugReserved
		}
		row, err = s.q.CategoryUpdate(ctx, tx, db.CategoryUpdateParams{
			ID:          category.ID,
			Name:        category.Name,
			Slug:        category.Slug,
			Description: category.Description,
			Image:       category.Image,
			ParentID:    category.ParentID,
			SortOrder:   category.SortOrder,
			IsActive:    category.IsActive,
		})
		if err != nil {
			return refused(fmt.Errorf("change the category: %w", err))
		}
		updated = Category(row)
		return nil
	})
	return updated, err
}

// DeleteCategory deletes an empty category, or moves what is in it to another one first, when moveTo
// names one by id or slug. ErrCategoryNotFound, ErrStale, ErrCategoryNotEmpty, or an Invalid error.
func (s *Service) DeleteCategory(ctx context.Context, idOrSlug string, match Match, moveTo string) error {
	return s.db.InTx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		if err := s.lockTree(ctx, tx); err != nil {
			return err
		}
		found, err := s.Category(ctx, idOrSlug, Viewer{Staff: true})
		if err != nil {
			return err
		}
		row, err := s.q.CategoryLockToDelete(ctx, tx, found.ID)
		if err != nil {
			return missing(err, ErrCategoryNotFound, "lock the category")
		}
		if err := match.check(row.Version); err != nil {
			return err
		}
		if moveTo != "" {
			if err := s.empty(ctx, tx, row.ID, moveTo); err != nil {
				return err
			}
		}
		err = s.q.CategoryDelete(ctx, tx, row.ID)
		switch postgres.Constraint(err) {
		case "products_category_known", "categories_parent_id_fkey":
			return ErrCategoryNotEmpty
		}
		return err
	})
}

// empty moves the products of a category and the categories directly below it to another one.
func (s *Service) empty(ctx context.Context, tx pgx.Tx, id uuid.UUID, moveTo string) error {
	const field = "moveTo"
	target, err := s.Category(ctx, moveTo, Viewer{Staff: true})
	if errors.Is(err, ErrCategoryNotFound) {
		return inQuery(errs.Field{Name: field, Code: "unknown_category", Message: ErrCategoryNotFound.Message})
	}
	if err != nil {
		return err
	}
	if err := s.holdsChildren(ctx, tx, id, target.ID, field); err != nil {
		return err
	}
	err = s.q.CategoryMoveChildren(ctx, tx, db.CategoryMoveChildrenParams{ID: id, TargetID: target.ID})
	if err != nil {
		return fmt.Errorf("move the categories below: %w", err)
	}
	err = s.q.CategoryMoveProducts(ctx, tx, db.CategoryMoveProductsParams{ID: id, TargetID: target.ID, Now: s.now()})
	if err != nil {
		return fmt.Errorf("move the products: %w", err)
	}
	return nil
}

// lockTree lets one at a time change what is below what.
func (s *Service) lockTree(ctx context.Context, tx pgx.Tx) error {
	if err := s.q.CategoryTreeLock(ctx, tx); err != nil {
		return fmt.Errorf("lock the tree of categories: %w", err)
	}
	return nil
}

// fits tells whether a category can stand below another one. The caller holds the tree's lock, so that
// what is found stays true.
func (s *Service) fits(ctx context.Context, tx pgx.Tx, id, parent uuid.UUID, field string) error {
	return s.stands(ctx, tx, id, parent, field, 0)
}

// holdsChildren is fits for what is below a category, without itself.
func (s *Service) holdsChildren(ctx context.Context, tx pgx.Tx, id, parent uuid.UUID, field string) error {
	return s.stands(ctx, tx, id, parent, field, 1)
}

func (s *Service) stands(ctx context.Context, tx pgx.Tx, id, parent uuid.UUID, field string, staying int) error {
	path, err := s.q.CategoryPath(ctx, tx, parent)
	if err != nil {
		return fmt.Errorf("read the path of the category: %w", err)
	}
	height, err := s.q.CategoryHeight(ctx, tx, id)
	if err != nil {
		return fmt.Errorf("read the height of the category: %w", err)
	}
	switch {
	case slices.Contains(path, id):
		return misplaced(errCategoryCycle, field)
	case len(path)+max(int(height), 1)-staying > maxLevels: // a new one has no height yet
		return misplaced(errCategoryTooDeep, field)
	}
	return nil
}

func misplaced(problem errs.Field, field string) error {
	if problem.Name = field; field == "moveTo" {
		return inQuery(problem)
	}
	return errs.InvalidFields(problem)
}

func inQuery(problem errs.Field) error {
	problem.In = "QUERY"
	return errs.InvalidFields(problem)
}
