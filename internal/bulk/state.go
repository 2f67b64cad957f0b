package bulk

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"maps"
	"reflect"
	"slices"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"cartwright/gen/db"
	"cartwright/internal/catalog"
)

// state is what the shop holds of what a batch is about, and what the batch makes of it.
type state struct {
	variants   map[string]*variantState // by the key of the SKU
	lookalikes map[string]*variantState // by the SKU itself: the key is another's
	failed     func(key string) (line int, failed bool)
	products   map[uuid.UUID]*productState
	categories map[string]uuid.UUID // by slug
	slugs      map[string]uuid.UUID // the product that has each
	families   map[uuid.UUID]family // of products that get variants
	choices    map[choice]uuid.UUID // the variant that has each
	levels     map[uuid.UUID]level  // of variants
	deferStock bool
	pending    []stockChange // that is settled at the end of a whole import
	relevelled []uuid.UUID   // products whose levels are low from another number on
}

type productState struct {
	productRow
	stored  productRow // as it was
	isNew   bool
	touched bool          // a part of it changed
	images  []imageState  // as they were
	wanted  []picture     // as they are to be
	picture bool          // whether wanted says anything
	main    *variantState // its default variant, where the batch knows of it
}

type variantState struct {
	variantRow
	stored variantRow
	isNew  bool
	level  level // of a new one
}

// family is what a product's variants are together.
type family struct{ lastPlace, variants int32 }

// choice is what a variant is chosen by: the key of its options, as JSON with its members in order.
type choice struct {
	product uuid.UUID
	options string
}

type imageState struct {
	id        uuid.UUID
	url       string
	altText   *string
	sortOrder int32
}

// productRow and variantRow are rows as the statements of sql/queries/bulk.sql read them.
type productRow struct {
	ID                uuid.UUID `json:"id"`
	CategoryID        uuid.UUID `json:"category_id"`
	Name              string    `json:"name"`
	Slug              string    `json:"slug"`
	Description       *string   `json:"description"`
	ShortDescription  *string   `json:"short_description"`
	Status            string    `json:"status"`
	TrackInventory    bool      `json:"track_inventory"`
	LowStockThreshold int32     `json:"low_stock_threshold"`
	Dimensions        *string   `json:"dimensions"`
	IsFeatured        bool      `json:"is_featured"`
	SEOTitle          *string   `json:"seo_title"`
	SEODescription    *string   `json:"seo_description"`
}

type variantRow struct {
	ID                uuid.UUID         `json:"id"`
	ProductID         uuid.UUID         `json:"product_id"`
	IsDefault         bool              `json:"is_default"`
	Name              string            `json:"name"`
	SKU               string            `json:"sku"`
	PriceMinor        int64             `json:"price_minor"`
	FollowsPrice      bool              `json:"follows_price"`
	ComparePriceMinor *int64            `json:"compare_price_minor"`
	CostPriceMinor    *int64            `json:"cost_price_minor"`
	Weight            *float64          `json:"weight"`
	Options           map[string]string `json:"options"`
	IsActive          bool              `json:"is_active"`
	SortOrder         int32             `json:"sort_order"` // of a new one
}

// read locks and reads what the rows are about.
func (s *Service) read(ctx context.Context, tx pgx.Tx, rows []*Row, deferStock bool) (*state, error) {
	st := &state{
		variants: map[string]*variantState{}, lookalikes: map[string]*variantState{}, products: map[uuid.UUID]*productState{},
		categories: map[string]uuid.UUID{}, slugs: map[string]uuid.UUID{}, families: map[uuid.UUID]family{}, choices: map[choice]uuid.UUID{},
		levels: map[uuid.UUID]level{}, deferStock: deferStock,
	}
	if err := s.readVariants(ctx, tx, st, rows); err != nil {
		return nil, err
	}
	for _, step := range []func(context.Context, pgx.Tx, *state, []*Row) error{
		s.readCategories, s.readSlugs, s.readFamilies, s.readChoices, s.readImages, s.readStock,
	} {
		if err := step(ctx, tx, st, rows); err != nil {
			return nil, err
		}
	}
	return st, nil
}

