package pgsearch

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"cartwright/gen/db"
)

const (
	keepEvery  = 200 * time.Millisecond
	countEvery = 10 * time.Minute
	countAfter = 500 // words learnt
	staleBatch = 200
	wordsBatch = 2_000
	indexBatch = 500
)

// Keep brings the documents up to what writers only noted, until ctx ends. Every process does; they take
// turns without waiting for each other.
func (e *Engine) Keep(ctx context.Context, logger *slog.Logger) {
	keeper := &keeper{e: e}
	ticker := time.NewTicker(keepEvery)
	defer ticker.Stop()
	for {
		if err := keeper.turn(ctx); err != nil && !errors.Is(err, context.Canceled) && ctx.Err() == nil {
			logger.Warn("search is not kept up to date", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

type keeper struct {
	e       *Engine
	learnt  int
	counted time.Time
}

// turn does everything that waits.
func (k *keeper) turn(ctx context.Context) error {
	for _, step := range []func(context.Context) (bool, error){k.e.freshen, k.learn, k.e.reindex} {
		for again := true; again; {
			var err error
			if again, err = step(ctx); err != nil || ctx.Err() != nil {
				return err
			}
		}
	}
	if k.learnt < countAfter && (k.learnt == 0 || k.e.now().Sub(k.counted) < countEvery) {
		return nil
	}
	k.learnt, k.counted = 0, k.e.now()
	return k.e.CountWords(ctx)
}

// CountWords estimates anew how common each word is.
func (e *Engine) CountWords(ctx context.Context) error {
	if err := e.q.SearchWordsCount(ctx, e.db); err != nil {
		return fmt.Errorf("count the words: %w", err)
	}
	return nil
}

// freshen makes documents anew that are noted as stale, and tells whether there may be more.
func (e *Engine) freshen(ctx context.Context) (more bool, err error) {
	err = e.db.InTx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		notes, err := e.q.SearchStaleTake(ctx, tx, staleBatch)
		if err != nil {
			return fmt.Errorf("take notes: %w", err)
		}
		if more = len(notes) > 0; !more {
			return nil
		}
		return e.follow(ctx, tx, notes)
	})
	return more, err
}

// follow does what the notes ask for.
func (e *Engine) follow(ctx context.Context, tx pgx.Tx, notes []db.SearchStaleTakeRow) error {
	refs := map[string][]uuid.UUID{"PRODUCT": {}, "VARIANT": {}, "CATEGORY": {}, "ORDER": {}}
	var factors []int16
	for _, note := range notes {
		refs[note.Kind] = append(refs[note.Kind], note.Ref)
		if note.Kind == "ORDER" {
			factors = append(factors, note.Factor)
		}
	}
	if len(refs["CATEGORY"]) > 0 {
		if err := e.q.SearchStaleSubtrees(ctx, tx, refs["CATEGORY"]); err != nil {
			return fmt.Errorf("note the products of categories: %w", err)
		}
	}
	if len(refs["ORDER"]) > 0 {
		sold, err := e.q.SearchSold(ctx, tx, db.SearchSoldParams{Orders: refs["ORDER"], Factors: factors})
		if err != nil {
			return fmt.Errorf("count what was sold: %w", err)
		}
		refs["PRODUCT"] = append(refs["PRODUCT"], sold...)
	}
	// A product that somebody is just changing is left for the next time: waiting for it while holding
	// others could make a circle.
	done, err := e.q.SearchStaleProducts(ctx, tx, db.SearchStaleProductsParams{Variants: refs["VARIANT"], Products: refs["PRODUCT"]})
	if err != nil {
		return fmt.Errorf("lock stale products: %w", err)
	}
	if err := e.q.SearchRefresh(ctx, tx, done); err != nil {
		return fmt.Errorf("refresh stale products: %w", err)
	}
	err = e.q.SearchStaleAgain(ctx, tx, db.SearchStaleAgainParams{Variants: refs["VARIANT"], Products: refs["PRODUCT"], Done: done})
	if err != nil {
		return fmt.Errorf("note locked products again: %w", err)
	}
	return nil
}

// learn takes new words into the vocabulary.
func (k *keeper) learn(ctx context.Context) (more bool, err error) {
	words, err := k.e.q.SearchWordsNew(ctx, k.e.db, wordsBatch)
	if err != nil || len(words) == 0 {
		return false, err
	}
	deletes := make([]string, len(words))
	for i, word := range words {
		deletes[i] = joinNumbers(Deletes(word))
	}
	if err := k.e.q.SearchWordsLearn(ctx, k.e.db, db.SearchWordsLearnParams{Words: words, Deletes: deletes}); err != nil {
		return false, fmt.Errorf("learn words: %w", err)
	}
	k.learnt += len(words)
	return len(words) == wordsBatch, nil
}

func joinNumbers(numbers []int32) string {
	texts := make([]string, len(numbers))
	for i, number := range numbers {
		texts[i] = strconv.Itoa(int(number))
	}
	return strings.Join(texts, ",")
}

// ErrLanguage reports a language that PostgreSQL cannot search in.
var ErrLanguage = errors.New("PostgreSQL has no text search configuration of this name")

// UseLanguage has the documents made for a language, one of those that PostgreSQL has a configuration
// for. When it is another than before, Keep makes them anew little by little; until it has, both
// languages find.
func (e *Engine) UseLanguage(ctx context.Context, language string) error {
	var known bool
	err := e.db.QueryRow(ctx, `SELECT EXISTS (SELECT FROM pg_ts_config WHERE cfgname = $1 AND pg_ts_config_is_visible(oid))`,
		language).Scan(&known)
	if err != nil {
		return fmt.Errorf("look up the language of search: %w", err)
	}
	if !known {
		return fmt.Errorf("%w: %q", ErrLanguage, language)
	}
	if _, err := e.q.SearchLanguageSet(ctx, e.db, language); err != nil {
		return fmt.Errorf("set the language of search: %w", err)
	}
	return nil
}

// reindex makes the next documents anew for another language, if there is one, and tells whether there
// may be more.
func (e *Engine) reindex(ctx context.Context) (more bool, err error) {
	settings, err := e.q.SearchSettings(ctx, e.db)
	if err != nil || settings.ReindexedTo == nil {
		return false, err
	}
	err = e.db.InTx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		next, err := e.q.SearchReindexNext(ctx, tx, indexBatch)
		if err != nil || !next.HasPlace {
			more = false
			return err
		}
		var to *uuid.UUID
		if more = len(next.Ids) > 0; more {
			to = &next.Ids[len(next.Ids)-1]
			if err := e.q.SearchRefresh(ctx, tx, next.Ids); err != nil {
				return err
			}
		}
		return e.q.SearchReindexedTo(ctx, tx, to)
	})
	if err != nil {
		return false, fmt.Errorf("make documents anew: %w", err)
	}
	return more, nil
}
