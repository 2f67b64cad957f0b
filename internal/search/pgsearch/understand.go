package pgsearch

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"cartwright/gen/db"
)

// Limits of what a text is understood as.
const (
	maxCompletions = 48
	maxSKUs        = 50
)

// said is what a text means.
type said struct {
	text     string // folded
	isText   bool   // something was typed, if only punctuation
	groups   []group
	skus     []uuid.UUID // products whose SKU was typed, or begins so
	exactSKU map[uuid.UUID]bool
	cut      bool // more words begin like the last one than are looked for
}

// group is what counts as one typed word.
type group struct {
	typed       string
	optional    bool       // a word that the language leaves out, beside others: it need not be there
	known       bool       // a word of the shop
	begins      bool       // every word that begins so is looked for, not the commonest alone
	named       bool       // it is looked for in names alone
	documents   int        // in how many products it, or a word that begins so, is, about
	wholeStems  []string   // lexemes of a name that are the word
	moreStems   []string   // lexemes of a name that are one of the others
	surfaces    []string   // the word and the others as they are written
	alternative [][]string // lexemes of each operand of whole, then of more
}

// operand matches documents that have the word, or begin of it; prefix "~" looks in names alone.
func (g *group) operand(prefix string) string {
	if g.named {
		prefix = "~"
	}
	var any []string
	if g.begins {
		any = append(any, lexeme(prefix+g.typed)+":*")
	}
	for _, all := range g.alternative {
		if operand := allOf(lexemes(prefix, all)); !slices.Contains(any, operand) {
			any = append(any, operand)
		}
	}
	return anyOf(any)
}

// strict is operand without the words that only begin so, where the word itself is one of the shop.
func (g *group) strict(prefix string) string {
	if !g.known || len(g.wholeStems) == 0 {
		return g.operand(prefix)
	}
	return allOf(lexemes(prefix, g.wholeStems))
}

// required are the groups that must be there.
func (s said) required() (groups []*group) {
	for i := range s.groups {
		if !s.groups[i].optional {
			groups = append(groups, &s.groups[i])
		}
	}
	return groups
}

// widened is the same with every word that begins like the last one, where there are more than were looked for.
func (s said) widened() (wide said, differs bool) {
	if !s.cut || len(s.groups) == 0 {
		return s, false
	}
	s.cut, s.groups = false, slices.Clone(s.groups)
	s.groups[len(s.groups)-1].begins = true
	return s, true
}

// understand reads a text.
func (e *Engine) understand(ctx context.Context, tx pgx.Tx, text string) (said, error) {
	out := said{text: strings.Join(strings.Fields(fold(text)), " "), isText: strings.TrimSpace(text) != ""}
	words := typedWords(text)
	if len(words) == 0 {
		return out, nil
	}
	known, err := e.look(ctx, tx, words)
	if err != nil {
		return out, err
	}
	onlyStops := !slices.ContainsFunc(known, func(k db.SearchWordsRow) bool { return len(k.Lexemes) > 0 })
	for i, word := range words {
		g := group{typed: word.text, known: known[i].Documents > 0, documents: int(known[i].Documents), surfaces: []string{word.text}}
		switch {
		case len(word.grams) > 0:
			g.add(word.grams, nil, true)
			g.known = true
		case len(known[i].Lexemes) > 0:
			g.add(known[i].Lexemes, known[i].Former, true)
		case onlyStops:
			g.add([]string{word.text}, known[i].Former, true)
		default:
			g.add([]string{word.text}, known[i].Former, true)
			g.optional = true
		}
		if i == len(words)-1 && len(word.grams) == 0 && !g.optional {
			if err := e.complete(ctx, tx, &g, &out); err != nil {
				return out, err
			}
		}
		out.groups = append(out.groups, g)
	}
	return out, e.skus(ctx, tx, text, &out)
}

// add takes up a way to match: all of these lexemes, or all of the former language's.
func (g *group) add(now, former []string, whole bool) {
	for _, all := range [][]string{now, former} {
		if len(all) == 0 {
			continue
		}
		g.alternative = append(g.alternative, all)
		if whole {
			g.wholeStems = append(g.wholeStems, all...)
		} else {
			g.moreStems = append(g.moreStems, all...)
		}
		if slices.Equal(now, former) {
			return
		}
	}
}

// look asks what is known of the words.
func (e *Engine) look(ctx context.Context, tx pgx.Tx, words []typedWord) ([]db.SearchWordsRow, error) {
	texts := make([]string, len(words))
	for i, word := range words {
		texts[i] = word.text
	}
	known, err := e.q.SearchWords(ctx, tx, texts)
	if err != nil {
		return nil, fmt.Errorf("look words up: %w", err)
	}
	return known, nil
}

// complete adds the words that begin like the group's. Of words with a digit those are known that goods are called by.
func (e *Engine) complete(ctx context.Context, tx pgx.Tx, g *group, out *said) error {
	found, err := e.q.SearchCompletions(ctx, tx, db.SearchCompletionsParams{
		Prefix: g.typed, Beyond: beyond(g.typed), AtMost: maxCompletions,
	})
	if err != nil {
		return fmt.Errorf("complete the last word: %w", err)
	}
	for _, word := range found {
		if word.Word == g.typed {
			continue
		}
		if len(word.Lexemes) == 0 {
			word.Lexemes = []string{word.Word} // a word that the language leaves out, in what goods are called by
		}
		g.add(word.Lexemes, word.Former, false)
		g.documents += int(word.Documents)
		g.surfaces = append(g.surfaces, word.Word)
	}
	out.cut = len(found) == maxCompletions
	return nil
}

// skus finds the products of a typed SKU: one that is or begins like the whole text, or is a word of it.
func (e *Engine) skus(ctx context.Context, tx pgx.Tx, text string, out *said) error {
	out.exactSKU = map[uuid.UUID]bool{}
	key := skuKey(strings.TrimSpace(text))
	if key == "" || len(key) > 64 {
		return nil
	}
	rows, err := e.q.SearchSKUs(ctx, tx, db.SearchSKUsParams{Key: key, Beyond: beyond(key), AtMost: maxSKUs})
	if err != nil {
		return fmt.Errorf("look SKUs up: %w", err)
	}
	for _, row := range rows {
		out.skus = append(out.skus, row.ProductID)
		out.exactSKU[row.ProductID] = out.exactSKU[row.ProductID] || row.Exact
	}
	words := strings.Fields(text)
	var keys []string
	for _, word := range words[:min(len(words), maxWords)] {
		if key := skuKey(word); len(words) > 1 && strings.ContainsAny(key, "0123456789") && len(key) >= 4 {
			keys = append(keys, key)
		}
	}
	if len(keys) == 0 {
		return nil
	}
	ids, err := e.q.SearchSKUsExact(ctx, tx, keys)
	if err != nil {
		return fmt.Errorf("look SKUs up: %w", err)
	}
	for _, id := range ids {
		out.skus = append(out.skus, id)
		out.exactSKU[id] = true
	}
	return nil
}
