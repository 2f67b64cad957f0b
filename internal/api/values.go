package api

import (
	"github.com/google/uuid"

	"cartwright/internal/page"
)

// or is the value, or what an absent one means.
func or[T any](value *T, absent T) T {
	if value == nil {
		return absent
	}
	return *value
}

// optionalText is nil for "".
func optionalText(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

// optionalID is nil for the nil id.
func optionalID(id uuid.UUID) *uuid.UUID {
	if id == uuid.Nil {
		return nil
	}
	return &id
}

// fromPage reads the parameters of a list.
func fromPage(limit *int32, cursor *string) page.Request {
	return page.Request{Limit: int(or(limit, 0)), Cursor: or(cursor, "")}
}

func toSlice[A, B any](in []A, f func(A) B) []B {
	out := make([]B, len(in))
	for i, a := range in {
		out[i] = f(a)
	}
	return out
}
