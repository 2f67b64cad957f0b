package pgsearch

import "strings"

// book numbers options, so that ten thousand documents can be counted without folding their texts.
type book struct {
	byWritten map[string]int // name U+001F value, as the shop writes them
	byFolded  map[string]int
	entries   []option
}

// option is a value of an option. Its labels are those of the first product that was read.
type option struct {
	name, value           string // folded
	nameLabel, valueLabel string
}

func newBook() *book { return &book{byWritten: map[string]int{}, byFolded: map[string]int{}} }

// read is the number of an option as a card writes it.
func (b *book) read(both string) int {
	if number, known := b.byWritten[both]; known {
		return number
	}
	name, value, _ := strings.Cut(both, "\x1f")
	number := b.number(clip(fold(name), 100), clip(fold(value), 200))
	if entry := &b.entries[number]; entry.nameLabel == "" {
		entry.nameLabel, entry.valueLabel = name, value
	}
	b.byWritten[strings.Clone(both)] = number
	return number
}

// number is that of a folded option.
func (b *book) number(name, value string) int {
	key := clip(name, 100) + "\x1f" + clip(value, 200)
	number, known := b.byFolded[key]
	if !known {
		number = len(b.entries)
		b.byFolded[key] = number
		b.entries = append(b.entries, option{name: name, value: value})
	}
	return number
}
