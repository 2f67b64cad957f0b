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
	keepEvery    = 200 * time.Millisecond
	countEvery   = 10 * time.Minute
	countAfter   = 500 // words learnt
	staleBatch   = 200
	subtreeBatch = 5_000 // products that are noted at once
	wordsBatch   = 2_000
	indexBatch   = 500
)

// waits is the condition of the pulse: something is noted that documents or vocabulary do not show.
const waits = `EXISTS (SELECT FROM search_stale) OR EXISTS (SELECT FROM search_words_new)
	OR EXISTS (SELECT FROM search_settings WHERE reindexed_to IS NOT NULL) OR EXISTS (SELECT FROM search_unread)`

// Keep brings the documents up to what writers only noted, until ctx ends: soon after this process has changed the
// catalogue, and when the pulse finds what others did. Every process does; they take turns without waiting for each other.
func (e *Engine) Keep(ctx context.Context, logger *slog.Logger) {
	defer e.db.Pulse().Start(ctx)()
	keeper := &keeper{e: e}
	pause := time.NewTicker(keepEvery)
	defer pause.Stop()
	count := time.NewTicker(countEvery) // of what was learnt before there was enough for a count
	defer count.Stop()
	for {
		if err := keeper.turn(ctx); err != nil && !errors.Is(err, context.Canceled) && ctx.Err() == nil {
			logger.Warn("search is not kept up to date", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-pause.C:
		}
		select {
		case <-ctx.Done():
			return
		case <-e.woken:
		case <-count.C:
		}
	}
}

// wake has Keep take another turn.
func (e *Engine) wake() {
	select {
	case e.woken <- struct{}{}:
	default: // it will
	}
}

type keeper struct {
	e       *Engine
	learnt  int
	counted time.Time
}

// turn does everything that waits.
func (k *keeper) turn(ctx context.Context) error {
	if err := k.e.see(ctx); err != nil {
		return err
	}
	for _, step := range []func(context.Context) (bool, error){k.e.readTexts, k.e.freshen, k.learn, k.e.reindex} {
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

// see remembers of what must wait for transactions that cannot see it when it could be seen.
func (e *Engine) see(ctx context.Context) error {
	if err := e.q.SearchStaleSee(ctx, e.db); err != nil {
		return fmt.Errorf("see notes: %w", err)
	}
	if err := e.q.SearchLanguageSee(ctx, e.db); err != nil {
		return fmt.Errorf("see the language: %w", err)
	}
	return nil
}

// freshen makes documents anew that are noted as stale, and tells whether there may be more that can be.
func (e *Engine) freshen(ctx context.Context) (more bool, err error) {
	err = e.db.InTx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		notes, err := e.q.SearchStaleTake(ctx, tx, staleBatch)
		if err != nil {
			return fmt.Errorf("take notes: %w", err)
		}
		if more = false; len(notes) == 0 {
			return nil
		}
		more, err = e.follow(ctx, tx, notes)
		return err
	})
	return more, err
}

// stale is what notes are about.
type stale struct {
	urgent, products []uuid.UUID // products are all of them
	variants, orders []uuid.UUID
	factors          []int16 // of the orders
}

// follow does what the notes ask for, as far as it can be done now, and tells whether anything was.
func (e *Engine) follow(ctx context.Context, tx pgx.Tx, notes []db.SearchStaleTakeRow) (done bool, err error) {
	about := stale{urgent: []uuid.UUID{}, products: []uuid.UUID{}, variants: []uuid.UUID{}}
	for _, note := range notes {
		switch note.Kind {
		case "CATEGORY":
			done = true
			if err := e.noteSubtree(ctx, tx, note); err != nil {
				return false, err
			}
		case "ORDER":
			about.orders, about.factors = append(about.orders, note.Ref), append(about.factors, note.Factor)
		case "VARIANT":
			about.variants = append(about.variants, note.Ref)
		default:
			about.products = append(about.products, note.Ref)
			if !note.Later {
				about.urgent = append(about.urgent, note.Ref)
			}
		}
	}
	if len(about.orders) > 0 {
		sold, err := e.q.SearchSold(ctx, tx, db.SearchSoldParams{Orders: about.orders, Factors: about.factors})
		if err != nil {
			return false, fmt.Errorf("count what was sold: %w", err)
		}
		about.products, about.urgent = append(about.products, sold...), append(about.urgent, sold...)
		done = true
	}
	refreshed, err := e.refresh(ctx, tx, about)
	return done || refreshed > 0, err
}

// noteSubtree notes the next products of a category, and the category again where there may be more.
func (e *Engine) noteSubtree(ctx context.Context, tx pgx.Tx, note db.SearchStaleTakeRow) error {
	reached, err := e.q.SearchStaleSubtree(ctx, tx, db.SearchStaleSubtreeParams{
		Category: note.Ref, Reached: note.Reached, AtMost: subtreeBatch,
	})
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("note the products of a category: %w", err)
	}
	if err := e.q.SearchStaleReached(ctx, tx, db.SearchStaleReachedParams{Category: note.Ref, Reached: reached}); err != nil {
		return fmt.Errorf("note how far a category is noted: %w", err)
	}
	return nil
}

// refresh makes the documents of stale products anew, and answers of how many. A product that somebody is
// just changing is left for the next time: waiting for it while holding others could make a circle.
func (e *Engine) refresh(ctx context.Context, tx pgx.Tx, about stale) (int, error) {
	done, err := e.q.SearchStaleProducts(ctx, tx, db.SearchStaleProductsParams{Variants: about.variants, Products: about.products})
	if err != nil {
		return 0, fmt.Errorf("lock stale products: %w", err)
	}
	if err := e.q.SearchRefresh(ctx, tx, done); err != nil {
		return 0, fmt.Errorf("refresh stale products: %w", err)
	}
	err = e.q.SearchStaleAgain(ctx, tx, db.SearchStaleAgainParams{
		Urgent: about.urgent, Variants: about.variants, Products: about.products, Done: done,
	})
	if err != nil {
		return 0, fmt.Errorf("note locked products again: %w", err)
	}
	return len(done), nil
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
