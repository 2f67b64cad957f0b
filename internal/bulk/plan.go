package bulk

import (
	"errors"
	"fmt"
	"maps"

	"github.com/google/uuid"

	"cartwright/internal/catalog"
	"cartwright/internal/errs"
)

// What an absent field of a new product means; as the API has it.
const defaultLowStockThreshold = 5

// planner turns rows into changes of a state.
type planner struct {
	*state
	row      *Row
	problems []RowError
}

func (p *planner) problem(column, code, message string) {
	p.problems = append(p.problems, RowError{
		Line: p.row.Line, SKU: p.row.SKU, Column: column, Code: code, Message: message,
	})
}

// plan makes of the state what the rows say, one after the other, so that a row finds what those
// before it left. A row with a problem leaves nothing.
func (st *state) plan(rows []*Row) (done tally, failed [][]RowError) {
	here, before := map[string]int{}, st.failed
	st.failed = func(key string) (int, bool) {
		if line, ok := here[key]; ok {
			return line, true
		}
		return before(key)
	}
	for _, row := range rows {
		p := &planner{state: st, row: row}
		known := st.of(row)
		var changed bool
		switch {
		case known == nil && row.ParentSKU.has():
			p.newVariant()
		case known == nil:
			p.newProduct()
		case known.IsDefault:
			changed = p.changeProduct(known)
		default:
			changed = p.changeVariant(known)
		}
		switch {
		case len(p.problems) > 0:
			failed = append(failed, p.problems)
			here[row.key()] = row.Line
		case known == nil:
			done.created++
		case changed:
			done.updated++
		default:
			done.unchanged++
		}
	}
	return done, failed
}

func (p *planner) newProduct() {
	row := p.row
	for _, needed := range []struct {
		column string
		there  bool
	}{{"name", row.Name.has()}, {"category", row.Category.has()}, {"price", row.Price.has()}} {
		if !needed.there {
			p.problem(needed.column, "required", "There is no such SKU yet, and a new product needs this.")
		}
	}
	made := &productState{isNew: true, productRow: productRow{
		ID: uuid.Must(uuid.NewV7()), Status: "DRAFT", TrackInventory: true, LowStockThreshold: defaultLowStockThreshold,
	}}
	p.setProduct(made)
	if made.Slug == "" {
		made.Slug = p.freeSlug(made.Name, made.ID)
	}
	variant := &variantState{isNew: true, variantRow: variantRow{
		ID: uuid.Must(uuid.NewV7()), ProductID: made.ID, IsDefault: true, SKU: row.SKU, IsActive: true,
		Options: map[string]string{},
	}}
	p.setVariant(variant)
	variant.Name = row.VariantName.over(variant.Name)
	p.open(variant)
	if len(p.problems) > 0 {
		return
	}
	made.main = variant
	p.choose(nil, variant)
	p.products[made.ID], p.variants[row.key()], p.slugs[made.Slug] = made, variant, made.ID
}

func (p *planner) newVariant() {
	row := p.row
	parent := p.parentOf(row)
	if parent == nil {
		p.missingParent()
		return
	}
	if !parent.IsDefault {
		p.problem("parentSku", "unknown_parent", "This SKU is a further variant itself: name the product's own.")
		return
	}
	if !row.Name.has() {
		p.problem("name", "required", "There is no such SKU yet, and a new variant needs this.")
	}
	p.refuseMisplaced()
	kin := p.family(parent.ProductID)
	if kin.variants >= maxVariants {
		p.problem("parentSku", "too_many", fmt.Sprintf("A product has at most %d variants, the default one included.", maxVariants))
	}
	variant := &variantState{isNew: true, variantRow: variantRow{
		ID: uuid.Must(uuid.NewV7()), ProductID: parent.ProductID, SKU: row.SKU, IsActive: true,
		PriceMinor: parent.PriceMinor, FollowsPrice: true, Options: map[string]string{}, SortOrder: kin.lastPlace + 1,
	}}
	p.setVariant(variant)
	p.open(variant)
	if len(p.problems) > 0 {
		return
	}
	p.variants[row.key()] = variant
	p.families[parent.ProductID] = family{variant.SortOrder, kin.variants + 1}
	p.choose(nil, variant)
	p.products[parent.ProductID].touched = true
}

