package bulk

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"cartwright/gen/db"
	"cartwright/internal/catalog"
	"cartwright/internal/media"
)

// Reasons of movements.
const (
	initial = "INITIAL"
	counted = "COUNTED"
)

// levelRow, movementRow and imageRow are rows as the statements of sql/queries/bulk.sql read them.
type levelRow struct {
	VariantID      uuid.UUID `json:"variant_id"`
	OnHand         int32     `json:"on_hand"`
	AllowBackorder bool      `json:"allow_backorder"`
}

type movementRow struct {
	ID        uuid.UUID `json:"id"`
	VariantID uuid.UUID `json:"variant_id"`
	Quantity  int32     `json:"quantity"`
	Reason    string    `json:"reason"`
}

type imageRow struct {
	ID        uuid.UUID `json:"id"`
	ProductID uuid.UUID `json:"product_id"`
	URL       string    `json:"url"`
	KeyInURL  string    `json:"key_in_url"` // "" when it is no upload's address
	AltText   *string   `json:"alt_text"`
	SortOrder int32     `json:"sort_order"`
}

// changes is what a state has that the shop has not.
type changes struct {
	newProducts, products []productRow
	touched               []uuid.UUID
	newVariants, variants []variantRow
	priced                []uuid.UUID // products of which some variant may follow another price now
	newLevels             []levelRow
	movements             []movementRow
	newImages, images     []imageRow
	goneImages            []uuid.UUID
}

func (st *state) changes() *changes {
	c := &changes{}
	for v := range st.every() {
		switch {
		case v.isNew:
			c.newVariants = append(c.newVariants, v.variantRow)
			c.newLevels = append(c.newLevels, levelRow{v.ID, v.level.onHand, v.level.backorder})
			c.move(v.ID, v.level.onHand, initial)
		case !same(v.variantRow, v.stored):
			c.variants = append(c.variants, v.variantRow)
			st.products[v.ProductID].touched = true
			if v.IsActive != v.stored.IsActive {
				st.relevelled = append(st.relevelled, v.ProductID)
			}
			if v.PriceMinor != v.stored.PriceMinor || v.FollowsPrice != v.stored.FollowsPrice {
				c.priced = append(c.priced, v.ProductID)
			}
		}
	}
	for _, p := range st.products {
		if p.picture && !p.shows(p.wanted) {
			c.arrange(p)
			p.touched = true
		}
		switch {
		case p.isNew:
			c.newProducts = append(c.newProducts, p.productRow)
		case !same(p.productRow, p.stored):
			c.products = append(c.products, p.productRow)
			if p.TrackInventory != p.stored.TrackInventory || p.LowStockThreshold != p.stored.LowStockThreshold || p.Status != p.stored.Status {
				st.relevelled = append(st.relevelled, p.ID)
			}
		case p.touched:
			c.touched = append(c.touched, p.ID)
		}
	}
	return c
}

// texts are those of the products that are written.
func (c *changes) texts() []catalog.Texts {
	texts := make([]catalog.Texts, 0, len(c.newProducts)+len(c.products))
	for _, p := range slices.Concat(c.newProducts, c.products) {
		texts = append(texts, catalog.Texts{ID: p.ID, Short: p.ShortDescription, Long: p.Description})
	}
	return texts
}

func (c *changes) move(variant uuid.UUID, quantity int32, reason string) {
	if quantity != 0 {
		c.movements = append(c.movements, movementRow{uuid.Must(uuid.NewV7()), variant, quantity, reason})
	}
}

// arrange makes the product's images the wanted ones. An image that stays is still the same one.
func (c *changes) arrange(p *productState) {
	left := map[string][]imageState{} // by address, at which more than one may be shown
	for _, is := range p.images {
		left[is.url] = append(left[is.url], is)
	}
	for i, want := range p.wanted {
		row := imageRow{ProductID: p.ID, URL: want.URL, KeyInURL: media.KeyIn(want.URL), SortOrder: int32(i)}
		stay := left[want.URL]
		if len(stay) == 0 {
			row.ID, row.AltText = uuid.Must(uuid.NewV7()), want.AltText.overNullable(nil)
			c.newImages = append(c.newImages, row)
			continue
		}
		left[want.URL] = stay[1:]
		row.ID, row.AltText = stay[0].id, want.AltText.overNullable(stay[0].altText)
		c.images = append(c.images, row)
	}
	for _, gone := range left {
		for _, is := range gone {
			c.goneImages = append(c.goneImages, is.id)
		}
	}
}

