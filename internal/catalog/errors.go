package catalog

import (
	"cartwright/internal/errs"
	"cartwright/internal/postgres"
)

// What a caller may react to.
var (
	ErrProductNotFound  = errs.New(errs.NotFound, "product_not_found", "There is no such product.")
	ErrCategoryNotFound = errs.New(errs.NotFound, "category_not_found", "There is no such category.")
	ErrSKUTaken         = errs.New(errs.Conflict, "sku_taken", "Another variant has this SKU.")
	ErrSlugTaken        = errs.New(errs.Conflict, "slug_taken", "This slug is taken.")
	ErrNameTaken        = errs.New(errs.Conflict, "name_taken", "Another category has this name.")
)

// unknown is the answer to a reference in a request that leads nowhere.
func unknown(field, what string) *errs.Error {
	return errs.InvalidFields(errs.Field{Name: field, Code: "unknown_" + what, Message: "There is no such " + what + "."})
}

// refused reads a constraint's name out of a failed write.
func refused(err error) error {
	switch postgres.Constraint(err) {
	case "product_variants_sku_once":
		return ErrSKUTaken.With(errs.Field{Name: "sku", Code: "taken", Message: ErrSKUTaken.Message}).Wrap(err)
	case "products_slug_once", "categories_slug_once":
		return ErrSlugTaken.With(errs.Field{Name: "slug", Code: "taken", Message: ErrSlugTaken.Message}).Wrap(err)
	case "categories_name_once":
		return ErrNameTaken.With(errs.Field{Name: "name", Code: "taken", Message: ErrNameTaken.Message}).Wrap(err)
	case "products_category_known":
		return unknown("categoryId", "category").Wrap(err)
	case "categories_parent_id_fkey":
		return unknown("parentId", "category").Wrap(err)
	}
	return err
}