// readVariants finds the variants of the rows and locks their products, which keeps everybody else from
// writing either. A variant may appear while the lock is waited for; then its product is locked, too.
func (s *Service) readVariants(ctx context.Context, tx pgx.Tx, st *state, rows []*Row) error {
	skus, keys := map[string]bool{}, map[string]bool{}
	for _, row := range rows {
		skus[row.SKU], keys[row.key()] = true, true
		if row.ParentSKU.has() {
			skus[row.ParentSKU.value], keys[row.parentKey()] = true, true
		}
	}
	wanted := db.BulkVariantsBySKUParams{Skus: slices.Sorted(maps.Keys(skus)), Keys: slices.Sorted(maps.Keys(keys))}
	for {
		found, err := s.q.BulkVariantsBySKU(ctx, tx, wanted)
		if err != nil {
			return fmt.Errorf("read variants: %w", err)
		}
		var unlocked []uuid.UUID
		for _, row := range found {
			if st.products[row.ProductID] == nil {
				unlocked = append(unlocked, row.ProductID)
			}
		}
		if len(unlocked) == 0 {
			return st.take(found)
		}
		locked, err := s.q.BulkProductsLock(ctx, tx, unlocked)
		if err != nil {
			return fmt.Errorf("lock products: %w", err)
		}
		for _, row := range locked {
			st.products[row.ID] = &productState{productRow: productRow(row), stored: productRow(row)}
		}
	}
}

// of is the variant of a row, or nil.
func (st *state) of(row *Row) *variantState { return st.find(row.SKU, row.key()) }

// parentOf is the variant that a row names as its product's, or nil.
func (st *state) parentOf(row *Row) *variantState {
	return st.find(row.ParentSKU.value, row.parentKey())
}

// every yields each variant that the batch knows of.
func (st *state) every() iter.Seq[*variantState] {
	return func(yield func(*variantState) bool) {
		for _, all := range []map[string]*variantState{st.variants, st.lookalikes} {
			for _, known := range all {
				if !yield(known) {
					return
				}
			}
		}
	}
}

func (st *state) find(sku, key string) *variantState {
	if known := st.lookalikes[sku]; known != nil {
		return known
	}
	return st.variants[key]
}

func (st *state) take(found []db.BulkVariantsBySKURow) error {
	for _, row := range found {
		v := variantRow{
			ID: row.ID, ProductID: row.ProductID, IsDefault: row.IsDefault, Name: row.Name, SKU: row.SKU,
			PriceMinor: row.PriceMinor, FollowsPrice: row.FollowsPrice, ComparePriceMinor: row.ComparePriceMinor,
			CostPriceMinor: row.CostPriceMinor, Weight: row.Weight, IsActive: row.IsActive,
		}
		if err := json.Unmarshal(row.Options, &v.Options); err != nil {
			return fmt.Errorf("read the options of variant %s: %w", row.ID, err)
		}
		known := &variantState{variantRow: v, stored: v}
		if row.SKUIsLookalike {
			st.lookalikes[row.SKU] = known
		} else {
			st.variants[catalog.Key(row.SKU)] = known
		}
		if row.IsDefault {
			st.products[row.ProductID].main = known
		}
	}
	return nil
}

func (s *Service) readCategories(ctx context.Context, tx pgx.Tx, st *state, rows []*Row) error {
	wanted := gather(rows, func(r *Row) field[string] { return r.Category })
	if len(wanted) == 0 {
		return nil
	}
	found, err := s.q.BulkCategories(ctx, tx, wanted)
	if err != nil {
		return fmt.Errorf("read categories: %w", err)
	}
	for _, row := range found {
		st.categories[row.Slug] = row.ID
	}
	return nil
}

// readSlugs finds out who has the slugs that the rows ask for, or that new products would get.
func (s *Service) readSlugs(ctx context.Context, tx pgx.Tx, st *state, rows []*Row) error {
	wanted := gather(rows, func(r *Row) field[string] {
		if !r.Slug.has() && st.of(r) == nil {
			return given(derived(r.Name.value))
		}
		return r.Slug
	})
	if len(wanted) == 0 {
		return nil
	}
	found, err := s.q.BulkSlugs(ctx, tx, wanted)
	if err != nil {
		return fmt.Errorf("read slugs: %w", err)
	}
	for _, row := range found {
		st.slugs[row.Slug] = row.ID
	}
	return nil
}

