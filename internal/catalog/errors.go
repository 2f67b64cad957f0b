package catalog

import (
	"fmt"

	"cartwright/internal/errs"
	"cartwright/internal/postgres"
)

// What a caller may react to.
var (
	ErrProductNotFound  = errs.New(errs.NotFound, "product_not_found", "There is no such product.")
	ErrCategoryNotFound = errs.New(errs.NotFound, "category_not_found", "There is no such category.")
	ErrVariantNotFound  = errs.New(errs.NotFound, "variant_not_found", "The product has no such variant.")

	ErrStale = errs.New(errs.Stale, "precondition_failed", "This has changed since you saw it. Read it again.")

	ErrImageNotFound = errs.New(errs.NotFound, "product_image_not_found", "The product has no such picture.")

	ErrImagesFull        = errs.New(errs.Conflict, "too_many_images", fmt.Sprintf("A product has at most %d pictures.", maxImages))
	ErrSKUTaken          = errs.New(errs.Conflict, "sku_taken", "Another variant has this SKU. Case, spaces around it and invisible characters do not count.")
	ErrProductSlugTaken  = errs.New(errs.Conflict, "product_slug_taken", "Another product has this slug.")
	ErrCategorySlugTaken = errs.New(errs.Conflict, "category_slug_taken", "Another category has this slug.")
	ErrCategoryNameTaken = errs.New(errs.Conflict, "category_name_taken", "Another category has this name.")
	ErrOptionsTaken      = errs.New(errs.Conflict, "options_taken", "Another variant of the product has these options. Case, spaces around them and invisible characters do not count.")

	ErrProductOrdered   = errs.New(errs.Conflict, "product_ordered", "This product has been ordered. Archive it instead.")
	ErrVariantOrdered   = errs.New(errs.Conflict, "variant_ordered", "This variant has been ordered. Deactivate it instead.")
	ErrVariantIsDefault = errs.New(errs.Conflict, "variant_is_default", "A product keeps its default variant.")
	ErrTooManyVariants  = errs.New(errs.Conflict, "too_many_variants",
		fmt.Sprintf("A product has at most %d variants, the default one included, and this one has as many.", maxVariants))
	ErrCategoryNotEmpty = errs.New(errs.Conflict, "category_not_empty",
		"There are products in this category or categories below it. Move them with moveTo.")
)

var errSlugReserved = errs.InvalidFields(errs.Field{
	Name: "slug", Code: "reserved", Message: "This slug has a meaning of its own in addresses.",
})

var errNoPrice = errs.InvalidFields(errs.Field{
	Name: "price", Code: "not_nullable", Message: "The default variant's price is the product's, which has one.",
})

// Where a category cannot go.
var (
	errCategoryCycle   = errs.Field{Code: "category_cycle", Message: "That is the category itself or one below it."}
	errCategoryTooDeep = errs.Field{
		Code: "category_too_deep", Message: fmt.Sprintf("The tree would have more than %d levels.", maxLevels),
	}
)

var errOrder = errs.InvalidFields(errs.Field{
	Name: "imageIds", Code: "not_all", Message: "Name each of the product's pictures once, and no other.",
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
	case "product_variants_sku_once", "product_variants_sku_key_once":
		return taken(ErrSKUTaken, "sku").Wrap(err)
	case "product_variants_options_once":
		return taken(ErrOptionsTaken, "options").Wrap(err)
	case "products_category_known":
		return unknown("categoryId", "category").Wrap(err)
	case "categories_parent_id_fkey":
		return unknown("parentId", "category").Wrap(err)
	}
	return err
}
