package pgsearch

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"cartwright/gen/db"
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

// treeAge is how old a tree may be. From half of that on it is read anew, by one while others use it.
const treeAge = 500 * time.Millisecond

// forest keeps the last tree.
type forest struct {
	db   db.DBTX
	q    *db.Queries
	now  func() time.Time
	last atomic.Pointer[tree]
	turn chan struct{} // holds one when somebody is reading
}

func newForest(on db.DBTX, now func() time.Time) *forest {
	return &forest{db: on, q: db.New(), now: now, turn: make(chan struct{}, 1)}
}

// at is the tree, not older than treeAge. It knows the slug, when one is given, if there is one now: whether
// there is, the database is asked for that slug alone, since anybody can make slugs up.
func (f *forest) at(ctx context.Context, slug string) (*tree, error) {
	t, err := f.young(ctx)
	if err != nil || slug == "" || t.knows(slug) {
		return t, err
	}
	there, err := f.q.SearchCategoryExists(ctx, f.db, slug)
	if err != nil || !there {
		return t, err
	}
	if err := f.wait(ctx); err != nil {
		return nil, err
	}
	defer f.release()
	if t = f.last.Load(); t.knows(slug) {
		return t, nil
	}
	return f.read(ctx)
}

// young is the tree, not older than treeAge.
func (f *forest) young(ctx context.Context) (*tree, error) {
	if last := f.last.Load(); last.isYounger(f.now(), treeAge/2) || last.isYounger(f.now(), treeAge) && f.isBeingRead() {
		return last, nil
	}
	if err := f.wait(ctx); err != nil {
		return nil, err
	}
	defer f.release()
	if last := f.last.Load(); last.isYounger(f.now(), treeAge/2) {
		return last, nil
	}
	return f.read(ctx)
}

func (f *forest) isBeingRead() bool { return len(f.turn) > 0 }

// wait is over when nobody else reads.
func (f *forest) wait(ctx context.Context) error {
	select {
	case f.turn <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (f *forest) release() { <-f.turn }

// read is for whoever has the turn.
func (f *forest) read(ctx context.Context) (*tree, error) {
	now := f.now()
	rows, err := f.q.SearchCategories(ctx, f.db)
	if err != nil {
		return nil, err
	}
	t := newTree(rows, now)
	f.last.Store(t)
	return t, nil
}

func (t *tree) isYounger(now time.Time, age time.Duration) bool {
	return t != nil && now.Sub(t.readAt) < age
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

// shows reports whether shoppers see the category of this slug.
func (t *tree) shows(slug string) bool {
	at, known := t.bySlug[slug]
	return known && t.nodes[at].active
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
