package pgsearch

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"cartwright/gen/db"
	"cartwright/internal/search"
)

// Limits of completing.
const (
	suggestWalk = 2_000  // documents that are read in the hope that enough names match
	suggestRead = 300    // names that are read where few match
	suggestRare = 10_000 // estimated products up to which names are read rather than walked
)

// Suggest is described by search.Engine.
func (e *Engine) Suggest(ctx context.Context, text string, limit int) (out search.Suggestions, err error) {
	tree, err := e.forest.at(ctx, "")
	if err != nil {
		return out, fmt.Errorf("read the categories: %w", err)
	}
	err = e.read(ctx, func(ctx context.Context, tx pgx.Tx) error {
		said, err := e.understand(ctx, tx, text)
		if err != nil || len(said.groups) == 0 && len(said.skus) == 0 {
			return err
		}
		rows, err := e.names(ctx, tx, said, limit)
		if wide, differs := said.widened(); err == nil && len(rows) == 0 && differs {
			rows, err = e.names(ctx, tx, wide, limit)
		}
		if err == nil && len(rows) == 0 {
			said, rows, err = e.suggestNear(ctx, tx, said, limit)
		}
		if err != nil {
			return err
		}
		s := &seeker{e: e, tree: tree, said: said, query: search.Query{Sort: search.Relevance}}
		slices.SortStableFunc(rows, func(a, b row) int { return cmp.Compare(s.score(&b), s.score(&a)) })
		for _, r := range rows[:min(limit, len(rows))] {
			out.Products = append(out.Products, r.id)
		}
		out.Queries = completions(said, rows, limit)
		out.Categories = tree.called(said, limit)
		return nil
	})
	return out, err
}

// suggestNear looks for names that have what may have been meant.
func (e *Engine) suggestNear(ctx context.Context, tx pgx.Tx, typed said, limit int) (said, []row, error) {
	corrections, err := e.correct(ctx, tx, typed)
	if err != nil {
		return typed, nil, err
	}
	for _, c := range corrections {
		rows, err := e.names(ctx, tx, c.said, limit)
		if err != nil || len(rows) > 0 {
			return c.said, rows, err
		}
	}
	return typed, nil, nil
}

// names are products whose name has the words or whose SKU begins so, those that sell best first.
func (e *Engine) names(ctx context.Context, tx pgx.Tx, said said, limit int) ([]row, error) {
	s := &seeker{e: e, tx: tx, said: said, query: search.Query{}}
	s.query.Limit = limit
	var operands []string
	common := len(said.groups) > 0
	for _, g := range said.required() {
		operands = append(operands, g.operand("~"))
		common = common && g.documents >= suggestRare
	}
	names := allOf(operands)
	bySKU, err := s.bySKU(ctx)
	if err != nil || names == "" {
		return bySKU, err
	}
	if common {
		line := line{sort: search.BestSelling, query: names}
		found, _, err := s.walked(ctx, line, way{}, beginning(line.sort), suggestWalk, 4*limit)
		if err != nil || len(found) >= limit {
			return append(bySKU, found...), err
		}
	}
	found, err := s.documents(ctx, db.SearchCandidatesParams{Query: names, AtMost: suggestRead})
	if err != nil {
		return nil, err
	}
	return s.withSKUs(ctx, found, "", false)
}

// completions are ways to complete the last word, the commonest first: of a word alone those of the
// vocabulary, of several those that stand in a name together with the others.
func completions(said said, rows []row, limit int) (out []string) {
	if len(said.groups) == 0 {
		return nil
	}
	last := said.groups[len(said.groups)-1]
	var before []string
	for _, g := range said.groups[:len(said.groups)-1] {
		before = append(before, g.typed)
	}
	words := last.surfaces
	if !last.known && len(words) > 0 {
		words = words[1:] // what was typed is no word
	}
	if len(before) > 0 {
		counts := map[string]int{}
		for i := range rows {
			for _, word := range strings.FieldsFunc(rows[i].name, isSeparator) {
				if slices.Contains(words, word) && !slices.Contains(before, word) {
					counts[word]++
				}
			}
		}
		words = slices.DeleteFunc(slices.Clone(words), func(word string) bool { return counts[word] == 0 })
		slices.SortStableFunc(words, func(a, b string) int { return cmp.Compare(counts[b], counts[a]) })
	}
	for _, word := range words[:min(limit, len(words))] {
		out = append(out, strings.Join(append(slices.Clone(before), word), " "))
	}
	return out
}

// called are categories whose name has every word.
func (t *tree) called(said said, limit int) (out []search.CategorySuggestion) {
	if len(said.groups) == 0 {
		return nil
	}
	for _, node := range t.nodes {
		own := typedWords(node.name)
		fits := node.active
		for _, g := range said.required() {
			fits = fits && slices.ContainsFunc(own, func(word typedWord) bool {
				return slices.Contains(g.surfaces, word.text) || strings.HasPrefix(word.text, g.typed)
			})
		}
		if fits {
			out = append(out, search.CategorySuggestion{ID: node.id, Name: node.name, Slug: node.slug})
		}
		if len(out) == limit {
			break
		}
	}
	return out
}