func (s *Service) readFamilies(ctx context.Context, tx pgx.Tx, st *state, rows []*Row) error {
	var parents []uuid.UUID
	for _, row := range rows {
		if parent := st.parentOf(row); parent != nil && st.of(row) == nil {
			parents = append(parents, parent.ProductID)
		}
	}
	if len(parents) == 0 {
		return nil
	}
	found, err := s.q.BulkLastPlaces(ctx, tx, parents)
	if err != nil {
		return fmt.Errorf("read the order of variants: %w", err)
	}
	for _, row := range found {
		st.families[row.ProductID] = family{row.SortOrder, row.Variants}
	}
	return nil
}

// readChoices reads what variants are chosen by, of products of which a row says something about that.
func (s *Service) readChoices(ctx context.Context, tx pgx.Tx, st *state, rows []*Row) error {
	var ids []uuid.UUID
	for _, row := range rows {
		if !row.Options.has() && row.optionEdits == nil {
			continue
		}
		for _, known := range []*variantState{st.of(row), st.parentOf(row)} {
			if known != nil {
				ids = append(ids, known.ProductID)
			}
		}
	}
	if len(ids) == 0 {
		return nil
	}
	found, err := s.q.BulkChoices(ctx, tx, ids)
	if err != nil {
		return fmt.Errorf("read options: %w", err)
	}
	for _, row := range found {
		var options map[string]string
		if err := json.Unmarshal(row.Options, &options); err != nil {
			return fmt.Errorf("read the options of variant %s: %w", row.ID, err)
		}
		st.choices[choiceOf(row.ProductID, options)] = row.ID
	}
	return nil
}

func choiceOf(product uuid.UUID, options map[string]string) choice {
	encoded, _ := json.Marshal(catalog.OptionsKey(options)) // texts always can be
	return choice{product, string(encoded)}
}

func (s *Service) readImages(ctx context.Context, tx pgx.Tx, st *state, rows []*Row) error {
	var ids []uuid.UUID
	for _, row := range rows {
		if known := st.of(row); known != nil && (row.Images.set || row.ImageAltTexts.set) {
			ids = append(ids, known.ProductID)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	found, err := s.q.BulkImages(ctx, tx, ids)
	if err != nil {
		return fmt.Errorf("read images: %w", err)
	}
	for _, row := range found {
		p := st.products[row.ProductID]
		p.images = append(p.images, imageState{id: row.ID, url: s.address(row), altText: row.AltText, sortOrder: row.SortOrder})
	}
	return nil
}

// readStock reads the levels that rows may change, and locks them if they are changed now.
func (s *Service) readStock(ctx context.Context, tx pgx.Tx, st *state, rows []*Row) error {
	var ids []uuid.UUID
	for _, row := range rows {
		if known := st.of(row); known != nil && (row.InventoryQuantity.has() || row.AllowBackorder.has()) {
			ids = append(ids, known.ID)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	levels, err := s.levels(ctx, tx, ids, !st.deferStock)
	st.levels = levels
	return err
}

func (s *Service) levels(ctx context.Context, tx pgx.Tx, ids []uuid.UUID, lock bool) (map[uuid.UUID]level, error) {
	levels := make(map[uuid.UUID]level, len(ids))
	if lock {
		found, err := s.q.BulkStockLock(ctx, tx, ids)
		for _, row := range found {
			levels[row.VariantID] = level{row.OnHand, row.Allocated, row.Reserved, row.AllowBackorder}
		}
		return levels, wrapped("lock stock levels", err)
	}
	found, err := s.q.BulkStock(ctx, tx, ids)
	for _, row := range found {
		levels[row.VariantID] = level{row.OnHand, row.Allocated, row.Reserved, row.AllowBackorder}
	}
	return levels, wrapped("read stock levels", err)
}

func wrapped(doing string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", doing, err)
}

// gather are the values of one field, each once.
func gather(rows []*Row, of func(*Row) field[string]) []string {
	seen := map[string]bool{}
	for _, row := range rows {
		if f := of(row); f.has() && f.value != "" {
			seen[f.value] = true
		}
	}
	return slices.Sorted(maps.Keys(seen))
}

func same[T any](a, b T) bool { return reflect.DeepEqual(a, b) }
