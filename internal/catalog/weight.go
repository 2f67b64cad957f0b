package catalog

// Weight is about how many bytes a product takes in memory, for caches that are bounded by them.
func Weight(p Product) uint32 {
	const fixed, perImage, perVariant, perOption = 1000, 200, 400, 100
	texts := len(p.Name) + len(p.Slug) + len(p.Category.Name) + len(p.Category.Slug)
	for _, text := range []*string{
		p.Description, p.ShortDescription, p.Dimensions, p.SEOTitle, p.SEODescription, p.Category.Description, p.Category.Image,
	} {
		if text != nil {
			texts += len(*text)
		}
	}
	for _, image := range p.Images {
		texts += perImage + len(image.URL)
	}
	for _, variant := range p.Variants {
		texts += perVariant + perOption*len(variant.Options)
	}
	return uint32(fixed + texts)
}
