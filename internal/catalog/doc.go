// Package catalog is what the shop shows: categories, products, variants, images.
//
// Owns: the tables categories, products, product_variants and product_images.
// Does not own: quantities (package inventory), though its reads show what can be sold; what a
// cart or an order makes of a price.
//
// Invariants: a product has exactly one default variant, which carries the product-level SKU,
// price and quantity of the API; SKUs are unique across the shop, slugs across products.
//
// Words: the sellable thing is the variant. A product is public while its status is ACTIVE.
package catalog
