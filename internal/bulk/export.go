package bulk

import (
	"bufio"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"cartwright/gen/db"
	"cartwright/internal/money"
)

// exportPage is how many products are in memory at once.
const exportPage = 500

// Export writes every product and variant as Import reads them, in the order in which the products were
// added, as they all are at one moment. watch, which may be nil, is told how many rows are written.
func (s *Service) Export(ctx context.Context, out io.Writer, format Format, watch func(rows int)) error {
	buffered := bufio.NewWriterSize(out, 64<<10)
	err := s.db.InTx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		// A slow reader may take its time, without making anybody wait: reading locks nothing.
		_, err := tx.Exec(ctx, "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY; "+
			"SET LOCAL idle_in_transaction_session_timeout = '2min'")
		if err != nil {
			return fmt.Errorf("begin the export: %w", err)
		}
		rows, err := s.rowWriter(ctx, tx, buffered, format)
		if err != nil {
			return err
		}
		return s.exportRows(ctx, tx, rows, watch)
	})
	if err != nil {
		return err
	}
	return buffered.Flush()
}

// rowWriter writes rows; the two formats are its implementations.
type rowWriter interface {
	write(row exported) error
	flush() error
}

func (s *Service) rowWriter(ctx context.Context, tx pgx.Tx, out io.Writer, format Format) (rowWriter, error) {
	if format == NDJSON {
		encoder := json.NewEncoder(out)
		encoder.SetEscapeHTML(false)
		return jsonWriter{encoder}, nil
	}
	options, err := s.q.BulkExportOptions(ctx, tx)
	if err != nil {
		return nil, fmt.Errorf("read the names of options: %w", err)
	}
	w := &csvWriter{out: csv.NewWriter(out), options: options}
	return w, w.header()
}

func (s *Service) exportRows(ctx context.Context, tx pgx.Tx, out rowWriter, watch func(int)) error {
	after, written := uuid.Nil, 0
	for {
		products, err := s.q.BulkExportProducts(ctx, tx, db.BulkExportProductsParams{After: after, PageLimit: exportPage})
		if err != nil {
			return fmt.Errorf("read products: %w", err)
		}
		if len(products) == 0 {
			return out.flush()
		}
		rows, err := s.exportPage(ctx, tx, products)
		if err != nil {
			return err
		}
		for _, row := range rows {
			if err := out.write(row); err != nil {
				return err
			}
		}
		if err := out.flush(); err != nil {
			return err
		}
		after, written = products[len(products)-1].ID, written+len(rows)
		if watch != nil {
			watch(written)
		}
	}
}

// exported is a row as NDJSON has it.
type exported struct {
	SKU               string            `json:"sku"`
	ParentSKU         string            `json:"parentSku,omitempty"`
	Name              string            `json:"name"`
	Slug              string            `json:"slug,omitempty"`
	Description       *string           `json:"description,omitempty"`
	ShortDescription  *string           `json:"shortDescription,omitempty"`
	Category          string            `json:"category,omitempty"`
	Status            string            `json:"status,omitempty"`
	Price             *money.Number     `json:"price,omitempty"`
	ComparePrice      *money.Number     `json:"comparePrice,omitempty"`
	CostPrice         *money.Number     `json:"costPrice,omitempty"`
	TrackInventory    *bool             `json:"trackInventory,omitempty"`
	InventoryQuantity int32             `json:"inventoryQuantity"`
	AllowBackorder    bool              `json:"allowBackorder"`
	LowStockThreshold *int32            `json:"lowStockThreshold,omitempty"`
	Weight            *float64          `json:"weight,omitempty"`
	Dimensions        *string           `json:"dimensions,omitempty"`
	IsFeatured        *bool             `json:"isFeatured,omitempty"`
	IsActive          bool              `json:"isActive"`
	SEOTitle          *string           `json:"seoTitle,omitempty"`
	SEODescription    *string           `json:"seoDescription,omitempty"`
	Images            []picture         `json:"images,omitempty"`
	VariantName       string            `json:"variantName,omitempty"`
	Options           map[string]string `json:"options,omitempty"`
}

func (s *Service) exportPage(ctx context.Context, tx pgx.Tx, products []db.BulkExportProductsRow) ([]exported, error) {
	ids := make([]uuid.UUID, len(products))
	byID := make(map[uuid.UUID]*db.BulkExportProductsRow, len(products))
	for i := range products {
		ids[i] = products[i].ID
		byID[products[i].ID] = &products[i]
	}
	variants, err := s.q.BulkExportVariants(ctx, tx, ids)
	if err != nil {
		return nil, fmt.Errorf("read variants: %w", err)
	}
	images, err := s.q.BulkImages(ctx, tx, ids)
	if err != nil {
		return nil, fmt.Errorf("read images: %w", err)
	}
	pictures := map[uuid.UUID][]picture{}
	for _, image := range images {
		one := picture{URL: s.address(image)}
		if image.AltText != nil {
			one.AltText = given(*image.AltText)
		}
		pictures[image.ProductID] = append(pictures[image.ProductID], one)
	}
	rows := make([]exported, 0, len(variants))
	parent := ""
	for _, v := range variants {
		row, err := toVariant(v)
		if err != nil {
			return nil, err
		}
		if row.ParentSKU = parent; v.IsDefault {
			row.ParentSKU, parent = "", v.SKU
			row.addProduct(byID[v.ProductID], pictures[v.ProductID])
		}
		rows = append(rows, row)
	}
	return rows, nil
}

