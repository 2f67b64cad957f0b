package stripesim

import "encoding/json"

// table keeps objects in the order they were made, found by id in one step.
type table[T any] struct {
	id    func(*T) string
	items []*T
	byID  map[string]*T
}

func newTable[T any](id func(*T) string) *table[T] {
	return &table[T]{id: id, byID: map[string]*T{}}
}

func (t *table[T]) add(item *T) {
	t.items = append(t.items, item)
	t.byID[t.id(item)] = item
}

func (t *table[T]) get(id string) *T { return t.byID[id] }

// dropOldest forgets items from the front while old says so.
func (t *table[T]) dropOldest(old func(*T) bool) {
	n := 0
	for n < len(t.items) && old(t.items[n]) {
		delete(t.byID, t.id(t.items[n]))
		n++
	}
	if n > 0 {
		t.items = append([]*T(nil), t.items[n:]...)
	}
}

// MarshalJSON writes the items in order; none is [] and not null, which would read as
// no table.
func (t *table[T]) MarshalJSON() ([]byte, error) {
	if t.items == nil {
		return []byte("[]"), nil
	}
	return json.Marshal(t.items)
}

// UnmarshalJSON reads what MarshalJSON wrote; null entries are skipped.
func (t *table[T]) UnmarshalJSON(data []byte) error {
	var items []*T
	if err := json.Unmarshal(data, &items); err != nil {
		return err
	}
	t.items, t.byID = nil, map[string]*T{}
	for _, item := range items {
		if item != nil {
			t.add(item)
		}
	}
	return nil
}