// write makes the shop agree with the state, in a fixed number of statements. Stock comes last: its
// rows are those that buyers wait for.
func (s *Service) write(ctx context.Context, tx pgx.Tx, st *state) error {
	c := st.changes()
	now := s.now()
	steps := []func() error{
		sending(c.newProducts, func(rows []byte) error {
			return s.q.BulkProductsCreate(ctx, tx, db.BulkProductsCreateParams{Rows: rows, Now: now})
		}),
		sending(c.products, func(rows []byte) error {
			return s.q.BulkProductsUpdate(ctx, tx, db.BulkProductsUpdateParams{Rows: rows, Now: now})
		}),
		func() error { return catalog.KeepShownTx(ctx, tx, c.texts()) },
		unlessEmpty(c.touched, func(ids []uuid.UUID) error {
			return s.q.BulkProductsTouch(ctx, tx, db.BulkProductsTouchParams{Ids: ids, Now: now})
		}),
		sending(c.newVariants, func(rows []byte) error {
			return s.q.BulkVariantsCreate(ctx, tx, db.BulkVariantsCreateParams{Rows: rows, Now: now, Currency: string(s.currency)})
		}),
		sending(c.variants, func(rows []byte) error {
			return s.q.BulkVariantsUpdate(ctx, tx, db.BulkVariantsUpdateParams{Rows: rows, Now: now})
		}),
		unlessEmpty(c.priced, func(ids []uuid.UUID) error {
			return s.q.BulkPricesFollow(ctx, tx, db.BulkPricesFollowParams{ProductIds: ids, Now: now})
		}),
		unlessEmpty(c.goneImages, func(ids []uuid.UUID) error { return s.q.BulkImagesDelete(ctx, tx, ids) }),
		sending(c.images, func(rows []byte) error { return s.q.BulkImagesUpdate(ctx, tx, rows) }),
		sending(c.newImages, func(rows []byte) error {
			return s.q.BulkImagesCreate(ctx, tx, db.BulkImagesCreateParams{Rows: rows, Now: now})
		}),
		sending(c.newLevels, func(rows []byte) error { return s.q.BulkStockCreate(ctx, tx, rows) }),
		func() error { return s.record(ctx, tx, c.movements) },
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return fmt.Errorf("write rows: %w", err)
		}
	}
	if st.deferStock {
		return nil
	}
	return s.setStock(ctx, tx, st.pending, st.levels)
}

// setStock makes levels what the changes say. They are locked, and levels is what they are.
func (s *Service) setStock(ctx context.Context, tx pgx.Tx, pending []stockChange, levels map[uuid.UUID]level) error {
	c := &changes{}
	var rows []levelRow
	for _, change := range pending {
		before := levels[change.variant]
		after := change.over(before)
		rows = append(rows, levelRow{change.variant, after.onHand, after.backorder})
		c.move(change.variant, after.onHand-before.onHand, counted)
	}
	err := sending(rows, func(rows []byte) error { return s.q.BulkStockSet(ctx, tx, rows) })()
	if err != nil {
		return fmt.Errorf("set stock levels: %w", err)
	}
	return s.record(ctx, tx, c.movements)
}

// record writes the ledger.
func (s *Service) record(ctx context.Context, tx pgx.Tx, movements []movementRow) error {
	return wrapped("record stock movements", sending(movements, func(rows []byte) error {
		return s.q.BulkMovementsCreate(ctx, tx, db.BulkMovementsCreateParams{Rows: rows, Now: s.now()})
	})())
}

// sending is a statement that takes rows as JSON, and is not sent without any.
func sending[T any](rows []T, send func([]byte) error) func() error {
	return unlessEmpty(rows, func(rows []T) error {
		encoded, err := json.Marshal(rows)
		if err != nil {
			return err
		}
		return send(encoded)
	})
}

func unlessEmpty[T any](rows []T, run func([]T) error) func() error {
	return func() error {
		if len(rows) == 0 {
			return nil
		}
		return run(rows)
	}
}
