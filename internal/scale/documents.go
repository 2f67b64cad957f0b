package scale

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"cartwright/gen/db"
)

// lexicon is what the search makes of the words that products are made of, asked once: search_refresh would find it out
// for each product anew, which takes longer than everything else together. What is written with it is what search_refresh
// would write; a test holds them against each other.
type lexicon struct {
	words      map[string]*entry
	categories []place
}

// entry is one word in lower case.
type entry struct {
	lexeme string // "" for a word that is searched for only in what goods are called by
	used   bool
}

// place is what a category adds to the documents of its products.
type place struct {
	id      uuid.UUID
	lexemes []string // of its names and of those above it, and their addresses
}

// readLexicon asks the search. It goes by the language that the shop's documents are made for.
func readLexicon(ctx context.Context, tx pgx.Tx, categories []uuid.UUID) (*lexicon, error) {
	q := db.New()
	known, err := q.ScaleLexemes(ctx, tx, everyWord())
	if err != nil {
		return nil, fmt.Errorf("read the lexemes of words: %w", err)
	}
	l := &lexicon{words: make(map[string]*entry, len(known))}
	for _, row := range known {
		l.words[row.Word] = &entry{lexeme: row.Lexeme}
	}
	places, err := q.ScaleCategoryLexemes(ctx, tx, categories)
	if err != nil {
		return nil, fmt.Errorf("read the lexemes of categories: %w", err)
	}
	byID := make(map[uuid.UUID][]string, len(places))
	for _, row := range places {
		byID[row.ID] = row.Lexemes
	}
	for _, id := range categories {
		l.categories = append(l.categories, place{id: id, lexemes: byID[id]})
	}
	return l, nil
}

// everyWord are all that names, texts and options can be made of, in lower case and without punctuation.
func everyWord() (all []string) {
	v := words()
	for _, text := range slices.Concat(v.makers, v.models, v.content, adjectives, materials, colors, sizes, functionWords, nouns()) {
		all = append(all, split(text)...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// split are the words of a text as the search reads it: punctuation ends a word, and nothing else here needs care.
func split(text string) []string {
	return strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return r < '0' })
}

// of appends the lexemes of a text.
func (l *lexicon) of(lexemes []string, text string) []string {
	for _, word := range split(text) {
		known := l.words[word]
		known.used = true
		if known.lexeme != "" {
			lexemes = append(lexemes, known.lexeme)
		}
	}
	return lexemes
}

// head appends the lexemes of a text that goods are called by, in which words that are searched for nowhere else are, too.
func (l *lexicon) head(lexemes []string, text string) []string {
	for _, word := range split(text) {
		known := l.words[word]
		known.used = true
		lexemes = append(lexemes, cmp.Or(known.lexeme, word))
	}
	return lexemes
}

// recordTx adds the words that were used to those the shop can complete and correct.
func (l *lexicon) recordTx(ctx context.Context, tx pgx.Tx) error {
	var used []string
	for word, entry := range l.words {
		if entry.used && len(word) > 1 {
			used = append(used, word)
		}
	}
	for _, c := range shelves().categories {
		used = append(used, split(c.name)...)
	}
	slices.Sort(used)
	used = slices.Compact(used)
	if err := db.New().ScaleWordsRecord(ctx, tx, used); err != nil {
		return fmt.Errorf("record the words: %w", err)
	}
	return nil
}

// The separators of a card.
const (
	fieldMark  = "\x1e"
	valueMark  = "\x1f"
	optionMark = "\x1d"
)

// addDocument writes what search_refresh would for a product that is for sale.
func (w writer) addDocument(c *copied, p product) {
	d := w.document(p)
	c.row()
	c.uuid(p.id)
	c.vector(d.words)
	c.string(d.card)
	c.bigints(d.prices)
	c.bigint(toMinor(p.variants[0].figure, w.currency))
	c.string(strings.ToLower(p.name))
	c.bigint(0)
	c.time(w.today.Add(-p.age))
}

type document struct {
	words  []string
	card   string
	prices []int64
}

func (w writer) document(p product) (d document) {
	named := w.lexicon.head(nil, p.name)
	slices.Sort(named)
	named = slices.Compact(named)
	in, featured, star := "!out", "!plain", ""
	if p.featured {
		featured, star = "!featured", "*"
	}
	at := w.lexicon.categories[p.category]
	d.words = append(append(make([]string, 0, 120), named...), at.lexemes...)
	d.words = w.lexicon.of(w.lexicon.of(d.words, p.short), p.description)
	var options []string
	for _, v := range p.variants {
		if v.quantity > 0 || !p.tracked {
			in = "!in"
		}
		d.prices = append(d.prices, toMinor(v.figure, w.currency))
		for _, o := range v.options {
			d.words = w.lexicon.head(append(d.words, "="+o.name+"="+strings.ToLower(o.value)), o.value)
			options = append(options, o.name+valueMark+o.value)
		}
	}
	slices.Sort(d.prices)
	d.prices = slices.Compact(d.prices)
	var prices []string
	for _, price := range d.prices {
		fine := math.Floor(20 * math.Log(float64(price)+1))
		d.words = append(d.words, "$f"+strconv.Itoa(int(fine)), "$c"+strconv.Itoa(int(math.Floor(fine/16))))
		prices = append(prices, strconv.FormatInt(price, 10))
	}
	for _, lexeme := range named {
		d.words = append(d.words, "~"+lexeme)
	}
	d.words = append(d.words, in, featured)
	slices.Sort(options)
	d.card = strings.Join([]string{
		in + star, at.id.String(), strings.Join(prices, valueMark), strings.ToLower(p.name), strings.Join(named, " "),
		strings.Join(slices.Compact(options), optionMark),
	}, fieldMark)
	return d
}
