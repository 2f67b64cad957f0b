package pgsearch

import (
	"context"
	"sync"
	"time"

	"github.com/google/uuid"

	"cartwright/gen/db"
	"cartwright/internal/postgres"
)

// tree is the categories at one moment.
type tree struct {
	nodes  []node
	byID   map[string]int
	bySlug map[string]int
	readAt time.Time
}

type node struct {
	id         uuid.UUID
	parent     int // -1 at a root
	name, slug string
	active     bool     // and so is everything above it
	words      []string // of its name and those above it, folded
}

// treeAge is how old a tree may be.
const treeAge = 500 * time.Millisecond

// forest keeps the last tree.
type forest struct {
	db   *postgres.DB
	q    *db.Queries
	mu   sync.Mutex
	last *tree
}

// at is the tree, not older than treeAge; missing, when given, must not be missing from it.
func (f *forest) at(ctx context.Context, now time.Time, missing func(*tree) bool) (*tree, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.last != nil && now.Sub(f.last.readAt) < treeAge && (missing == nil || !missing(f.last)) {
		return f.last, nil
	}
	rows, err := f.q.SearchCategories(ctx, f.db)
	if err != nil {
		return nil, err
	}
	f.last = newTree(rows, now)
	return f.last, nil
}

func newTree(rows []db.SearchCategoriesRow, now time.Time) *tree {
	t := &tree{
		nodes: make([]node, len(rows)), byID: make(map[string]int, len(rows)),
		bySlug: make(map[string]int, len(rows)), readAt: now,
	}
	for i, row := range rows {
		t.nodes[i] = node{id: row.ID, parent: -1, name: row.Name, slug: row.Slug, active: row.IsActive}
		t.byID[row.ID.String()] = i
		t.bySlug[row.Slug] = i
	}
	for i, row := range rows {
		if row.ParentID != nil {
			t.nodes[i].parent = t.byID[row.ParentID.String()]
		}
	}
	for i := range t.nodes {
		t.above(i, func(j int) {
			t.nodes[i].active = t.nodes[i].active && rows[j].IsActive
			for _, word := range typedWords(rows[j].Name) {
				t.nodes[i].words = append(t.nodes[i].words, word.text)
			}
		})
	}
	return t
}

// above calls back with the category and all above it. A circle, which the catalogue refuses, would end.
func (t *tree) above(i int, with func(int)) {
	for steps := 0; i >= 0 && steps < 64; steps++ {
		with(i)
		i = t.nodes[i].parent
	}
}

// knows tells whether there is a category of this slug.
func (t *tree) knows(slug string) bool {
	_, known := t.bySlug[slug]
	return known
}

// within holds when the category is top or below it.
func (t *tree) within(category string, top int) (found bool) {
	i, known := t.byID[category]
	if !known {
		return false
	}
	t.above(i, func(j int) { found = found || j == top })
	return found
}
