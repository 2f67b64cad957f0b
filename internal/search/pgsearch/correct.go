package pgsearch

import (
	"cmp"
	"context"
	"fmt"
	"hash/fnv"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"cartwright/gen/db"
)

// How much of a word is compared by what deleting letters leaves, how short a word may be to be
// corrected, and how long it must be to be corrected twice.
const (
	deletesPrefix = 8
	minCorrected  = 3
	minTwice      = 7
	maxNear       = 4
)

// correct takes words that are near for those that may be misspelt, all of them where none is unknown.
// The text is what it looks for instead; "" when there is nothing to correct.
func (e *Engine) correct(ctx context.Context, tx pgx.Tx, typed said) (said, string, error) {
	corrected := typed
	corrected.groups = slices.Clone(typed.groups)
	unknown := slices.ContainsFunc(typed.groups, func(g group) bool { return !g.known })
	changed := false
	words := make([]string, len(typed.groups))
	for i := range corrected.groups {
		g := &corrected.groups[i]
		words[i] = g.typed
		if unknown && g.known || len(g.wholeStems) == 0 {
			continue
		}
		near, err := e.near(ctx, tx, g.typed)
		if err != nil {
			return typed, "", err
		}
		if len(near) == 0 {
			continue
		}
		if err := e.replace(ctx, tx, g, near); err != nil {
			return typed, "", err
		}
		if unknown || !g.known {
			words[i] = near[0]
		}
		changed = true
	}
	if !changed {
		return typed, "", nil
	}
	text := strings.Join(words, " ")
	corrected.text = text
	return corrected, text, nil
}

// replace makes the group match the near words besides what it did.
func (e *Engine) replace(ctx context.Context, tx pgx.Tx, g *group, near []string) error {
	rows, err := e.q.SearchWords(ctx, tx, near)
	if err != nil {
		return fmt.Errorf("look near words up: %w", err)
	}
	fresh := group{typed: g.typed, known: g.known, documents: g.documents, surfaces: slices.Concat(g.surfaces, near)}
	if g.known {
		fresh.alternative, fresh.wholeStems, fresh.moreStems = slices.Clone(g.alternative), slices.Clone(g.wholeStems), slices.Clone(g.moreStems)
	}
	for i, row := range rows {
		fresh.add(row.Lexemes, row.Former, i == 0 && !g.known)
		fresh.documents += int(row.Documents)
	}
	if len(fresh.alternative) > 0 {
		*g = fresh
	}
	return nil
}

// near are the words of the shop that are a letter away, or two for a long word, the likeliest first.
func (e *Engine) near(ctx context.Context, tx pgx.Tx, word string) ([]string, error) {
	length := utf8.RuneCountInString(word)
	if length < minCorrected || strings.ContainsAny(word, "0123456789") || isGram([]rune(word)[0]) {
		return nil, nil
	}
	allowed := 1
	if length >= minTwice {
		allowed = 2
	}
	rows, err := e.q.SearchNear(ctx, tx, Deletes(word))
	if err != nil {
		return nil, fmt.Errorf("look for near words: %w", err)
	}
	type candidate struct {
		db.SearchNearRow
		distance int
		begins   bool
	}
	var found []candidate
	for _, row := range rows {
		if distance := distance([]rune(word), []rune(row.Word), allowed); distance <= allowed && row.Word != word {
			first, _ := utf8.DecodeRuneInString(row.Word)
			typed, _ := utf8.DecodeRuneInString(word)
			found = append(found, candidate{row, distance, first == typed})
		}
	}
	slices.SortFunc(found, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(a.distance, b.distance), -compareBool(a.begins, b.begins),
			cmp.Compare(b.Documents, a.Documents), strings.Compare(a.Word, b.Word))
	})
	var words []string
	for _, c := range found[:min(len(found), maxNear)] {
		if c.distance == found[0].distance {
			words = append(words, c.Word)
		}
	}
	return words, nil
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}

// Deletes are hashes of a word and of what is left of it after deleting a letter, or two of a long one.
// Two words that are near share one, so the near ones are found by looking those up.
func Deletes(word string) (hashes []int32) {
	runes := []rune(word)
	times := 1
	if len(runes) >= minTwice-1 { // a word that lost a letter is still compared with one that did not
		times = 2
	}
	left := map[string]bool{string(runes[:min(len(runes), deletesPrefix)]): true}
	last := []string{string(runes[:min(len(runes), deletesPrefix)])}
	for range times {
		var next []string
		for _, text := range last {
			letters := []rune(text)
			for i := range letters {
				shorter := string(letters[:i]) + string(letters[i+1:])
				if len(letters) > 2 && !left[shorter] {
					left[shorter] = true
					next = append(next, shorter)
				}
			}
		}
		last = next
	}
	for text := range left {
		hash := fnv.New32a()
		_, _ = hash.Write([]byte(text))
		hashes = append(hashes, int32(hash.Sum32()))
	}
	slices.Sort(hashes)
	return hashes
}

// distance is how many letters are to be added, dropped, changed or swapped with their neighbour to
// make one word of the other; most+1 when it is more than most.
func distance(a, b []rune, most int) int {
	if len(a)-len(b) > most || len(b)-len(a) > most {
		return most + 1
	}
	before, last := make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row := make([]int, len(b)+1)
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last = last, row
	}
	return min(last[len(b)], most+1)
}
