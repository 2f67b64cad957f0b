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
	minAnywhere   = 5 // shorter words are corrected to what names hold: too many resemble another in some description
)

// correction is what may have been meant, and its text.
type correction struct {
	said
	text string
}

// correct returns what may have been meant instead: the same with words that are near in place of those the shop does
// not know, the likeliest first. A word that the shop knows is never taken for another one.
func (e *Engine) correct(ctx context.Context, tx pgx.Tx, typed said) ([]correction, error) {
	near := make([][]string, len(typed.groups))
	most := 0
	for i := range typed.groups {
		g := &typed.groups[i]
		if g.known || g.optional || len(g.wholeStems) == 0 {
			continue
		}
		found, err := e.near(ctx, tx, g.typed)
		if err != nil {
			return nil, err
		}
		near[i], most = found, max(most, len(found))
	}
	var corrections []correction
	for choice := range most {
		c := correction{said: typed}
		c.groups = slices.Clone(typed.groups)
		words := make([]string, len(typed.groups))
		for i := range c.groups {
			if words[i] = typed.groups[i].typed; len(near[i]) == 0 {
				continue
			}
			words[i] = near[i][min(choice, len(near[i])-1)]
			if err := e.replace(ctx, tx, &c.groups[i], words[i]); err != nil {
				return nil, err
			}
		}
		c.text = strings.Join(words, " ")
		c.said.text = c.text
		corrections = append(corrections, c)
	}
	return corrections, nil
}

// replace makes the group match another word.
func (e *Engine) replace(ctx context.Context, tx pgx.Tx, g *group, word string) error {
	rows, err := e.q.SearchWords(ctx, tx, []string{word})
	if err != nil {
		return fmt.Errorf("look a near word up: %w", err)
	}
	fresh := group{typed: g.typed, surfaces: []string{g.typed, word}, named: utf8.RuneCountInString(g.typed) < minAnywhere}
	for _, row := range rows {
		fresh.add(row.Lexemes, row.Former, true)
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
