package catalog

// DeriveSlug is the slug of a product that is given none, or "" where the name has no letter or digit.
// Another product may have it.
func DeriveSlug(name string) string { return slugOf(name) }

// SlugReserved tells that no product can have this slug: it has a meaning of its own in addresses.
func SlugReserved(slug string) bool { return reserved(slug) }
