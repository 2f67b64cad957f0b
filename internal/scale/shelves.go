package scale

import (
	_ "embed"
	"fmt"
	"strconv"
	"strings"
	"sync"
)

//go:embed words/shelves.txt
var shelvesText string

// category is one of the tree's 200. Parents stand before their children.
type category struct {
	name, slug string
	parent     int      // a place in the list, or -1
	goods      []string // what it holds; a department holds none
	group      *group
}

// group is what the goods of a middle category have in common.
type group struct {
	options []string // what variants differ in: color, size, material
	figure  int      // the usual price
	grams   int      // the usual weight
}

// tree is every category; shelves are the places of those that hold products, the fullest first.
type tree struct {
	categories []category
	shelves    []int
	shelf      zipf
}

var shelves = sync.OnceValue(func() *tree {
	t := &tree{}
	department := -1
	for line := range strings.Lines(shelvesText) {
		line = strings.TrimSpace(line)
		switch {
		case line == "" || strings.HasPrefix(line, "#"):
		case strings.HasPrefix(line, "="):
			department = t.add(category{name: strings.TrimSpace(line[1:]), parent: -1})
		default:
			t.addGroup(department, line)
		}
	}
	// Which shelf is how full is a matter of the dice; groups hold some products themselves.
	order := roll(3).shuffled(len(t.categories))
	for _, place := range order {
		if len(t.categories[place].goods) > 0 {
			t.shelves = append(t.shelves, place)
		}
	}
	const offset = 8 // or one shelf would hold a sixth of the shop
	t.shelf = newZipf(len(t.shelves), offset, 1<<14)
	return t
})

func (t *tree) add(c category) int {
	c.slug = strings.ToLower(strings.ReplaceAll(c.name, " ", "-"))
	t.categories = append(t.categories, c)
	return len(t.categories) - 1
}

// addGroup reads "Lamps (color material; 5900; 1800): desk lamp, floor lamp".
func (t *tree) addGroup(department int, line string) {
	head, goods, _ := strings.Cut(line, ":")
	name, facts, _ := strings.Cut(strings.TrimSuffix(head, ")"), " (")
	fields := strings.Split(facts, ";")
	g := &group{options: strings.Fields(fields[0]), figure: number(fields[1]), grams: number(fields[2])}
	names := strings.Split(strings.TrimSpace(goods), ", ")
	place := t.add(category{name: name, parent: department, group: g, goods: names})
	for _, noun := range names {
		t.add(category{name: capital(plural(noun)), parent: place, group: g, goods: []string{noun}})
	}
}

// draw answers the place of a category.
func (t *tree) draw(d *dice) int { return t.shelves[t.shelf.draw(d)] }

func plural(noun string) string {
	for _, ending := range []string{"s", "x", "sh", "ch"} {
		if strings.HasSuffix(noun, ending) {
			return noun + "es"
		}
	}
	return noun + "s"
}

// nouns are the words of the goods' names.
func nouns() (all []string) {
	for line := range strings.Lines(shelvesText) {
		if _, goods, ok := strings.Cut(line, "): "); ok {
			all = append(all, strings.Fields(strings.ReplaceAll(goods, ",", " "))...)
		}
	}
	return all
}

// number reads one of the file; the tests read it whole, so a mistake there cannot get here.
func number(text string) int {
	n, err := strconv.Atoi(strings.TrimSpace(text))
	if err != nil {
		panic(fmt.Errorf("read shelves.txt: %w", err))
	}
	return n
}