func toVariant(v db.BulkExportVariantsRow) (exported, error) {
	currency := money.Currency(v.Currency)
	row := exported{
		SKU: v.SKU, Name: v.Name, Price: toNumber(&v.PriceMinor, currency), ComparePrice: toNumber(v.ComparePriceMinor, currency),
		CostPrice: toNumber(v.CostPriceMinor, currency), InventoryQuantity: v.OnHand, AllowBackorder: v.AllowBackorder,
		Weight: v.Weight, IsActive: v.IsActive,
	}
	if v.FollowsPrice {
		row.Price = nil
	}
	if err := json.Unmarshal(v.Options, &row.Options); err != nil {
		return row, fmt.Errorf("read the options of %s: %w", v.SKU, err)
	}
	return row, nil
}

// addProduct makes a row of a default variant that of its product.
func (r *exported) addProduct(p *db.BulkExportProductsRow, pictures []picture) {
	if r.Name != p.Name {
		r.VariantName = r.Name
	}
	r.Name, r.Slug, r.Category, r.Status = p.Name, p.Slug, p.Category, p.Status
	r.Description, r.ShortDescription, r.Dimensions = p.Description, p.ShortDescription, p.Dimensions
	r.SEOTitle, r.SEODescription = p.SEOTitle, p.SEODescription
	r.TrackInventory, r.IsFeatured, r.LowStockThreshold = &p.TrackInventory, &p.IsFeatured, &p.LowStockThreshold
	r.Images = pictures
}

func toNumber(minor *int64, currency money.Currency) *money.Number {
	if minor == nil {
		return nil
	}
	n := money.New(*minor, currency).Number()
	return &n
}

type jsonWriter struct{ encoder *json.Encoder }

func (w jsonWriter) write(row exported) error { return w.encoder.Encode(row) }

func (w jsonWriter) flush() error { return nil }

// csvWriter writes cells as they are. A spreadsheet may take one that begins with =, +, - or @ for a
// formula; changing it here would change it in the shop when the file comes back.
type csvWriter struct {
	out     *csv.Writer
	options []string
}

func (w *csvWriter) header() error {
	var cells []string
	for _, column := range columns {
		if column.of(CSV) {
			cells = append(cells, column.name)
		}
	}
	for _, option := range w.options {
		cells = append(cells, optionPrefix+option)
	}
	return w.out.Write(cells)
}

func (w *csvWriter) write(row exported) error {
	urls, altTexts, err := imageCells(row.Images)
	if err != nil {
		return err
	}
	cells := []string{
		row.SKU, row.ParentSKU, row.Name, row.Slug, or(row.Description), or(row.ShortDescription), row.Category, row.Status,
		string(or(row.Price)), string(or(row.ComparePrice)), string(or(row.CostPrice)), flagCell(row.TrackInventory),
		strconv.Itoa(int(row.InventoryQuantity)), strconv.FormatBool(row.AllowBackorder), numberCell(row.LowStockThreshold), weightCell(row.Weight),
		or(row.Dimensions), flagCell(row.IsFeatured), strconv.FormatBool(row.IsActive), or(row.SEOTitle), or(row.SEODescription),
		urls, altTexts, row.VariantName,
	}
	for _, option := range w.options {
		cells = append(cells, row.Options[option])
	}
	return w.out.Write(cells)
}

// imageCells are addresses, and a list of the alternative texts unless no image has one.
func imageCells(images []picture) (urls, altTexts string, err error) {
	addresses, alts, described := make([]string, len(images)), make([]field[string], len(images)), false
	for i, one := range images {
		addresses[i], alts[i] = one.URL, one.AltText
		described = described || one.AltText.has()
	}
	if described {
		altTexts, err = plainJSON(alts)
	}
	return strings.Join(addresses, " "), altTexts, err
}

// plainJSON is JSON as people would write it, for no browser to read.
func plainJSON(value any) (string, error) {
	var out strings.Builder
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(value)
	return strings.TrimSuffix(out.String(), "\n"), err
}

func (w *csvWriter) flush() error {
	w.out.Flush()
	return w.out.Error()
}

// or is the value, or nothing.
func or[T any](value *T) T {
	if value == nil {
		return *new(T)
	}
	return *value
}

func flagCell(value *bool) string {
	if value == nil {
		return ""
	}
	return strconv.FormatBool(*value)
}

func numberCell(value *int32) string {
	if value == nil {
		return ""
	}
	return strconv.Itoa(int(*value))
}

func weightCell(value *float64) string {
	if value == nil {
		return ""
	}
	written := strconv.FormatFloat(*value, 'f', -1, 64)
	if isDoubtful(written) {
		written += "0"
	}
	return written
}

// Count is how many rows an export has about now.
func (s *Service) Count(ctx context.Context) (int64, error) { return s.q.BulkRowCount(ctx, s.db) }
