package catalog

import (
	"cartwright/internal/errs"
	"cartwright/internal/postgres"
)

// What a caller may react to.
var (
	ErrProductNotFound  = errs.New(errs.NotFound, "product_not_found", "There is no such product.")
	ErrCategoryNotFound = errs.New(errs.NotFound, "category_not_found", "There is no such category.")

	ErrSKUTaken          = errs.New(errs.Conflict, "sku_taken", "Another variant has this SKU.")
	ErrProductSlugTaken  = errs.New(errs.Conflict, "product_slug_taken", "Another product has this slug.")
	ErrCategorySlugTaken = errs.New(errs.Conflict, "category_slug_taken", "Another category has this slug.")
	ErrCategoryNameTaken = errs.New(errs.Conflict, "category_name_taken", "Another category has this name.")
)

var errSlugReserved = errs.InvalidFields(errs.Field{
	Name: "slug", Code: "reserved", Message: "This slug has a meaning of its own in addresses.",
})

// unknown is the answer to a reference in a request that leads nowhere.
func unknown(field, what string) *errs.Error {
	return errs.InvalidFields(errs.Field{Name: field, Code: "unknown_" + what, Message: "There is no such " + what + "."})
}

// taken names the field whose value another row has.
func taken(err *errs.Error, field string) *errs.Error {
	return err.With(errs.Field{Name: field, Code: "taken", Message: err.Message})
}

// refused reads a constraint's name out of a failed write.
func refused(err error) error {
	switch postgres.Constraint(err) {
	case "products_slug_once":
		return taken(ErrProductSlugTaken, "slug").Wrap(err)
	case "categories_slug_once":
		return taken(ErrCategorySlugTaken, "slug").Wrap(err)
	case "categories_name_once":
		return taken(ErrCategoryNameTaken, "name").Wrap(err)
	case "products_category_known":
		return unknown("categoryId", "category").Wrap(err)
	case "categories_parent_id_fkey":
		return unknown("parentId", "category").Wrap(err)
	}
	return err
}