// missingParent says that a row's product is not there, and why where a row above was to make it.
func (p *planner) missingParent() {
	if line, failed := p.failed(p.row.parentKey()); failed {
		p.problem("parentSku", "parent_failed", fmt.Sprintf("Its product, in line %d, was not imported: mend that row, and this one follows.", line))
		return
	}
	p.problem("parentSku", "unknown_parent", "There is no product with this SKU, neither above in the file nor in the shop.")
}

func (p *planner) changeProduct(known *variantState) (changed bool) {
	row := p.row
	if row.ParentSKU.has() {
		p.problem("parentSku", "parent_mismatch", "This SKU is a product's own and cannot become a variant of another.")
	}
	if row.Price.null && row.strict {
		p.problem("price", "not_nullable", "A product has a price.")
	}
	product := p.products[known.ProductID]
	next, variant := *product, *known
	p.setProduct(&next)
	p.setVariant(&variant)
	variant.Name = p.nameOfDefault(product, known, &next)
	stock := p.stock(known)
	if len(p.problems) > 0 {
		return false
	}
	changed = stock || !same(next.productRow, product.productRow) ||
		!same(variant.variantRow, known.variantRow) || next.picture && !next.shows(next.wanted)
	if next.Slug != product.Slug {
		delete(p.slugs, product.Slug)
		p.slugs[next.Slug] = next.ID
	}
	p.choose(known, &variant)
	*product, *known = next, variant
	return changed
}

// nameOfDefault is what a product's default variant is called when the product becomes next: what the
// row says, else the name of its own that it has, else the product's.
func (p *planner) nameOfDefault(product *productState, known *variantState, next *productState) string {
	if !p.row.VariantName.set && known.Name != product.Name {
		return known.Name
	}
	return p.row.VariantName.over(next.Name)
}

func (p *planner) changeVariant(known *variantState) (changed bool) {
	row := p.row
	if row.ParentSKU.set {
		parent := p.parentOf(row)
		if row.ParentSKU.null || parent == nil || !parent.IsDefault || parent.ProductID != known.ProductID {
			p.problem("parentSku", "parent_mismatch", "This SKU is a variant of another product, and stays one.")
		}
	}
	p.refuseMisplaced()
	variant := *known
	if main := p.products[known.ProductID].main; row.Price.null && main != nil {
		variant.PriceMinor = main.PriceMinor
	}
	p.setVariant(&variant)
	stock := p.stock(known)
	if len(p.problems) > 0 {
		return false
	}
	changed = stock || !same(variant.variantRow, known.variantRow)
	p.choose(known, &variant)
	*known = variant
	return changed
}

// maxVariants is how many variants a product has at most, the default one included, as package
// catalog has it.
const maxVariants = 101

// family is that of a product; one that the batch made has but its default variant at first.
func (p *planner) family(product uuid.UUID) family {
	if known, ok := p.families[product]; ok {
		return known
	}
	return family{variants: 1}
}

// choose notes what a variant is chosen by from now on.
func (p *planner) choose(former, variant *variantState) {
	if former != nil && p.choices[choiceOf(former.ProductID, former.Options)] == former.ID {
		delete(p.choices, choiceOf(former.ProductID, former.Options))
	}
	if len(variant.Options) > 0 {
		p.choices[choiceOf(variant.ProductID, variant.Options)] = variant.ID
	}
}

// refuseMisplaced names what only a product's own row may give.
func (p *planner) refuseMisplaced() {
	for _, column := range columns {
		if column.misplaced != nil && column.misplaced(p.row) {
			p.problem(column.name, "not_of_a_variant", "This belongs to the product, into the row of its own SKU.")
		}
	}
}

