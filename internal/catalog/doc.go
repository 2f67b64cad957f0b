// Package catalog is what the shop shows: categories, products, variants, images.
//
// Owns: the tables categories, products, product_variants and product_images.
// Does not own: quantities (package inventory), though its reads show what can be sold; what a
// cart or an order makes of a price.
//
// Invariants: whoever changes a product, a variant or an image of it locks the product first and gives it
// its next version, so that of two who saw the same version one changes it; a variant that follows the
// product's price has that price; no two variants of a product have the same options; the tree of
// categories has no circle. A product has exactly one default variant, which carries the product-level SKU,
// price and quantity of the API; SKUs are unique across the shop, slugs across products.
//
// What has ever been ordered is not deleted.
//
// Words: the sellable thing is the variant. A product is public while its status is ACTIVE.
package catalog
