package scale

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"cartwright/gen/db"
	"cartwright/internal/catalog"
	"cartwright/internal/money"
	"cartwright/internal/postgres"
)

// Shop is what is to be filled.
type Shop struct {
	DB       *postgres.DB
	Catalog  *catalog.Service
	Currency money.Currency
	BaseURL  string   // where shoppers reach the pictures: "http://localhost:3000"
	Pictures []string // paths of pictures there; at least one
	Now      func() time.Time
	Progress func(Progress) // told from time to time how far it is; may be nil
}

// Progress is how far a step is.
type Progress struct {
	Step        string
	Done, Total int
}

// Report counts what was added and what was there before.
type Report struct {
	CategoriesAdded, CategoriesSkipped int
	ProductsAdded, ProductsSkipped     int
}

// MaxProducts is as many as may be asked for.
const MaxProducts = 10_000_000

// Seed adds those of the products number 1 to products that are not there, all of them or none. Seeders at once take
// turns. ErrBaseURL, ErrProducts, ErrBusy, or an error of the database.
func Seed(ctx context.Context, shop Shop, products int) (Report, error) {
	if _, err := money.ParseCurrency(string(shop.Currency)); err != nil {
		return Report{}, fmt.Errorf("seed products: %w", err)
	}
	if products < 1 || products > MaxProducts {
		return Report{}, ErrProducts
	}
	base, err := url.Parse(shop.BaseURL)
	if err != nil || (base.Scheme != "http" && base.Scheme != "https") || base.Host == "" {
		return Report{}, ErrBaseURL
	}
	var report Report
	err = shop.DB.InTx(ctx, func(ctx context.Context, tx pgx.Tx) (err error) {
		report, err = shop.seedTx(ctx, tx, products)
		return err
	})
	if err != nil {
		return Report{}, fmt.Errorf("seed products: %w", err)
	}
	return report, shop.analyze(ctx)
}

func (s Shop) seedTx(ctx context.Context, tx pgx.Tx, products int) (report Report, err error) {
	if err := prepareTx(ctx, tx, products); err != nil {
		return report, err
	}
	missing, err := missingTx(ctx, tx, products)
	if err != nil {
		return report, err
	}
	report.ProductsAdded, report.ProductsSkipped = len(missing), products-len(missing)
	if len(missing) == 0 {
		return report, nil
	}
	categories, err := s.addCategories(ctx, &report)
	if err != nil {
		return report, err
	}
	if err := s.loadTx(ctx, tx, missing, categories); err != nil {
		return report, err
	}
	if err := db.New().ScaleEverythingChanged(ctx, tx); err != nil {
		return report, fmt.Errorf("tell the caches: %w", err)
	}
	return report, nil
}

// prepareTx lets the transaction take as long as it takes, one at a time, and quietens the triggers that follow every
// write: what they would do is done once, at the end.
func prepareTx(ctx context.Context, tx pgx.Tx, products int) error {
	megabytes := min(1024, 128+products/1000) // the index of words is quickest in one go
	_, err := tx.Exec(ctx, fmt.Sprintf(`
		SET LOCAL statement_timeout = 0;
		SET LOCAL idle_in_transaction_session_timeout = 0;
		SET LOCAL maintenance_work_mem = '%dMB';
		SET LOCAL cartwright.bulk = 'on';
		SELECT pg_advisory_xact_lock(hashtext('cartwright seed --products'))`, megabytes))
	if busy(err) {
		return ErrBusy
	}
	if err != nil {
		return fmt.Errorf("prepare the transaction: %w", err)
	}
	return nil
}

// missingTx are the numbers up to products that no product has.
func missingTx(ctx context.Context, tx pgx.Tx, products int) ([]int, error) {
	there, err := db.New().ScaleProductIDs(ctx, tx, db.ScaleProductIDsParams{FirstID: lowestID(1), LastID: lowestID(products + 1)})
	if err != nil {
		return nil, fmt.Errorf("read which products are there: %w", err)
	}
	has := make([]bool, products+2)
	for _, id := range there {
		has[numberOf(id)] = true
	}
	missing := make([]int, 0, products-len(there))
	for n := 1; n <= products; n++ {
		if !has[n] {
			missing = append(missing, n)
		}
	}
	return missing, nil
}

// analyze tells the planner what there is now, of two tables at once.
func (s Shop) analyze(ctx context.Context) error {
	var group sync.WaitGroup
	problems := make([]error, 2)
	for i := range problems {
		group.Go(func() {
			for at := i; at < len(tables); at += len(problems) {
				problems[i] = errors.Join(problems[i], s.analyzeTable(ctx, tables[at]))
			}
		})
	}
	group.Wait()
	return errors.Join(problems...)
}

func (s Shop) analyzeTable(ctx context.Context, table string) error {
	return s.DB.InTx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "SET LOCAL statement_timeout = 0; ANALYZE "+table); err != nil {
			return fmt.Errorf("analyze %s: %w", table, err)
		}
		return nil
	})
}

// addCategories answers the id of each category by its place. One of the same name or slug is taken for ours.
func (s Shop) addCategories(ctx context.Context, report *Report) ([]uuid.UUID, error) {
	q := db.New()
	all := shelves().categories
	ids := make([]uuid.UUID, len(all))
	for place, c := range all {
		found, err := q.ScaleCategoryFind(ctx, s.DB, db.ScaleCategoryFindParams{Name: c.name, Slug: c.slug})
		if err == nil {
			ids[place] = found
			report.CategoriesSkipped++
			continue
		}
		if !postgres.IsMissing(err) {
			return nil, fmt.Errorf("find the category %q: %w", c.name, err)
		}
		made := catalog.Category{Name: c.name, Slug: c.slug, SortOrder: int32(place), IsActive: true}
		if c.parent >= 0 {
			made.ParentID = &ids[c.parent]
		}
		made, err = s.Catalog.CreateCategory(ctx, made)
		if err != nil {
			return nil, fmt.Errorf("add the category %q: %w", c.name, err)
		}
		ids[place] = made.ID
		report.CategoriesAdded++
	}
	return ids, nil
}