// setProduct gives the product what the row says of it.
func (p *planner) setProduct(product *productState) {
	row := p.row
	product.Name = row.Name.over(product.Name)
	product.Description = p.text(row.Description, product.Description)
	product.ShortDescription = p.text(row.ShortDescription, product.ShortDescription)
	product.Status = row.Status.over(product.Status)
	product.TrackInventory = row.TrackInventory.over(product.TrackInventory)
	product.LowStockThreshold = row.LowStockThreshold.over(product.LowStockThreshold)
	product.Dimensions = p.text(row.Dimensions, product.Dimensions)
	product.IsFeatured = row.IsFeatured.over(product.IsFeatured)
	product.SEOTitle = p.text(row.SEOTitle, product.SEOTitle)
	product.SEODescription = p.text(row.SEODescription, product.SEODescription)
	if row.Images.set || row.ImageAltTexts.set {
		product.wanted, product.picture = p.pictures(product), true
	}
	if row.Category.has() {
		id, ok := p.categories[row.Category.value]
		if !ok {
			p.problem("category", "unknown_category", "There is no category with this slug.")
		}
		product.CategoryID = id
	}
	if row.Slug.has() {
		owner, taken := p.slugs[row.Slug.value]
		switch {
		case taken && owner != product.ID:
			p.problem("slug", "taken", "Another product has this slug.")
		case row.Slug.value != product.Slug && catalog.SlugReserved(row.Slug.value):
			p.problem("slug", "reserved", "This slug has a meaning of its own in addresses.")
		}
		product.Slug = row.Slug.value
	}
}

// text is what a text becomes. To a cell an empty one and none are the same.
func (p *planner) text(said field[string], stored *string) *string {
	if said.null && !p.row.strict && stored != nil && *stored == "" {
		return stored
	}
	return said.overNullable(stored)
}

// setVariant gives the variant what the row says of it.
func (p *planner) setVariant(variant *variantState) {
	row := p.row
	variant.Name = row.Name.over(variant.Name)
	if variant.PriceMinor = row.Price.over(variant.PriceMinor); row.Price.set {
		variant.FollowsPrice = row.Price.null && !variant.IsDefault
	}
	variant.ComparePriceMinor = row.ComparePrice.overNullable(variant.ComparePriceMinor)
	variant.CostPriceMinor = row.CostPrice.overNullable(variant.CostPriceMinor)
	variant.Weight = row.Weight.overNullable(variant.Weight)
	variant.IsActive = row.IsActive.over(variant.IsActive)
	switch {
	case row.Options.null:
		variant.Options = map[string]string{}
	case row.Options.set:
		variant.Options = p.tidied(row.Options.value)
	case row.optionEdits != nil:
		variant.Options = p.tidied(edited(variant.Options, row.optionEdits))
	}
	if owner, taken := p.choices[choiceOf(variant.ProductID, variant.Options)]; taken && owner != variant.ID {
		p.problem(optionsName, "taken", "Another variant of the product has these options.")
	}
}

// tidied are options as the catalogue keeps them.
func (p *planner) tidied(options map[string]string) map[string]string {
	tidy, err := catalog.TidyOptions(options)
	var known *errs.Error
	if errors.As(err, &known) {
		p.problem(optionsName, known.Fields[0].Code, known.Fields[0].Message)
	}
	return tidy
}

func edited(options, edits map[string]string) map[string]string {
	next, named := maps.Clone(options), map[string]string{}
	for name := range options {
		named[catalog.Key(name)] = name
	}
	for name, chosen := range edits {
		if known, ok := named[catalog.Key(name)]; ok {
			name = known
		}
		if chosen == "" {
			delete(next, name)
		} else {
			next[name] = chosen
		}
	}
	return next
}

// derived is the slug a new product would like to have.
func derived(name string) string {
	if slug := catalog.DeriveSlug(name); !catalog.SlugReserved(slug) {
		return slug
	}
	return ""
}

// freeSlug is one for a new product: that of its name, or, where another has that, one with a piece
// of the id behind it.
func (p *planner) freeSlug(name string, id uuid.UUID) string {
	slug := derived(name)
	if _, taken := p.slugs[slug]; slug != "" && !taken {
		return slug
	}
	if slug = catalog.DeriveSlug(name); slug == "" {
		slug = "product"
	}
	return slug + "-" + id.String()[28:]
}
