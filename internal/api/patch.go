package api

import (
	"maps"

	"github.com/oapi-codegen/nullable"

	"cartwright/internal/money"
)

// A change is a JSON merge patch (RFC 7396): what is absent stays, null clears. These apply one member of
// it. They replace what a pointer or a map leads to and never write there, as package catalog asks.

// set takes the value when there is one.
func set[T any](field *T, value *T) {
	if value != nil {
		*field = *value
	}
}

// setOrClear takes the value, or none for null.
func setOrClear[T any](field **T, value nullable.Nullable[T]) {
	switch given, err := value.Get(); {
	case value.IsNull():
		*field = nil
	case err == nil:
		*field = &given
	}
}

// nullable reads an amount that may be cleared; its problems are the reader's.
func (r *amountReader) nullable(field string, number nullable.Nullable[money.Number]) nullable.Nullable[money.Amount] {
	given, err := number.Get()
	switch {
	case number.IsNull():
		return nullable.NewNullNullable[money.Amount]()
	case err != nil:
		return nil
	}
	return nullable.NewNullableWithValue(r.read(field, given))
}

// mergeOptions applies a merge patch to a map: null in place of a value removes it, in place of all, all.
func mergeOptions(field *map[string]string, patch nullable.Nullable[map[string]*string]) {
	if patch.IsNull() {
		*field = nil
		return
	}
	merged := maps.Clone(*field)
	if merged == nil {
		merged = map[string]string{}
	}
	given, _ := patch.Get()
	for name, value := range given {
		if value == nil {
			delete(merged, name)
		} else {
			merged[name] = *value
		}
	}
	*field = merged
}
